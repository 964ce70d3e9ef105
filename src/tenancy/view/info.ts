import type { ApiRequest } from '../../docker/types.ts';
import type { Sight } from '../sight.ts';
import { seenContainers } from './container-list.ts';
import { seenImages } from './image-list.ts';
import {
  checked,
  type Edit,
  editElements,
  editMembers,
  endOf,
  isNull,
  keeping,
  leaveOut,
  membersOf,
  writeObject,
} from './raw-json.ts';
import { objectOf, textOf } from './shown.ts';
import type { Ask, JsonView } from './types.ts';

/**
 * What any user of an Engine needs to know of it: what it is and what it can do. Everything else that it tells is the
 * operator's business or counts others; a member that is not named in this file is left out.
 */
const SHOWN = [
  'ID Name Driver MemoryLimit SwapLimit KernelMemory KernelMemoryTCP CpuCfsPeriod CpuCfsQuota CPUShares CPUSet',
  'PidsLimit IPv4Forwarding BridgeNfIptables BridgeNfIp6tables OomKillDisable Debug SystemTime LoggingDriver',
  'CgroupDriver CgroupVersion KernelVersion OperatingSystem OSVersion OSType Architecture IndexServerAddress NCPU',
  'MemTotal DockerRootDir ExperimentalBuild ServerVersion DefaultRuntime LiveRestoreEnabled Isolation InitBinary',
  'ContainerdCommit RuncCommit InitCommit SecurityOptions',
].flatMap((line) => line.split(' '));

/**
 * Members that clients expect, with what a fresh Engine writes: proxies and registries, labels and devices of the
 * host; how busy it is with others.
 */
const EMPTIED: readonly (readonly [string, string])[] = [
  ['HttpProxy', '""'],
  ['HttpsProxy', '""'],
  ['NoProxy', '""'],
  [
    'RegistryConfig',
    '{"AllowNondistributableArtifactsCIDRs":[],"AllowNondistributableArtifactsHostnames":[],"InsecureRegistryCIDRs":[],"IndexConfigs":{},"Mirrors":[]}',
  ],
  ['Labels', '[]'],
  ['GenericResources', 'null'],
  ['NFd', '0'],
  ['NGoroutines', '0'],
  ['NEventsListener', '0'],
  ['Warnings', 'null'],
];

/**
 * What the storage driver tells of how it works; clients find out so whether images are containerd's. Not how much of
 * the host is used, nor of which devices it is made.
 */
const DRIVER_FACTS = new Set([
  'driver-type',
  'Backing Filesystem',
  'Supports d_type',
  'Native Overlay Diff',
  'Using metacopy',
  'userxattr',
]);

/** The Engine as the principal sees it, with its own numbers of containers and images. */
export const INFO: JsonView = {
  kind: 'json',
  async rewrite(body, sight, api, ask) {
    if (sight.all('engine') && sight.all('container') && sight.all('image')) return body;
    const counts = await countSeen(sight, api, ask);
    const edits = new Map<string, Edit>(
      Object.entries(counts).map(([name, count]) => [name, () => `${count}`] as const),
    );
    const engine = sight.all('engine') ? [] : [...keeping(SHOWN), ...ENGINE_EDITS];
    for (const [name, edit] of engine) edits.set(name, edit);
    return editMembers(checked(body), edits, sight.all('engine') ? undefined : leaveOut) + endOf(body);
  },
};

const ENGINE_EDITS: readonly (readonly [string, Edit])[] = [
  ...EMPTIED.map(([name, value]) => [name, () => value] as const),
  ['DriverStatus', (pairs) => editElements(pairs, driverFact)],
  ['Plugins', (raw) => editMembers(raw, new Map(keeping(['Volume', 'Network', 'Log'])), () => 'null')],
  ['Runtimes', runtimeNames],
  ['Swarm', swarmState],
];

/** A pair of name and value. */
function driverFact(raw: string): string | undefined {
  const pair: unknown = JSON.parse(raw);
  return Array.isArray(pair) && DRIVER_FACTS.has(textOf(pair[0])) ? raw : undefined;
}

/** Which runtimes one can ask for, and not what on the host they are. */
function runtimeNames(raw: string): string {
  if (isNull(raw)) return raw;
  return writeObject(membersOf(raw).map((member) => ({ ...member, raw: '{"path":""}' })));
}

/** Whether there is a swarm; not of which nodes, nor by which rules. */
function swarmState(raw: string): string {
  const edits = new Map<string, Edit>([
    ...keeping(['LocalNodeState', 'ControlAvailable']),
    ['NodeID', () => '""'],
    ['NodeAddr', () => '""'],
    ['Error', () => '""'],
    ['RemoteManagers', () => 'null'],
  ]);
  return editMembers(raw, edits, leaveOut);
}

/** As the Engine counts (moby, daemon/info.go): a container that restarts counts as stopped. */
async function countSeen(sight: Sight, api: ApiRequest, ask: Ask): Promise<Readonly<Record<string, number>>> {
  const version = `/v1.${api.version}`;
  const [containers, images] = await Promise.all([
    ask(`${version}/containers/json?all=1`),
    ask(`${version}/images/json`),
  ]);
  const states = (await seenContainers(containers, sight)).map((raw) => objectOf(JSON.parse(raw))['State']);
  const running = states.filter((state) => state === 'running').length;
  const paused = states.filter((state) => state === 'paused').length;
  return {
    Containers: states.length,
    ContainersRunning: running,
    ContainersPaused: paused,
    ContainersStopped: states.length - running - paused,
    Images: seenImages(images, sight).length,
  };
}
