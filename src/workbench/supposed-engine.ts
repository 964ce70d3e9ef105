import { createHash } from 'node:crypto';
import { partsOf } from '../policy/resource-pattern.ts';
import { DEFAULT_NETWORK_LABEL, MARK_LABEL, OWNER_LABEL, TENANT_LABEL } from '../tenancy/labels.ts';
import { BRIDGE } from '../tenancy/names/names.ts';
import { prefixOf } from '../tenancy/names/prefix.ts';
import { OWNED_KINDS, type OwnedKind } from '../tenancy/owned.ts';
import { UNOWNED } from '../tenancy/resource.ts';
import type { AskEngine } from '../upstream/ask.ts';
import type { PullImage } from '../upstream/pull.ts';

/** An object that is supposed to be on the Engine. */
export interface Supposed {
  readonly kind: OwnedKind | 'exec';
  /** Full id; of a volume its name on the Engine. */
  readonly id: string;
  /** On the Engine. */
  readonly name: string;
  readonly tenant: string;
  /** Of an exec instance its container, of a task its service: the id. */
  readonly owner?: string;
}

type Json = Readonly<Record<string, unknown>>;

/** Networks that every Engine has. */
const NETWORKS = [BRIDGE, 'host', 'none'].map(
  (name): Supposed => ({ kind: 'network', id: digest(`network ${name}`), name, tenant: UNOWNED }),
);

const KINDS: ReadonlySet<string> = new Set([...OWNED_KINDS, 'exec']);
/** Kinds whose ids have 25 signs. */
const OF_SWARM: ReadonlySet<string> = new Set(['service', 'task', 'secret', 'config']);
/** Kinds that private names are for. */
const NAMED: ReadonlySet<string> = new Set(['container', 'network', 'volume']);

/**
 * What stands in for the Engine where a request is judged without one: it has the objects that it is told of, the networks
 * that every Engine has, and every image that it is asked about, which names no user. It answers what the gateway asks to
 * find out whose an object is, and remembers nothing.
 */
export class SupposedEngine {
  readonly #objects: readonly Supposed[];

  /**
   * @param there resources as policies name them, `container/team-a/web`; those of kinds that nobody owns are left out
   * @param hasPrivateNames whether each tenant has names of its own
   * @param tenants whose default networks are there where names are private
   */
  constructor(there: readonly string[], hasPrivateNames: boolean, tenants: readonly string[]) {
    const named: Supposed[] = [];
    for (const resource of there) {
      const object = supposed(resource, hasPrivateNames);
      if (object !== undefined) named.push(...withOwner(object, named));
    }
    const bridges = tenants.map(
      (tenant): Supposed => ({
        kind: 'network',
        id: digest(`bridge ${tenant}`),
        name: prefixOf(tenant) + BRIDGE,
        tenant,
      }),
    );
    this.#objects = [...NETWORKS, ...(hasPrivateNames ? bridges : []), ...named];
  }

  readonly ask: AskEngine = async (method, target) => {
    const found = method === 'GET' ? this.#answer(new URL(target, 'http://engine')) : undefined;
    return found === undefined
      ? { status: 404, text: '{"message":"there is no such object"}' }
      : { status: 200, text: JSON.stringify(found) };
  };

  /** Every image is there already. */
  readonly pull: PullImage = async () => ({ status: 404, error: 'there is no such image' });

  /** An object by the path of its inspection. */
  readonly inspect = async (target: string): Promise<Record<string, unknown> | undefined> =>
    (this.#answer(new URL(target, 'http://engine')) ?? ANYTHING) as Record<string, unknown>;

  #answer({ pathname, searchParams }: URL): unknown {
    const [, plural = '', reference, ...rest] = pathname.split('/').map(decodeURIComponent);
    if (plural === 'images') return image([reference, ...rest].slice(0, -1).join('/'));
    const kind = plural.replace(/s$/, '');
    if (!KINDS.has(kind)) return undefined;
    const of = this.#objects.filter((each) => each.kind === kind);
    if (reference === undefined || (kind === 'container' && reference === 'json')) {
      const listed = of.map(shown).filter((each) => isWanted(each, searchParams.get('filters')));
      return kind === 'volume' ? { Volumes: listed } : listed;
    }
    const one = of.find(({ id, name }) => id === reference || name === reference);
    return one === undefined ? undefined : shown(one);
  }
}

