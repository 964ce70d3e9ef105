import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CLUSTER_BODIES } from '../../../src/docker/body/models/cluster-bodies.ts';
import { CONTAINER_BODIES } from '../../../src/docker/body/models/container-bodies.ts';
import type { BodyType } from '../../../src/docker/body/types.ts';
import { OPERATIONS } from '../../../src/docker/operations.ts';
import { fieldsOf, leavesOf } from './paths.ts';

/**
 * Names of fields and the minors of the first and last API version that have them: `moby`, as the Go types of its
 * releases 1.13 to API 1.56.1 decode them; `api`, as the published descriptions 1.25 to 1.56 say.
 */
const rows = readFileSync('test/data/cluster-body-fields.tsv', 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split('\t') as [operation: string, field: string, source: string, ...string[]]);
const named = (operation: string, source: string) =>
  rows.filter(([id, , from]) => id === operation && from === source).map(([, field]) => field);

const bodyOf = (operation: string): BodyType => {
  const body = CLUSTER_BODIES[operation];
  if (body === undefined) throw new Error(`no body of ${operation}`);
  return body;
};

/** What the published description says and no Engine reads so. */
const MISPLACED =
  /^(Cluster|)(Volume)?Spec\.AccessMode\.(AccessibilityRequirements|Availability|CapacityRange|Secrets)/;
const RENAMED = /^TaskTemplate\.PluginSpec\.(PluginPrivilege|Name|Remote|Disabled)/;

const compared = [...new Set(rows.map(([operation]) => operation))];

describe('the bodies of a cluster', () => {
  it('are there for every operation with a JSON body that has none among the containers', () => {
    const wanted = OPERATIONS.filter(({ body }) => body === 'json' || body === 'json-optional')
      .map(({ id }) => id)
      .filter((id) => !Object.hasOwn(CONTAINER_BODIES, id));
    expect(Object.keys(CLUSTER_BODIES).sort()).toEqual(wanted.sort());
  });

  it.each(compared)('have the fields that Engines read: %s', (operation) => {
    expect([...leavesOf(bodyOf(operation))].sort()).toEqual(named(operation, 'moby').sort());
  });

  it.each(compared)('have the fields that the published descriptions name: %s', (operation) => {
    const have = fieldsOf(bodyOf(operation));
    const missing = named(operation, 'api')
      .filter((field) => !MISPLACED.test(field) && !RENAMED.test(field))
      .filter((field) => !have.has(field));
    expect(missing).toEqual([]);
  });

  it.each([
    ['ServiceCreate', 'ServiceUpdate'],
    ['SecretCreate', 'SecretUpdate'],
    ['ConfigCreate', 'ConfigUpdate'],
    ['PluginPull', 'PluginUpgrade'],
  ])('are the same for %s and %s', (create, update) => {
    expect(leavesOf(bodyOf(update))).toEqual(leavesOf(bodyOf(create)));
  });

  // moby, api/server/router/{swarm/helpers.go,swarm/cluster_routes.go,network/network_routes.go,volume/volume_routes.go}
  it.each([
    ['NetworkCreate', { EnableIPv4: 48 }],
    ['NetworkDisconnect', {}],
    ['VolumeCreate', { ClusterVolumeSpec: 42 }],
    ['SwarmInit', { DefaultAddrPool: 39, DataPathPort: 40 }],
    ['SwarmJoin', {}],
    ['SwarmUpdate', {}],
    ['NodeUpdate', {}],
    ['SecretCreate', { Templating: 37 }],
    ['ConfigCreate', { Templating: 37 }],
    [
      'ServiceCreate',
      {
        'Mode.GlobalJob': 41,
        'Mode.ReplicatedJob': 41,
        'TaskTemplate.ContainerSpec.CapabilityAdd': 41,
        'TaskTemplate.ContainerSpec.CapabilityDrop': 41,
        'TaskTemplate.ContainerSpec.Configs[].Runtime': 40,
        'TaskTemplate.ContainerSpec.Mounts[].BindOptions.ReadOnlyForceRecursive': 44,
        'TaskTemplate.ContainerSpec.Mounts[].VolumeOptions.Subpath': 45,
        'TaskTemplate.ContainerSpec.OomScoreAdj': 46,
        'TaskTemplate.ContainerSpec.Privileges.AppArmor': 44,
        'TaskTemplate.ContainerSpec.Privileges.CredentialSpec.Config': 40,
        'TaskTemplate.ContainerSpec.Privileges.NoNewPrivileges': 44,
        'TaskTemplate.ContainerSpec.Privileges.Seccomp': 44,
        'TaskTemplate.ContainerSpec.Sysctls': 40,
        'TaskTemplate.ContainerSpec.Ulimits': 41,
        'TaskTemplate.Placement.MaxReplicas': 40,
        'TaskTemplate.Resources.Limits.Pids': 41,
        'TaskTemplate.Resources.MemorySwappiness': 52,
        'TaskTemplate.Resources.SwapBytes': 52,
      },
    ],
  ])(
    'of %s have fields that an Engine does not read in older versions, and says so of no others',
    (id, since) => {
      const gated = [...fieldsOf(bodyOf(id))].filter(([, field]) => field.since !== undefined);
      expect(Object.fromEntries(gated.map(([path, field]) => [path, field.since]))).toEqual(since);
    },
  );

  it.each([
    ['SecretCreate', ['Data', 'Driver.Options', 'Templating.Options']],
    ['ConfigCreate', ['Data', 'Templating.Options']],
    ['SwarmJoin', ['JoinToken']],
    ['SwarmUnlock', ['UnlockKey']],
    [
      'SwarmUpdate',
      ['CAConfig.ExternalCAs[].Options', 'CAConfig.SigningCAKey', 'TaskDefaults.LogDriver.Options'],
    ],
    ['VolumeCreate', ['DriverOpts']],
    [
      'ServiceCreate',
      [
        'TaskTemplate.ContainerSpec.Env',
        'TaskTemplate.ContainerSpec.Mounts[].VolumeOptions.DriverConfig.Options',
        'TaskTemplate.LogDriver.Options',
        'TaskTemplate.PluginSpec.env',
      ],
    ],
  ])('of %s say which fields are secrets', (id, secrets) => {
    const marked = [...fieldsOf(bodyOf(id))].filter(([, field]) => field.secret === true);
    expect(marked.map(([path]) => path).sort()).toEqual(secrets);
  });
});
