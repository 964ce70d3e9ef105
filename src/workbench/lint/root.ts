import { readContent } from '../../docker/content.ts';
import { factsOf } from '../../docker/facts/facts.ts';
import { NO_FACTS } from '../../docker/facts/none.ts';
import { findOperation } from '../../docker/operations.ts';
import { parseRequest } from '../../docker/request.ts';
import { CEILING, FLOOR } from '../../docker/versions.ts';
import type { Grant } from '../../policy/grants.ts';
import { UNKNOWN_FIELDS } from '../../policy/operations-column.ts';
import { SENSITIVE } from '../suggest/dangers.ts';
import type { LintContext } from './context.ts';
import { coversPattern } from './cover.ts';
import type { Found } from './finding.ts';
import { askedOf, may, type Probe } from './formula.ts';

/** A way to become root on the host of the Engine. */
interface Way {
  readonly operation: string;
  readonly target: string;
  readonly body?: object;
  /** The same without what does the harm. */
  readonly harmless?: object;
  /** What whoever may do it may do, to follow "whoever has it may". */
  readonly words: string;
}

const host = (HostConfig: object): object => ({ Image: 'busybox', HostConfig });
const bind = (Source: string): object => ({ Type: 'bind', Source, Target: '/host' });
const mounted = (path: string): object => ({
  Name: 'probe',
  TaskTemplate: { ContainerSpec: { Image: 'busybox', Mounts: [bind(path)] } },
});
/** A volume that is the whole host. */
const DriverConfig = { Name: 'local', Options: { type: 'none', o: 'bind', device: '/' } };

/** Ways by one path of the host. A socket needs no right to write: to read its folder is enough. */
function waysTo(path: string): Way[] {
  const words = 'mount paths of the host that lead to root';
  const create = (body: object): Way => way('ContainerCreate', '/containers/create', words, host(body));
  return [
    create({ Binds: [`${path}:/host`] }),
    ...(/^\/$|run/.test(path) ? [create({ Binds: [`${path}:/host:ro`] })] : []),
    way('ServiceCreate', '/services/create', 'run services that mount paths of a node', mounted(path)),
    way(
      'ServiceUpdate',
      '/services/probe/update?version=1',
      'have services mount paths of a node',
      mounted(path),
    ),
  ];
}

/** Paths that are root by themselves: a condition may allow these alone. */
const PATHS = [...SENSITIVE, '/home', '/run/docker.sock', '/var/run/docker.sock'];
/** By each of these alone a container gets at the host. */
const CAPABILITIES = ['SYS_ADMIN', 'ALL', 'SYS_MODULE', 'SYS_RAWIO', 'DAC_READ_SEARCH'];

const WAYS: readonly Way[] = [
  way('ContainerCreate', '/containers/create', 'start privileged containers', host({ Privileged: true })),
  way(
    'ContainerCreate',
    '/containers/create',
    'give containers devices of the host',
    host({ Devices: [{ PathOnHost: '/dev/sda', PathInContainer: '/dev/sda', CgroupPermissions: 'rwm' }] }),
  ),
  way(
    'ContainerCreate',
    '/containers/create',
    'give containers devices of the host',
    host({ DeviceCgroupRules: ['a *:* rwm'] }),
  ),
  ...CAPABILITIES.map((name) =>
    way(
      'ContainerCreate',
      '/containers/create',
      'add capabilities that lead to the host',
      host({ CapAdd: [name] }),
    ),
  ),
  way('ContainerCreate', '/containers/create', 'share the processes of the host', host({ PidMode: 'host' })),
  ...[
    { Binds: ['/:/host'] },
    { Mounts: [bind('/')] },
    { Mounts: [{ Type: 'volume', Target: '/host', VolumeOptions: { DriverConfig } }] },
  ].map((each) => way('ContainerCreate', '/containers/create', 'mount any path of the host', host(each))),
  way('VolumeCreate', '/volumes/create', 'make volumes out of any path of the host', {
    Name: 'probe',
    Driver: 'local',
    DriverOpts: DriverConfig.Options,
  }),
  way('ServiceCreate', '/services/create', 'run services that mount any path of a node', mounted('/')),
  way(
    'ServiceUpdate',
    '/services/probe/update?version=1',
    'have services mount any path of a node',
    mounted('/'),
  ),
  ...PATHS.flatMap(waysTo),
  way('ContainerExec', '/containers/probe/exec', 'run privileged processes in containers', {
    Cmd: ['sh'],
    Privileged: true,
  }),
  way('PluginPull', '/plugins/pull?remote=probe', 'install plugins, which run as root on the host', [
    { Name: 'mount', Description: '', Value: ['/'] },
  ]),
  way('PluginCreate', '/plugins/create?name=probe', 'make plugins, which run as root on the host'),
  way(
    'PluginUpgrade',
    '/plugins/probe/upgrade?remote=probe',
    'replace plugins, which run as root on the host',
    [],
  ),
  way('PluginSet', '/plugins/probe/set', 'set what plugins mount, which run as root on the host', [
    'mount.source=/',
  ]),
  way('SwarmInspect', '/swarm', 'read the tokens by which a machine joins the swarm as a manager'),
  way('SwarmJoin', '/swarm/join', 'hand the Engine to the managers of another swarm', {
    RemoteAddrs: ['10.0.0.1:2377'],
  }),
  way('SwarmInit', '/swarm/init', 'make the Engine the manager of a swarm', { ListenAddr: '0.0.0.0:2377' }),
  way('NodeUpdate', '/nodes/probe/update?version=1', 'make nodes managers of the swarm', {
    Role: 'manager',
    Availability: 'active',
  }),
  way('Session', '/session', 'open BuildKit sessions, in which nothing is judged'),
  way(
    'Grpc',
    '/grpc',
    "speak with BuildKit directly, where nothing is judged, other people's builds included",
  ),
];

