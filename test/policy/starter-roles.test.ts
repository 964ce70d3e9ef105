import { describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../src/docker/operations.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { ask } from './support.ts';

const policy = await loadPolicy({
  model: new URL('../../policies/model.conf', import.meta.url).pathname,
  grants: new URL('../../policies/grants.csv', import.meta.url).pathname,
  profiles: new URL('../../policies/profiles.yaml', import.meta.url).pathname,
});

/** What a role may do on some object of the operation's kind. */
function allowed(role: string): string[] {
  return OPERATIONS.filter(
    (operation) =>
      ask(policy, { name: 'x', roles: [role] }, operation.id, `${operation.kind}/-/x`).effect === 'allow',
  )
    .map(({ id }) => id)
    .sort();
}

// Typed in, not derived: a change of a class in the catalogue must not widen a role unseen.
const VIEWER = [
  ...['ContainerInspect', 'ContainerList', 'ContainerStats', 'ImageHistory', 'ImageInspect', 'ImageList'],
  ...[
    'NetworkInspect',
    'NetworkList',
    'NodeInspect',
    'NodeList',
    'PluginInspect',
    'PluginInspectLegacy',
    'PluginList',
  ],
  ...[
    'ServiceInspect',
    'ServiceList',
    'SystemDataUsage',
    'SystemEvents',
    'SystemInfo',
    'SystemPing',
    'SystemPingHead',
  ],
  ...['SystemVersion', 'TaskInspect', 'TaskList', 'VolumeInspect', 'VolumeList'],
].sort();

const CI = [
  ...VIEWER,
  ...['BuildPrune', 'ImageBuild', 'SystemAuth', 'DistributionInspect'],
  ...['ImageCreate', 'ImageDelete', 'ImageGet', 'ImageGetAll', 'ImageLoad', 'ImagePush', 'ImageTag'],
  ...[
    'ContainerCreate',
    'ContainerDelete',
    'ContainerKill',
    'ContainerStart',
    'ContainerStop',
    'ContainerWait',
  ],
  ...['ContainerArchive', 'ContainerArchiveInfo', 'ContainerAttach', 'ContainerExec', 'ContainerLogs'],
  ...['ContainerResize', 'ExecInspect', 'ExecResize', 'ExecStart', 'PutContainerArchive'],
  ...[
    'NetworkConnect',
    'NetworkCreate',
    'NetworkDelete',
    'NetworkDisconnect',
    'VolumeCreate',
    'VolumeDelete',
  ],
].sort();

const NOT_DEVELOPER = [
  'BuildCancel',
  ...['ConfigCreate', 'ConfigDelete', 'ConfigInspect', 'ConfigList', 'ConfigUpdate'],
  ...['ContainerCheckpointCreate', 'ContainerCheckpointDelete', 'ContainerCheckpointList'],
  ...['DebugPprofCmdline', 'DebugPprofNamed', 'DebugPprofProfile', 'DebugPprofSymbol', 'DebugPprofTrace'],
  ...['DebugVars', 'GetPluginPrivileges', 'Grpc', 'NodeDelete', 'NodeUpdate', 'PluginCreate', 'PluginDelete'],
  ...['PluginDisable', 'PluginEnable', 'PluginPull', 'PluginPush', 'PluginSet', 'PluginUpgrade'],
  ...['SecretCreate', 'SecretDelete', 'SecretInspect', 'SecretList', 'SecretUpdate'],
  ...['ServiceCreate', 'ServiceDelete', 'ServiceUpdate', 'Session', 'SwarmInit', 'SwarmInspect', 'SwarmJoin'],
  ...['SwarmLeave', 'SwarmUnlock', 'SwarmUnlockkey', 'SwarmUpdate'],
].sort();

describe('the starter roles', () => {
  it('operator may do everything', () => {
    expect(allowed('operator')).toEqual(OPERATIONS.map(({ id }) => id).sort());
  });

  it('viewer may list and inspect and nothing else', () => {
    expect(allowed('viewer')).toEqual(VIEWER);
  });

  it('ci may do what a build and test job needs and nothing else', () => {
    expect(allowed('ci')).toEqual(CI);
  });

  it('developer may do everything but opaque channels, plugins, swarm and secrets', () => {
    const all = OPERATIONS.map(({ id }) => id).sort();
    expect(allowed('developer')).toEqual(all.filter((id) => !NOT_DEVELOPER.includes(id)));
  });

  it('a principal without a role, and one with a role that nobody wrote, may do nothing', () => {
    expect(allowed('')).toEqual([]);
    expect(allowed('admin')).toEqual([]);
  });
});
