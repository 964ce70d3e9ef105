import { describe, expect, it } from 'vitest';
import { CLUSTER_BODIES } from '../../../src/docker/body/models/cluster-bodies.ts';
import { readBodyAs } from '../../../src/docker/body/read.ts';
import type { BodyType } from '../../../src/docker/body/types.ts';
import { writeBody } from '../../../src/docker/body/write.ts';
import { parseJson } from '../../../src/docker/strict-json.ts';
import { refusalOf } from '../refusing.ts';

const read = (operation: string, text: string, version = 56) =>
  readBodyAs(CLUSTER_BODIES[operation] as BodyType, parseJson(text), version);

const CONTAINER = '{"TaskTemplate":{"ContainerSpec":';

describe('a body of the cluster', () => {
  it.each([
    ['NetworkCreate', '{"name":"n"}', 'body-field-case', 'name'],
    ['NetworkCreate', '{"Name":"n","NAME":"m"}', 'body-field-duplicate', 'NAME'],
    ['NetworkCreate', '{"Optionſ":{"parent":"eth0"}}', 'body-field-case', '"Optionſ"'],
    [
      'NetworkCreate',
      '{"IPAM":{"Config":[{"subnet":"0.0.0.0/0"}]}}',
      'body-field-case',
      'IPAM.Config[0].subnet',
    ],
    ['NetworkCreate', '{"IPAM":{"Config":{}}}', 'body-field-type', 'IPAM.Config'],
    ['NetworkCreate', '{"Internal":"true"}', 'body-field-type', 'Internal'],
    ['NetworkCreate', '{"Options":{"a":1}}', 'body-field-type', 'Options["a"]'],
    ['NetworkConnect', '{"container":"bobc"}', 'body-field-case', 'container'],
    ['NetworkConnect', '{"Container":["c"]}', 'body-field-type', 'Container'],
    ['NetworkConnect', '{"EndpointConfig":{"Aliases":"db"}}', 'body-field-type', 'EndpointConfig.Aliases'],
    ['VolumeCreate', '{"driveropts":{"o":"bind"}}', 'body-field-case', 'driveropts'],
    ['VolumeCreate', '{"DriverOpts":{},"Driveropts":{"o":"bind"}}', 'body-field-duplicate', 'Driveropts'],
    ['VolumeCreate', '{"DriverOpts":["o=bind"]}', 'body-field-type', 'DriverOpts'],
    ['SwarmJoin', '{"RemoteAddrs":"10.0.0.1:2377"}', 'body-field-type', 'RemoteAddrs'],
    ['SwarmInit', '{"SubnetSize":-1}', 'body-field-type', 'SubnetSize'],
    ['SwarmUpdate', '{"Raft":{"SnapshotInterval":1.5}}', 'body-field-type', 'Raft.SnapshotInterval'],
    ['SecretCreate', '{"Data":["YQ=="]}', 'body-field-type', 'Data'],
    ['PluginPull', '{"Name":"network"}', 'body-field-type', undefined],
    ['PluginPull', '[null]', 'body-field-type', '[0]'],
    ['PluginPull', '[{"name":"network"}]', 'body-field-case', '[0].name'],
    ['SecretUpdate', '{"version":3,"Version":4}', 'body-field-duplicate', 'Version'],
    ['PluginSet', '["A=1",2]', 'body-field-type', '[1]'],
    ['PluginSet', '{"0":"A=1"}', 'body-field-type', undefined],
    ['ServiceCreate', '{"tasktemplate":{}}', 'body-field-case', 'tasktemplate'],
    [
      'ServiceCreate',
      `${CONTAINER}{"Command":"ls"}}}`,
      'body-field-type',
      'TaskTemplate.ContainerSpec.Command',
    ],
    [
      'ServiceCreate',
      `${CONTAINER}{"Mounts":[{"Target":"/h","source":"/"}]}}}`,
      'body-field-case',
      'TaskTemplate.ContainerSpec.Mounts[0].source',
    ],
    [
      'ServiceCreate',
      `${CONTAINER}{"Privileges":{"NoNewPrivileges":1}}}}`,
      'body-field-type',
      'TaskTemplate.ContainerSpec.Privileges.NoNewPrivileges',
    ],
    [
      'ServiceCreate',
      '{"TaskTemplate":{"PluginSpec":{"remote":"a","Remote":"b"}}}',
      'body-field-duplicate',
      'TaskTemplate.PluginSpec.Remote',
    ],
    ['ServiceCreate', '{"Mode":{"REPLICATED":{}}}', 'body-field-case', 'Mode.REPLICATED'],
    [
      'ServiceCreate',
      '{"Mode":{"Replicated":{"Replicas":-1}}}',
      'body-field-type',
      'Mode.Replicated.Replicas',
    ],
    [
      'ServiceCreate',
      '{"EndpointSpec":{"Ports":[{"PublishedPort":4294967296}]}}',
      'body-field-type',
      'EndpointSpec.Ports[0].PublishedPort',
    ],
  ])('of %s is refused: %s', (operation, text, reason, field) => {
    expect(refusalOf(() => read(operation, text))).toMatchObject({ status: 400, reason, field });
  });

  it.each([
    ['NetworkCreate', '{"IPAM":{"Config":[{"NewField":1}]}}', 'IPAM.Config[0].NewField'],
    ['VolumeCreate', '{"Mountpoint":"/etc"}', 'Mountpoint'],
    ['ServiceCreate', `${CONTAINER}{"Devices":["/dev/sda"]}}}`, 'TaskTemplate.ContainerSpec.Devices'],
    [
      'ServiceCreate',
      '{"TaskTemplate":{"PluginSpec":{"PluginPrivilege":[{}]}}}',
      'TaskTemplate.PluginSpec.PluginPrivilege',
    ],
    ['NodeUpdate', '{"Role":"worker","Addr":"10.0.0.1"}', 'Addr'],
  ])('of %s that has a field nobody knows says which: %s', (operation, text, field) => {
    expect(read(operation, text).unknown).toEqual([field]);
  });

  it.each([
    [
      'ServiceCreate',
      43,
      `${CONTAINER}{"Privileges":{"NoNewPrivileges":true}}}}`,
      'TaskTemplate.ContainerSpec.Privileges.NoNewPrivileges',
    ],
    [
      'ServiceCreate',
      40,
      `${CONTAINER}{"CapabilityDrop":["ALL"]}}}`,
      'TaskTemplate.ContainerSpec.CapabilityDrop',
    ],
    [
      'ServiceCreate',
      40,
      '{"TaskTemplate":{"Resources":{"Limits":{"Pids":10}}}}',
      'TaskTemplate.Resources.Limits.Pids',
    ],
    ['VolumeCreate', 41, '{"ClusterVolumeSpec":{"Group":"g"}}', 'ClusterVolumeSpec'],
  ])('of %s does not know in 1.%i what an Engine would drop there: %s', (operation, version, text, field) => {
    expect(read(operation, text, version).unknown).toEqual([field]);
    expect(read(operation, text, version + 1).unknown).toEqual([]);
  });

  it('takes SubnetSize in every version, which the docker CLI sends in every one', () => {
    expect(read('SwarmInit', '{"SubnetSize":24}', 24).unknown).toEqual([]);
  });

  it('takes the spelling of docker-py for modes and writes the one of the API', () => {
    const { value } = read('ServiceCreate', '{"Mode":{"replicated":{"Replicas":2}}}');
    expect(writeBody(CLUSTER_BODIES['ServiceCreate'] as BodyType, value)).toBe(
      '{"Mode":{"Replicated":{"Replicas":2}}}',
    );
  });

  it('takes the published spelling of a plugin and writes the one that the Engine reads', () => {
    const { value } = read(
      'ServiceCreate',
      '{"TaskTemplate":{"PluginSpec":{"Remote":"a/b","Disabled":true}}}',
    );
    expect(writeBody(CLUSTER_BODIES['ServiceCreate'] as BodyType, value)).toBe(
      '{"TaskTemplate":{"PluginSpec":{"remote":"a/b","disabled":true}}}',
    );
  });

  it('may be null for a plugin that asks for no privileges', () => {
    const { value } = read('PluginPull', 'null');
    expect(writeBody(CLUSTER_BODIES['PluginPull'] as BodyType, value)).toBe('[]');
  });
});
