import { describe, expect, it } from 'vitest';
import { CONTAINER_BODIES } from '../../../src/docker/body/models/container-bodies.ts';
import { readBodyAs } from '../../../src/docker/body/read.ts';
import type { BodyType } from '../../../src/docker/body/types.ts';
import { writeBody } from '../../../src/docker/body/write.ts';
import { parseJson } from '../../../src/docker/strict-json.ts';
import { refusalOf } from '../refusing.ts';

const body = (operation: string) => CONTAINER_BODIES[operation] as BodyType;
const read = (operation: string, text: string, version = 41) =>
  readBodyAs(body(operation), parseJson(text), version);
const host = (text: string) => `{"HostConfig":${text}}`;
const mount = (text: string) => host(`{"Mounts":[${text}]}`);
const endpoint = (text: string) => `{"NetworkingConfig":{"EndpointsConfig":{"n":${text}}}}`;

describe('a body of a container operation', () => {
  it.each([
    ['ContainerCreate', '{"image":"a"}', 'body-field-case', 'image'],
    ['ContainerCreate', '{"Image":"a","IMAGE":"b"}', 'body-field-duplicate', 'IMAGE'],
    [
      'ContainerCreate',
      '{"HostConfig":{},"hostconfig":{"Privileged":true}}',
      'body-field-duplicate',
      'hostconfig',
    ],
    ['ContainerCreate', '{"Ho\u017ftConfig":{"Privileged":true}}', 'body-field-case', '"Ho\u017ftConfig"'],
    ['ContainerCreate', '{"Image":["a"]}', 'body-field-type', 'Image'],
    ['ContainerCreate', '{"Env":{"A":"1"}}', 'body-field-type', 'Env'],
    ['ContainerCreate', '{"Env":"A=1"}', 'body-field-type', 'Env'],
    ['ContainerCreate', '{"Cmd":[["a"]]}', 'body-field-type', 'Cmd[0]'],
    ['ContainerCreate', '{"Labels":["a=b"]}', 'body-field-type', 'Labels'],
    ['ContainerCreate', '{"Labels":{"a":1}}', 'body-field-type', 'Labels["a"]'],
    ['ContainerCreate', '{"Volumes":{"/x":"/y"}}', 'body-field-type', 'Volumes["/x"]'],
    ['ContainerCreate', '{"ExposedPorts":["80/tcp"]}', 'body-field-type', 'ExposedPorts'],
    ['ContainerCreate', '{"StopTimeout":"7"}', 'body-field-type', 'StopTimeout'],
    ['ContainerCreate', '{"Healthcheck":{"Interval":1e9}}', 'body-field-type', 'Healthcheck.Interval'],
    ['ContainerCreate', host('[]'), 'body-field-type', 'HostConfig'],
    ['ContainerCreate', host('{"privileged":true}'), 'body-field-case', 'HostConfig.privileged'],
    ['ContainerCreate', host('{"Privileged":"true"}'), 'body-field-type', 'HostConfig.Privileged'],
    ['ContainerCreate', host('{"Bind\u017f":["/:/h"]}'), 'body-field-case', 'HostConfig."Bind\u017f"'],
    ['ContainerCreate', host('{"Binds":"/:/h"}'), 'body-field-type', 'HostConfig.Binds'],
    ['ContainerCreate', host('{"Memory":1.5}'), 'body-field-type', 'HostConfig.Memory'],
    ['ContainerCreate', host('{"Memory":9223372036854775808}'), 'body-field-type', 'HostConfig.Memory'],
    ['ContainerCreate', host('{"NanoCPUs":1}'), 'body-field-case', 'HostConfig.NanoCPUs'],
    ['ContainerCreate', host('{"BlkioWeight":65536}'), 'body-field-type', 'HostConfig.BlkioWeight'],
    ['ContainerCreate', host('{"IOMaximumIOps":-1}'), 'body-field-type', 'HostConfig.IOMaximumIOps'],
    ['ContainerCreate', host('{"Umask":4294967296}'), 'body-field-type', 'HostConfig.Umask'],
    ['ContainerCreate', host('{"CapAdd":{"0":"ALL"}}'), 'body-field-type', 'HostConfig.CapAdd'],
    [
      'ContainerCreate',
      host('{"SecurityOpt":"seccomp=unconfined"}'),
      'body-field-type',
      'HostConfig.SecurityOpt',
    ],
    ['ContainerCreate', host('{"Sysctls":{"a":1}}'), 'body-field-type', 'HostConfig.Sysctls["a"]'],
    ['ContainerCreate', host('{"Devices":["/dev/sda"]}'), 'body-field-type', 'HostConfig.Devices[0]'],
    [
      'ContainerCreate',
      host('{"Devices":[{"pathOnHost":"/dev/sda"}]}'),
      'body-field-case',
      'HostConfig.Devices[0].pathOnHost',
    ],
    [
      'ContainerCreate',
      host('{"PortBindings":{"80/tcp":[{"HostPort":80}]}}'),
      'body-field-type',
      'HostConfig.PortBindings["80/tcp"][0].HostPort',
    ],
    [
      'ContainerCreate',
      host('{"PortBindings":{"80/tcp":{"HostPort":"80"}}}'),
      'body-field-type',
      'HostConfig.PortBindings["80/tcp"]',
    ],
    ['ContainerCreate', host('{"RestartPolicy":"always"}'), 'body-field-type', 'HostConfig.RestartPolicy'],
    ['ContainerCreate', host('{"Ulimits":[null]}'), 'body-field-type', 'HostConfig.Ulimits[0]'],
    [
      'ContainerCreate',
      mount('{"source":"/","Target":"/h"}'),
      'body-field-case',
      'HostConfig.Mounts[0].source',
    ],
    [
      'ContainerCreate',
      mount('{"Source":"a","SOURCE":"/"}'),
      'body-field-duplicate',
      'HostConfig.Mounts[0].SOURCE',
    ],
    [
      'ContainerCreate',
      mount('{"VolumeOptions":{"DriverConfig":{"options":{"o":"bind"}}}}'),
      'body-field-case',
      'HostConfig.Mounts[0].VolumeOptions.DriverConfig.options',
    ],
    [
      'ContainerCreate',
      endpoint('{"Aliases":"a"}'),
      'body-field-type',
      'NetworkingConfig.EndpointsConfig["n"].Aliases',
    ],
    [
      'ContainerCreate',
      endpoint('{"ipamconfig":{}}'),
      'body-field-case',
      'NetworkingConfig.EndpointsConfig["n"].ipamconfig',
    ],
    ['ContainerUpdate', '{"restartPolicy":{"Name":"always"}}', 'body-field-case', 'restartPolicy'],
    ['ContainerUpdate', '{"PidsLimit":true}', 'body-field-type', 'PidsLimit'],
    ['ContainerExec', '{"privileged":true}', 'body-field-case', 'privileged'],
    ['ContainerExec', '{"Cmd":"ls"}', 'body-field-type', 'Cmd'],
    ['ContainerExec', '{"DETACHKEYS":"a"}', 'body-field-case', 'DETACHKEYS'],
    ['ContainerExec', '{"ConsoleSize":[1,-1]}', 'body-field-type', 'ConsoleSize[1]'],
    ['ExecStart', '{"detach":true}', 'body-field-case', 'detach'],
    ['ExecStart', '{"Hijack":true}', 'body-field-case', 'Hijack'],
    ['ImageCommit', '{"cmd":["a"]}', 'body-field-case', 'cmd'],
    ['ContainerCheckpointCreate', '{"checkpointDir":"/etc"}', 'body-field-case', 'checkpointDir'],
    ['SystemAuth', '{"Password":"s3cret"}', 'body-field-case', 'Password'],
    ['SystemAuth', '[]', 'body-field-type', undefined],
  ])('%s %s is refused', (operation, text, reason, field) => {
    expect(refusalOf(() => read(operation, text))).toMatchObject({ status: 400, reason, field });
  });

  it('of SystemAuth is refused without a word of its secrets', () => {
    const said = refusalOf(() => read('SystemAuth', '{"password":["s3cret"],"auth":"s3cret"}'));
    expect(JSON.stringify(said)).not.toContain('s3cret');
  });

  it.each([
    ['ContainerCreate', host('{"InitPath":"/bin/sh"}'), ['HostConfig.InitPath']],
    ['ContainerCreate', host('{"LxcConf":{"a":"b"}}'), ['HostConfig.LxcConf']],
    ['ContainerCreate', host('{"Capabilities":["SYS_ADMIN"]}'), ['HostConfig.Capabilities']],
    [
      'ContainerCreate',
      mount('{"Type":"volume","VolumeOptions":{"Subpath":"a"}}'),
      ['HostConfig.Mounts[0].VolumeOptions.Subpath'],
    ],
    [
      'ContainerCreate',
      mount('{"Type":"cluster","ClusterOptions":{"a":1}}'),
      ['HostConfig.Mounts[0].ClusterOptions.a'],
    ],
    ['ContainerCreate', endpoint('{"Network":"m"}'), ['NetworkingConfig.EndpointsConfig["n"].Network']],
    ['ContainerCreate', '{"Volumes":{"/x":{"Source":"/"}}}', ['Volumes["/x"].Source']],
    ['ContainerUpdate', '{"Privileged":true}', ['Privileged']],
    ['ContainerExec', '{"CapAdd":["ALL"]}', ['CapAdd']],
    ['ImageCommit', '{"Binds":["/:/h"]}', ['Binds']],
    ['SystemAuth', '{"credHelper":"x"}', ['credHelper']],
  ])('%s %s says which field nobody knows', (operation, text, unknown) => {
    expect(read(operation, text).unknown).toEqual(unknown);
  });

  it('knows Capabilities in API 1.40 alone, which Docker 19.03 reads', () => {
    const text = host('{"Capabilities":["SYS_ADMIN"]}');
    expect([39, 40, 41].map((version) => read('ContainerCreate', text, version).unknown.length)).toEqual([
      1, 0, 1,
    ]);
  });

  it.each([
    [44, '{"Type":"volume","VolumeOptions":{"Subpath":"a"}}'],
    [43, '{"Type":"bind","BindOptions":{"ReadOnlyForceRecursive":true}}'],
  ])('does not know in 1.%i what the Engine refuses there: %s', (version, text) => {
    expect(read('ContainerCreate', mount(text), version).unknown).toHaveLength(1);
    expect(read('ContainerCreate', mount(text), version + 1).unknown).toEqual([]);
  });
});

