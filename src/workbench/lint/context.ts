import type { Grant, GrantableOperation, Membership, Vocabulary } from '../../policy/grants.ts';
import { UNKNOWN_FIELDS } from '../../policy/operations-column.ts';
import { kindsOf } from '../../policy/resource-pattern.ts';
import { EVERYBODY, Memberships } from '../../policy/subjects.ts';
import { Formulas } from './formula.ts';

/** All that the rules look at. */
export class LintContext {
  readonly grants: readonly Grant[];
  readonly memberships: readonly Membership[];
  readonly vocabulary: Vocabulary;
  readonly hasTenants: boolean;
  readonly formulas: Formulas;
  /** The grants of each subject. */
  readonly bySubject: ReadonlyMap<string, readonly Grant[]>;
  readonly #members: Memberships;
  readonly #kinds: ReadonlySet<string>;
  readonly #acting = new Map<string, ReadonlySet<string>>();
  readonly #reach = new Map<string, ReadonlySet<string>>();
  readonly #operations: ReadonlyMap<string, GrantableOperation>;

  constructor(grants: readonly Grant[], memberships: readonly Membership[], vocabulary: Vocabulary) {
    this.grants = grants;
    this.memberships = memberships;
    this.vocabulary = vocabulary;
    this.hasTenants = vocabulary.tenants ?? false;
    this.formulas = new Formulas(vocabulary);
    this.#members = new Memberships(memberships);
    this.#kinds = new Set(vocabulary.catalogue.map(({ kind }) => kind));
    this.#operations = new Map(vocabulary.catalogue.map((each) => [each.id, each]));
    const bySubject = new Map<string, Grant[]>();
    for (const grant of grants) {
      const known = bySubject.get(grant.subject);
      if (known === undefined) bySubject.set(grant.subject, [grant]);
      else known.push(grant);
    }
    this.bySubject = bySubject;
  }

  /** All that whoever is this subject is for certain. */
  reach(subject: string): ReadonlySet<string> {
    let reached = this.#reach.get(subject);
    if (reached === undefined) {
      reached = this.#members.reach([EVERYBODY, subject]);
      this.#reach.set(subject, reached);
    }
    return reached;
  }

  /** The operations of a grant that can act on what its resource covers. */
  acting({ operations, resource, covered }: Grant): ReadonlySet<string> {
    const first = resource.split('/', 1)[0] ?? '';
    const key = `${first}\n${operations}`;
    let acting = this.#acting.get(key);
    if (acting === undefined) {
      const kinds = new Set(kindsOf(resource, this.#kinds));
      acting = new Set([...covered].filter((id) => id === UNKNOWN_FIELDS || this.#acts(id, kinds)));
      this.#acting.set(key, acting);
    }
    return acting;
  }

  #acts(id: string, kinds: ReadonlySet<string>): boolean {
    const operation = this.#operations.get(id);
    if (operation === undefined) return false;
    const { kind, involves = [], names = [] } = operation;
    return [kind, ...involves, ...(this.hasTenants ? names : [])].some((each) => kinds.has(each));
  }

  /** Whether a grant is about an operation on resources of the operation's own kind. */
  does(grant: Grant, id: string): boolean {
    const kind = this.#operations.get(id)?.kind;
    return grant.covered.has(id) && kind !== undefined && kindsOf(grant.resource, new Set([kind])).length > 0;
  }
}
