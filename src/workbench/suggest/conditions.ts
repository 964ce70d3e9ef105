import type { Facts } from '../../docker/facts/types.ts';
import type { Profiles } from '../../policy/profiles.ts';
import { excessOf } from './dangers.ts';
import { imagePatterns, namePatterns } from './names.ts';

/** The condition of a grant, and the profile that it needs besides those that there are. */
export interface Narrowing {
  readonly text: string;
  /** Checks of baseline that the profile leaves out, which the condition speaks of in their stead. */
  readonly exceptions: readonly string[];
  /** Checks that would have to be left out, and in whose stead the condition has nothing to say: no grant then. */
  readonly unsaid?: readonly string[];
}

/** Longer lists would be no policy that anybody reads. */
const MOST_WORDS = 20;
/** What stands between quotes as it is: no quote, no backslash, no star. */
const WRITABLE = /^[A-Za-z0-9 ._:@/+~,=%-]*$/;

/** One thing that a condition can say of all requests; undefined where it can not, or need not. */
type Says = (all: readonly Facts[]) => string | undefined;

/**
 * The narrowest condition, of those that the language has words for, that every one of some requests meets.
 *
 * @param all what each asked for; none of them dangerous (`excessOf`)
 */
export function conditionFor(operation: string, all: readonly Facts[], profiles: Profiles): Narrowing {
  const meets = (name: string): boolean => {
    const profile = profiles.get(name);
    return (
      profile !== undefined &&
      all.every((facts) => profile.checks.every((check) => check.violations(facts).length === 0))
    );
  };
  const baseline = profiles.get('baseline');
  const exceptions =
    baseline === undefined
      ? []
      : [...new Set(all.flatMap((facts) => excessOf(operation, facts, baseline).exceptions))].sort();
  const unsaid = exceptions.filter((id) => IN_STEAD[id]?.(all) === undefined);
  const isRestricted = exceptions.length === 0 && meets('restricted');
  const profile =
    exceptions.length > 0
      ? profileName(exceptions)
      : isRestricted
        ? 'restricted'
        : meets('baseline')
          ? 'baseline'
          : undefined;
  const parts = [
    ...(profile === undefined ? [] : [`satisfies('${profile}')`]),
    ...SAYS.map((say) => say(all)).filter((part) => part !== undefined),
  ];
  return { text: parts.length === 0 ? 'true' : parts.join(' && '), exceptions, unsaid };
}

/** What a profile is called that leaves some checks of baseline out. */
export function profileName(exceptions: readonly string[]): string {
  return `learned-without-${exceptions.join('-')}`.slice(0, 64).replace(/-$/, '');
}

const starts = ({ runs }: Facts): boolean => runs === 'container' || runs === 'service';

const SAYS: readonly Says[] = [
  // images
  (all) => {
    if (!all.every(starts)) return undefined;
    const images = all.flatMap((facts) => facts.images);
    if (images.length === 0 || images.some(({ name }) => name === null)) return undefined;
    return call('imageFrom', imagePatterns(images.map(({ reference }) => reference)));
  },
  (all) => {
    const images = all.flatMap(({ build }) => build?.baseImages ?? []);
    const isTold = all.every(({ build }) => build !== null && build.baseImages !== null);
    if (!isTold || images.length === 0 || images.some(({ name }) => name === null)) return undefined;
    return call('baseImagesFrom', imagePatterns(images.map(({ reference }) => reference)));
  },
  (all) => sayHostPaths(all),
  // volumes
  (all) => {
    const named = all.flatMap(({ volumes }) => volumes.map(({ name }) => name)).filter((name) => name !== '');
    if (named.length > 0) return call('volumesWithin', namePatterns(named));
    if (!all.every(starts)) return undefined;
    const hasAny = all.some(({ volumes }) => volumes.length > 0);
    return hasAny ? "allIn(r.facts.volumes.name, '')" : 'isEmpty(r.facts.volumes)';
  },
  // networks
  (all) => {
    const names = all.flatMap(({ networks }) => networks.map(({ name }) => name));
    return names.length === 0 ? undefined : call('networksWithin', namePatterns(names));
  },
  (all) => sayAddresses(all),
  (all) => sayPorts(all),
  (all) => sayCapabilities(all),
  (all) => sayDevices(all),
  // limits, where every one has them
  (all) => limit(all, 'memory', (most) => `memoryAtMost(${most})`),
  (all) => limit(all, 'nanoCpus', (most) => `cpusAtMost(${Number(most) / 1e9})`),
  (all) => limit(all, 'pids', (most) => `pidsAtMost(${most})`),
  // users
  (all) => {
    const users = all.map(({ user }) => user?.value ?? '');
    return users.includes('') ? undefined : callWith('usersWithin', users);
  },
];