describe('a field of HostConfig at the top level (A011)', () => {
  it.each([
    ['Privileged', 'true', 'it belongs in HostConfig.Privileged'],
    ['Binds', '["/:/h"]', 'it belongs in HostConfig.Binds'],
    ['PidMode', '"host"', 'it belongs in HostConfig.PidMode'],
    ['Memory', '67108864', 'it belongs in HostConfig.Memory'],
    ['MemorySwap', '-1', 'it belongs in HostConfig.MemorySwap'],
    ['CpuShares', '512', 'it belongs in HostConfig.CpuShares'],
    ['Cpuset', '"0"', 'it belongs in HostConfig.CpusetCpus'],
    ['VolumeDriver', '"x"', 'it belongs in HostConfig.VolumeDriver'],
    ['Runtime', '"x"', 'it belongs in HostConfig.Runtime'],
  ])('%s is unknown, and the reader is told where it belongs', (name, value, hint) => {
    const { unknown, hints } = read('ContainerCreate', `{"Image":"a","HostConfig":{},"${name}":${value}}`);
    expect(unknown).toEqual([name]);
    expect(hints).toEqual({ [name]: hint });
  });

  it('that old clients send without a value is dropped', () => {
    const text =
      '{"Image":"a","Memory":0,"MemorySwap":0,"CpuShares":0,"Cpuset":"","VolumeDriver":"","VolumesFrom":[],"Runtime":null}';
    const { value, unknown } = read('ContainerCreate', text);
    expect(unknown).toEqual([]);
    expect(writeBody(body('ContainerCreate'), value)).toBe('{"Image":"a"}');
  });
});

describe('a value that means something by being empty', () => {
  it.each([
    host('{"MaskedPaths":[],"ReadonlyPaths":[]}'),
    host('{"Init":false,"MemorySwappiness":0,"OomKillDisable":false,"PidsLimit":0}'),
    '{"Cmd":[],"Entrypoint":[],"StopTimeout":0}',
    '{"ExposedPorts":{"80/tcp":{}},"Volumes":{"/x":{}}}',
  ])('is kept: %s', (text) => {
    expect(writeBody(body('ContainerCreate'), read('ContainerCreate', text).value)).toBe(text);
  });
});
