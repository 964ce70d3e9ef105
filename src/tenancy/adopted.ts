import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { ConfigError } from '../errors.ts';
import { isWord } from '../identity/names.ts';
import { readRows } from '../policy/csv.ts';
import { OWNED_KINDS, type Owned, type OwnedKind } from './owned.ts';

/** Kinds of objects that can be handed to a tenant; tasks are their service's. */
export const ADOPTABLE: readonly OwnedKind[] = OWNED_KINDS.filter((kind) => kind !== 'task');

const OF_ENGINE = /^[0-9a-f]{64}$/;
const OF_SWARM = /^[0-9a-z]{25}$/;

/** What is a whole id of each kind; volumes have names. */
const WHOLE: Readonly<Record<OwnedKind, RegExp>> = {
  container: OF_ENGINE,
  network: /^(?:[0-9a-f]{64}|[0-9a-z]{25})$/,
  volume: /^[^/]+$/,
  service: OF_SWARM,
  task: OF_SWARM,
  secret: OF_SWARM,
  config: OF_SWARM,
};

const HEAD =
  '# Objects from before the gateway, or made beside it, that were handed to a tenant (quaywarden adopt).\n' +
  '# KIND, ID (of a volume its name), TENANT, NAME (for people only)\n';

/** The tenant that an object was handed to; undefined when it was not. Labels on the object come first. */
export type AdoptedBy = (kind: OwnedKind, id: string) => string | undefined;

/**
 * Reads which objects were handed to whom. The Engine changes no labels of what exists, so this stands in a file beside
 * the grants, which replicas share as they share these.
 *
 * @throws ConfigError naming each bad line; a file that is not there says that nothing was
 */
export function loadAdopted(file: string): AdoptedBy {
  const tenants = new Map<string, string>();
  const faults: string[] = [];
  for (const { line, columns } of existsSync(file) ? readRows(read(file)) : []) {
    const [kind = '', id = '', tenant = ''] = columns ?? [];
    const key = `${kind}/${id}`;
    if (!ADOPTABLE.includes(kind as OwnedKind) || id === '' || !isWord(tenant)) {
      faults.push(
        `${file}:${line}: the line is not KIND, ID, TENANT, NAME with a kind of ${ADOPTABLE.join(', ')}`,
      );
    } else if (!WHOLE[kind as OwnedKind].test(id)) {
      faults.push(`${file}:${line}: "${id}" is no whole id of a ${kind}, and would stand for nothing`);
    } else if (tenants.has(key) && tenants.get(key) !== tenant) {
      faults.push(`${file}:${line}: ${kind} ${id} is given to ${tenants.get(key)} above already`);
    } else {
      tenants.set(key, tenant);
    }
  }
  if (faults.length > 0) throw new ConfigError(faults);
  return (kind, id) => tenants.get(`${kind}/${id}`);
}

/**
 * Adds objects to the file.
 *
 * @throws ConfigError when it can not be written
 */
export function adopt(file: string, objects: readonly Owned[], tenant: string): void {
  const lines = objects.map(({ kind, id, name }) => `${kind}, ${id}, ${tenant}, ${name}\n`);
  try {
    appendFileSync(file, `${existsSync(file) ? '' : HEAD}${lines.join('')}`, { mode: 0o644 });
  } catch (error) {
    throw new ConfigError([`${file}: can not be written (${(error as NodeJS.ErrnoException).code})`]);
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError([`${file}: can not be read (${(error as NodeJS.ErrnoException).code})`]);
  }
}