function way(operation: string, target: string, words: string, body?: object): Way {
  return body === undefined
    ? { operation, target, words }
    : { operation, target, words, body, harmless: without(body) };
}

/** A body with the names that it gives, and nothing else that a condition could mind. */
function without(body: object): object {
  if (Array.isArray(body)) return [];
  const { Image, Name, Cmd } = body as Readonly<Record<string, unknown>>;
  const isService = 'TaskTemplate' in body;
  return {
    ...(Image === undefined ? {} : { Image }),
    ...(Name === undefined ? {} : { Name }),
    ...(Cmd === undefined ? {} : { Cmd }),
    ...(isService ? { TaskTemplate: { ContainerSpec: { Image: 'busybox' } } } : {}),
  };
}

/** Operations that lead into a container as it is, whatever it was given when it was made. */
const ENTERING = ['ContainerExec', 'ContainerAttach', 'PutContainerArchive'];
/** Operations that give an image a name that others run it by. */
const NAMING = ['ImageLoad', 'ImageTag', 'ImageBuild', 'ImageCommit'];

/** Every container, of whomever. */
const ALL_CONTAINERS = 'container/-/**';

/** Made once. */
let probes: readonly (Way & { readonly probe: Probe })[] | undefined;

/** Grants that amount to root on the host, or lead near it. */
export function roots(context: LintContext): Found[] {
  probes ??= WAYS.map((each) => ({ ...each, probe: probeOf(each) }));
  const found: Found[] = [];
  const verdicts = new Map<string, string[]>();
  for (const grant of context.grants) {
    if (grant.effect !== 'allow') continue;
    const key = [grant.subject, grant.resource, grant.operations, grant.condition.text].join('\n');
    let words = verdicts.get(key);
    if (words === undefined) {
      words = [];
      for (const each of probes)
        if (!words.includes(each.words) && permits(grant, each, context)) words.push(each.words);
      verdicts.set(key, words);
    }
    if (words.length > 0) {
      found.push({
        id: 'root-on-host',
        line: grant.line,
        sentence: `it amounts to root on the host of the Engine: whoever has it may ${joined(words)}`,
      });
    } else found.push(...nearby(grant, context));
    if (grant.covered.has(UNKNOWN_FIELDS)) {
      found.push({
        id: 'unknown-fields',
        line: grant.line,
        sentence:
          'fields that this gateway does not know are let through, whatever a newer Engine makes of them',
      });
    }
  }
  return found;
}

/** What is not root by itself. */
function nearby(grant: Grant, context: LintContext): Found[] {
  const { line } = grant;
  const found: Found[] = [];
  const entering = ENTERING.filter((id) => context.does(grant, id) && !isDenied(grant, id, context));
  if (!context.hasTenants && entering.length > 0 && coversPattern(grant.resource, ALL_CONTAINERS)) {
    found.push({
      id: 'exec-in-others',
      line,
      sentence: `${joined(entering)} ${entering.length === 1 ? 'leads' : 'lead'} into every container, also into one that somebody with more rights made privileged or gave paths of the host: root on the host then; name containers, or tell tenants apart (docs/tenancy.md)`,
    });
  }
  const naming = NAMING.filter((id) => context.acting(grant).has(id));
  if (naming.length > 0 && coversPattern(grant.resource, 'image/**')) {
    found.push({
      id: 'replaces-images',
      line,
      sentence: `by ${joined(naming)} any image can be replaced that others run by its name; name the images that it is for`,
    });
  }
  return found;
}

function permits(
  grant: Grant,
  { operation, probe }: { readonly operation: string; readonly probe: Probe },
  context: LintContext,
): boolean {
  if (!context.does(grant, operation)) return false;
  if (!grant.condition.always && !may(context.formulas.of(grant), true, probe, 'allow')) return false;
  return !isDenied(grant, operation, context, probe);
}

/** Whether a denial keeps whoever has the grant from doing it for certain. */
function isDenied(grant: Grant, operation: string, context: LintContext, probe?: Probe): boolean {
  for (const subject of context.reach(grant.subject)) {
    for (const other of context.bySubject.get(subject) ?? []) {
      if (other.effect !== 'deny' || !other.covered.has(operation)) continue;
      if (!coversPattern(other.resource, grant.resource)) continue;
      if (other.condition.always) return true;
      if (probe !== undefined && !may(context.formulas.of(other), false, probe, 'deny')) return true;
    }
  }
  return false;
}

function probeOf({ operation: id, target, body, harmless }: Way): Probe {
  const operation = findOperation(id);
  if (operation === undefined) throw new Error(`no operation ${id}`);
  const versions = { floor: FLOOR, ceiling: CEILING, engine: CEILING };
  const api = parseRequest({ method: operation.method, target }, versions);
  const asked = (json: object | undefined) => {
    const value = json === undefined ? undefined : readContent(api, Buffer.from(JSON.stringify(json))).value;
    return askedOf(operation, factsOf(api, value), value, api.query);
  };
  const harm = asked(body);
  // Of what has no body, the operation itself is the harm.
  return { asked: harm, harmless: body === undefined ? { ...harm, facts: NO_FACTS } : asked(harmless) };
}

function joined(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
