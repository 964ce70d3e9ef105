import { DEFAULT_ENGINE } from '../../config/engine-schema.ts';
import { joinEngine } from '../../policy/engine-part.ts';
import type { AuditResource, RequestLine } from '../record.ts';

/** Of how many objects names and ids are remembered; those that were not spoken of for longest are forgotten. */
const MOST_KNOWN = 10_000;

const FULL_ID = /^[0-9a-f]{64}$/;
/** A full id, or at least as many of its first digits as the docker CLI shows. */
const LIKE_ID = /^[0-9a-f]{12,64}$/;
/** What is created has its id in the record of the end; of these kinds it is the object's own. */
const CREATES = /^(?:Container|Network|Secret|Config|Service)Create$/;
/** Records that tell of names and ids where nobody owns anything: what a reader must not pass over unread. */
const TELLING = ['"operation":"ContainerCreate"', '"operation":"ContainerExec"', '"operation":"ExecStart"'];

/** An object by its name, its full id, or both. */
interface Known {
  readonly kind: string;
  readonly tenant: string | null;
  readonly name: string | null;
  readonly id: string | null;
  /** The Engine that it is on, where there are several: each has names of its own. */
  readonly engine: string | undefined;
}

/**
 * What records tell of names and ids: a client creates `web`, and stops it by its id. Records are given in the order of the
 * log. A name means the object that had it last, an id the object itself.
 */
export class Names {
  /** By the first twelve digits of the id. */
  readonly #byId: Recent<Known>;
  readonly #byName: Recent<Known>;
  /** The containers that execs run in, by the id of the exec. */
  readonly #byExec: Recent<Known>;

  constructor(most = MOST_KNOWN) {
    this.#byId = new Recent(most);
    this.#byName = new Recent(most);
    this.#byExec = new Recent(most);
  }

  learn(line: RequestLine): void {
    const { request, resource, session, outcome, engine } = line;
    if (resource === null) return;
    const { kind, tenant, name, id } = resource;
    if (session?.container != null && kind === 'exec' && name !== null) {
      this.#byExec.set(name, { kind: 'container', tenant, name: null, id: session.container, engine });
    }
    if (madeExec(line)) {
      this.#byExec.set(id as string, { kind, tenant, name, id: null, engine });
      return;
    }
    const isCreated = request.operation !== null && CREATES.test(request.operation);
    if (id === null || !FULL_ID.test(id) || (outcome?.status === 201 && !isCreated)) return;
    if (name === null || (LIKE_ID.test(name) && id.startsWith(name))) return;
    const known = { kind, tenant, name, id, engine };
    this.#byId.set(idKey(kind, id), known);
    this.#byName.set(nameKey(known), known);
  }

  /** All that an object of a record is known as, `kind/tenant/name` each; what the record says comes first. */
  textsOf(line: RequestLine): string[] {
    const { request, resource, session, engine } = line;
    const texts = new Set<string>();
    const isNew = request.operation !== null && CREATES.test(request.operation);
    if (resource !== null) {
      const own = { ...resource, engine, ...(madeExec(line) ? { id: null } : {}) };
      this.#add(texts, own, isNew);
      if (madeExec(line)) texts.add(text({ ...own, kind: 'exec' }, resource.id));
      if (resource.kind === 'exec' && resource.name !== null) {
        const container = this.#byExec.get(resource.name);
        if (container !== undefined) this.#add(texts, container, false);
      }
    }
    if (session?.container != null) {
      const tenant = resource?.tenant ?? '-';
      this.#add(texts, { kind: 'container', tenant, name: null, id: session.container, engine }, false);
    }
    for (const each of line.involves) {
      texts.add(each);
      const [kind = '', tenant = '', name, ...more] = each.split('/');
      if (name !== undefined && more.length === 0)
        this.#add(texts, { kind, tenant, name, id: null, engine }, false);
    }
    return [...texts];
  }

  /** The name of the object with that full id. */
  nameOf(kind: string, id: string): string | null {
    const known = this.#byId.get(idKey(kind, id));
    return known?.id === id ? known.name : null;
  }

  /** The container that a session is in, its name where it is known and twelve digits: `container/-/web (0123456789ab)`. */
  containerOf({ resource, session, engine }: RequestLine): string | undefined {
    const acted = resource === null ? undefined : { ...resource, engine };
    const known = resource?.kind === 'exec' ? this.#byExec.get(resource.name ?? '') : acted;
    if (known?.kind !== 'container' && session?.container == null) return undefined;
    const tenant = known?.tenant ?? resource?.tenant ?? '-';
    const said = known?.name == null || LIKE_ID.test(known.name) ? null : known.name;
    const named = { kind: 'container', tenant, name: said, engine };
    const id = session?.container ?? known?.id ?? this.#byName.get(nameKey({ ...named, id: null }))?.id;
    const name = said ?? (id == null ? null : this.nameOf('container', id));
    if (name === null) return text({ ...named, id: null }, id?.slice(0, 12) ?? known?.name ?? '-');
    return `${text({ ...named, id: null }, name)}${id == null ? '' : ` (${id.slice(0, 12)})`}`;
  }

  #add(texts: Set<string>, object: Known, isNew: boolean): void {
    const { kind, name, id } = object;
    texts.add(text(object, name));
    if (id !== null) texts.add(text(object, id));
    for (const part of [id, name]) {
      if (part === null || !LIKE_ID.test(part)) continue;
      const known = this.#byId.get(idKey(kind, part));
      if (known?.id?.startsWith(part) !== true) continue;
      texts.add(text(known, known.name)).add(text(known, known.id));
    }
    // Whoever creates an object does not speak of the one that had its name before.
    if (isNew || name === null || id !== null) return;
    const known = this.#byName.get(nameKey(object));
    if (known !== undefined) texts.add(text(known, known.id));
  }
}

/** Whether a record may tell of names and ids, without parsing it. */
export function mayTell(bytes: Buffer): boolean {
  return TELLING.some((operation) => bytes.includes(operation));
}

/** `kind/tenant/name`, without the parts that a resource does not have: what patterns are held against. */
export function resourceText(resource: AuditResource): string {
  return text(resource, resource.name);
}

/** A resource as grants name it: those of the default Engine, and where there is one, by themselves. */
export function onEngine({ engine = DEFAULT_ENGINE }: Pick<RequestLine, 'engine'>, resource: string): string {
  return joinEngine({ engine, pattern: resource });
}

/** The record of the end of `ContainerExec` names the container, and has the id of the exec that was made. */
function madeExec({ request, resource, outcome }: RequestLine): boolean {
  return request.operation === 'ContainerExec' && outcome?.status === 201 && resource?.id != null;
}

function text({ kind, tenant }: Omit<Known, 'engine'>, name: string | null): string {
  return [kind, tenant, name].filter((part) => part !== null).join('/');
}

function idKey(kind: string, id: string): string {
  return `${kind}/${id.slice(0, 12)}`;
}

function nameKey({ kind, tenant, name, engine = '' }: Known): string {
  return `${engine}\n${kind}/${tenant ?? ''}/${name}`;
}

/** A map of so many entries, of which those go first that were not used for longest. */
class Recent<T> {
  readonly #entries = new Map<string, T>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get(key: string): T | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) this.set(key, value);
    return value;
  }

  set(key: string, value: T): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > this.#most) this.#entries.delete(this.#entries.keys().next().value as string);
  }
}