/** Paths of the host: what baseline does not forbid is not asked for. */
function sayHostPaths(all: readonly Facts[]): string | undefined {
  const paths = new Map<string, boolean>();
  for (const { path, mode } of all.flatMap(({ hostPaths }) => hostPaths)) {
    if (path === null) return undefined;
    paths.set(path, (paths.get(path) ?? true) && mode === 'ro');
  }
  const outermost = [...paths].filter(
    ([path, isRead]) =>
      ![...paths].some(([other, reads]) => path.startsWith(`${other}/`) && (isRead || !reads)),
  );
  return callWith(
    'hostPathsWithin',
    outermost.map(([path, isRead]) => (isRead ? `${path}:ro` : path)),
  );
}

function sayAddresses(all: readonly Facts[]): string | undefined {
  return listed(
    all,
    ({ networks }) => networks.flatMap(({ addresses }) => addresses),
    'r.facts.networks.addresses',
  );
}

function sayPorts(all: readonly Facts[]): string | undefined {
  const ports = all.flatMap(({ ports: each }) => each);
  if (ports.length === 0) return all.every(starts) ? 'isEmpty(r.facts.ports)' : undefined;
  return callWith('portsWithin', ports.map(portOf));
}

function sayCapabilities(all: readonly Facts[]): string | undefined {
  const added = all.flatMap(({ capabilities }) => capabilities.added.map(({ name }) => name));
  if (added.length > 0) return callWith('capsWithin', added);
  return all.every(starts) ? 'isEmpty(r.facts.capabilities.added)' : undefined;
}

function sayDevices(all: readonly Facts[]): string | undefined {
  return callWith(
    'devicesWithin',
    all.flatMap(({ devices }) => devices.map(({ value }) => value)),
  );
}

/** By check: what is said where a profile leaves it out. Where nothing can be, the check would be gone. */
const IN_STEAD: Readonly<Record<string, Says>> = {
  'host-path': sayHostPaths,
  capability: sayCapabilities,
  device: sayDevices,
  'privileged-port': sayPorts,
  'network-subnet': sayAddresses,
  'fixed-address': sayAddresses,
};

function portOf({ host, address }: Facts['ports'][number]): string {
  const where = address === '' ? '' : address.includes(':') ? `[${address}]:` : `${address}:`;
  if (host === null) return `${where}0`;
  return host.first === host.last ? `${where}${host.first}` : `${where}${host.first}-${host.last}`;
}

type Limited = 'memory' | 'nanoCpus' | 'pids';

function limit(all: readonly Facts[], of: Limited, write: (most: bigint) => string): string | undefined {
  const values = all.map(({ resources }) => resources[of]?.value);
  if (values.some((value) => value === undefined)) return undefined;
  const most = (values as bigint[]).reduce((a, b) => (a > b ? a : b), 0n);
  // Digits that a number would lose are not written.
  return most > 0n && most <= BigInt(Number.MAX_SAFE_INTEGER) ? write(most) : undefined;
}

/** That all items of a list are among those that were seen, where there were any. */
function listed(
  all: readonly Facts[],
  of: (facts: Facts) => readonly string[],
  place: string,
): string | undefined {
  const items = [...new Set(all.flatMap(of))].sort();
  if (items.length === 0 || items.length > MOST_WORDS || !items.every((item) => WRITABLE.test(item)))
    return undefined;
  return `allIn(${place}, ${items.map((item) => `'${item}'`).join(', ')})`;
}

/** A call with patterns; undefined where there is nothing to say, too much, or what can not be written. */
function call(name: string, patterns: readonly string[]): string | undefined {
  if (patterns.length === 0 || patterns.length > MOST_WORDS || patterns.includes('*')) return undefined;
  // Stars are ours: names that hold one have become a star as a whole.
  if (!patterns.every((pattern) => WRITABLE.test(pattern.replaceAll('*', '')))) return undefined;
  return `${name}(${patterns.map((pattern) => `'${pattern}'`).join(', ')})`;
}

/** The same with words as they were asked for, in which a star would be the client's. */
function callWith(name: string, words: Iterable<string>): string | undefined {
  const each = [...new Set(words)].sort();
  return each.some((word) => word.includes('*')) ? undefined : call(name, each);
}
