import { nearest } from '../config/suggest.ts';
import { compileGlob } from './glob.ts';

/** An operation as far as a grant can name it. */
export interface NamedOperation {
  readonly id: string;
  readonly class: string;
  /** The first part of every resource that it acts on. */
  readonly kind: string;
  /** Kinds of further objects that it names and that are judged like the first. */
  readonly involves?: readonly string[];
  /** Kinds of objects that its body names, judged so where tenants are told apart. */
  readonly names?: readonly string[];
}

/**
 * What a grant names to let body fields through that no model knows, of whatever operation. It is no operation: only
 * this very word stands for it, and no glob.
 */
export const UNKNOWN_FIELDS = 'UnknownFields';

/** What an operations column says. */
export interface OperationsColumn {
  /** operationIds, exclusions taken away. */
  readonly covered: ReadonlySet<string>;
  /** The operations it names one by one, by neither glob nor class. */
  readonly named: readonly NamedOperation[];
  readonly faults: readonly string[];
}

/**
 * Compiles the operations column of a grant: words separated by spaces, each an operationId, a glob over
 * operationIds, or `@class`; with `!` in front it excludes, and an exclusion wins within the grant.
 *
 * @param catalogue every operation there is; a word that matches none of them is a fault
 */
export function compileOperations(column: string, catalogue: readonly NamedOperation[]): OperationsColumn {
  const faults: string[] = [];
  const covered = new Set<string>();
  const excluded = new Set<string>();
  const named: NamedOperation[] = [];
  for (const word of column.split(/[ \t]+/).filter((w) => w !== '')) {
    const negated = word.startsWith('!');
    const name = negated ? word.slice(1) : word;
    if (name === UNKNOWN_FIELDS) {
      (negated ? excluded : covered).add(name);
      continue;
    }
    const matching = select(name, catalogue);
    if (matching.length === 0) faults.push(unknown(word, name, catalogue));
    for (const { id } of matching) (negated ? excluded : covered).add(id);
    if (!negated && !/[@*]/.test(name)) named.push(...matching);
  }
  const wanted = covered.size;
  for (const id of excluded) covered.delete(id);
  if (covered.size === 0 && faults.length === 0) {
    faults.push(
      wanted === 0
        ? 'the operations column names nothing to allow or deny; write * for every operation'
        : 'the exclusions of the operations column leave nothing to allow or deny',
    );
  }
  return { covered, named: named.filter(({ id }) => covered.has(id)), faults };
}

function select(name: string, catalogue: readonly NamedOperation[]): readonly NamedOperation[] {
  if (name.startsWith('@')) return catalogue.filter((operation) => operation.class === name.slice(1));
  const matches = compileGlob(name);
  return catalogue.filter(({ id }) => matches(id));
}

function unknown(word: string, name: string, catalogue: readonly NamedOperation[]): string {
  const known = name.startsWith('@') ? catalogue.map((o) => `@${o.class}`) : catalogue.map(({ id }) => id);
  const meant = nearest(name, [...new Set(known)]);
  const hint = meant === undefined ? 'see docs/policies.md for the list' : `did you mean ${meant}?`;
  return `"${word}" names no operation or class; ${hint}`;
}