/** What a resource is on the Engine; undefined where it is of no kind that somebody owns. */
export function supposed(resource: string, hasPrivateNames: boolean): Supposed | undefined {
  const { kind, tenant, name } = partsOf(resource);
  if (!KINDS.has(kind) || tenant === null || name === null) return undefined;
  const onEngine = hasPrivateNames && tenant !== UNOWNED && NAMED.has(kind) ? prefixOf(tenant) + name : name;
  const id = kind === 'volume' ? onEngine : kind === 'exec' ? name : digest(`${kind} ${tenant} ${name}`);
  return {
    kind: kind as Supposed['kind'],
    id: OF_SWARM.has(kind) ? id.slice(0, 25) : id,
    name: onEngine,
    tenant,
  };
}

/** An exec instance runs in the first container of its tenant, a task is of the first service; else in one made for it. */
function withOwner(object: Supposed, there: readonly Supposed[]): readonly Supposed[] {
  const { kind, id, tenant } = object;
  if (kind !== 'exec' && kind !== 'task') return [object];
  const of = kind === 'exec' ? 'container' : 'service';
  const known = there.find((each) => each.kind === of && each.tenant === tenant);
  if (known !== undefined) return [{ ...object, owner: known.id }];
  const made = digest(`owner of ${id}, ${tenant}`).slice(0, kind === 'exec' ? 64 : 25);
  return [
    { ...object, owner: made },
    { kind: of, id: made, name: made.slice(0, 12), tenant },
  ];
}

/** Without tenants nobody is asked whose a thing is, and whatever is named is there; it names no user. */
const ANYTHING = { Config: { User: '' } };

/** Inspections, and elements of lists, as far as the gateway reads them. */
function shown({ kind, id, name, tenant, owner }: Supposed): Json {
  const labels =
    tenant === UNOWNED
      ? {}
      : { [TENANT_LABEL]: tenant, [OWNER_LABEL]: 'somebody', [MARK_LABEL]: digest(id).slice(0, 24) };
  switch (kind) {
    case 'container':
      return {
        Id: id,
        Name: `/${name}`,
        Names: [`/${name}`],
        Image: `sha256:${digest('image')}`,
        Labels: labels,
        Config: { Labels: labels, User: '' },
      };
    case 'exec':
      return {
        ID: id,
        ContainerID: owner,
        ProcessConfig: { tty: false, entrypoint: 'sh', arguments: [], privileged: false },
      };
    case 'network': {
      const isDefault = name === prefixOf(tenant) + BRIDGE;
      return {
        Id: id,
        Name: name,
        Created: '2026-01-01T00:00:00Z',
        Labels: isDefault ? { ...labels, [DEFAULT_NETWORK_LABEL]: 'true' } : labels,
      };
    }
    case 'volume':
      return { Name: name, Labels: labels };
    case 'task':
      return { ID: id, ServiceID: owner };
    default:
      return { ID: id, Spec: { Name: name, Labels: labels } };
  }
}

function image(reference: string): Json {
  return {
    Id: /^sha256:[0-9a-f]{64}$/.test(reference) ? reference : `sha256:${digest(`image ${reference}`)}`,
    RepoTags: [reference],
    RepoDigests: [],
    Config: { User: '', Labels: {} },
  };
}

function isWanted({ Labels }: Json, filters: string | null): boolean {
  if (filters === null) return true;
  const { label } = JSON.parse(filters) as { readonly label?: readonly string[] };
  const labels = (Labels ?? {}) as Readonly<Record<string, string>>;
  return (label ?? []).every((each) => {
    const [name = '', value = ''] = each.split('=');
    return labels[name] === value;
  });
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
