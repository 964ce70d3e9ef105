import { DEFAULT_ENGINE } from '../config/engine-schema.ts';
import { nearest } from '../config/suggest.ts';
import { type Compiled, type Condition, compileCondition } from './conditions/compile.ts';
import type { Roots } from './conditions/place.ts';
import { type AskedOperation, type Bodies, rootShapes } from './conditions/shapes.ts';
import { linesWithControls, readingRows } from './csv.ts';
import { engineFault, isFor, splitEngine } from './engine-part.ts';
import type { World } from './functions/function.ts';
import {
  compileOperations,
  type NamedOperation,
  type OperationsColumn,
  UNKNOWN_FIELDS,
} from './operations-column.ts';
import { kindsOf, resourceFault } from './resource-pattern.ts';
import { EVERYBODY, Memberships, subjectFault } from './subjects.ts';
import { atOnce, type Work } from './unhurried.ts';
import { visible } from './visible.ts';

/** One `p` line, validated. */
export interface Grant {
  readonly line: number;
  readonly subject: string;
  /** On the Engine that the grant was read for: without the name of one. */
  readonly resource: string;
  readonly operations: string;
  readonly condition: Condition;
  readonly effect: 'allow' | 'deny';
  /** The operationIds that `operations` stands for, and `UnknownFields` where it is named. */
  readonly covered: ReadonlySet<string>;
}

/** One `g` line: `member` holds everything that `role` holds. */
export interface Membership {
  readonly line: number;
  readonly member: string;
  readonly role: string;
}

/** What is wrong with one line. */
export interface Fault {
  readonly line: number;
  readonly sentence: string;
}

export interface Grants {
  readonly grants: readonly Grant[];
  readonly memberships: readonly Membership[];
  /** In the order of the lines. */
  readonly faults: readonly Fault[];
}

const P_COLUMNS = 'a grant has 6 columns (p, subject, resource, operations, condition, effect)';
const G_COLUMNS = 'a membership has 3 columns (g, member, role)';

/** An operation as far as a grant can name it and its condition speak about it. */
export type GrantableOperation = NamedOperation & AskedOperation;

/** What grants can speak about. */
export interface Vocabulary extends World {
  /** Every operation there is. */
  readonly catalogue: readonly GrantableOperation[];
  /** The body of every operation that takes JSON, by operationId. */
  readonly bodies: Bodies;
  /** Whether objects have tenants; absent: they all have `-`. */
  readonly tenants?: boolean;
  /** The Engine whose grants are read, and the names of all there are; absent: there is the default one. */
  readonly engine?: string;
  readonly engines?: readonly string[];
}

/** Reads grants.csv: every line is a comment, empty, a `p` grant or a `g` membership; anything else is a fault. */
export function parseGrants(text: string, vocabulary: Vocabulary): Grants {
  return atOnce(parsingGrants(text, vocabulary));
}

/** The same, in pieces. */
export function* parsingGrants(text: string, vocabulary: Vocabulary): Work<Grants> {
  const reader = new GrantsReader(vocabulary);
  const unreadable = new Set(linesWithControls(text));
  for (const line of unreadable) reader.fault(line, 'the line holds control characters');
  for (const { line, columns } of readingRows(text)) {
    if (!unreadable.has(line)) reader.read(line, columns);
    yield;
  }
  reader.checkMemberships();
  const faults = reader.faults.sort((a, b) => a.line - b.line);
  return { grants: reader.grants, memberships: reader.memberships, faults };
}

class GrantsReader {
  readonly grants: Grant[] = [];
  readonly memberships: Membership[] = [];
  readonly faults: Fault[] = [];
  readonly #vocabulary: Vocabulary;
  readonly #catalogue: readonly GrantableOperation[];
  readonly #kinds: ReadonlySet<string>;
  /** Subjects of grants on other Engines: something is said of them, and nothing that matters here. */
  readonly #elsewhere = new Set<string>();
  readonly #columns = new Map<string, OperationsColumn>();
  readonly #roots = new Map<string, Roots>();
  readonly #conditions = new Map<string, Compiled>();

  constructor(vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary;
    this.#catalogue = vocabulary.catalogue;
    this.#kinds = new Set(this.#catalogue.map(({ kind }) => kind));
  }

  fault(line: number, sentence: string): void {
    this.faults.push({ line, sentence });
  }

  read(line: number, columns: readonly string[] | undefined): void {
    if (columns === undefined) {
      this.fault(line, 'the quoting is broken: write "..." around a column, and "" for a quote in it');
      return;
    }
    const [type = '', ...values] = columns;
    if (type === 'p') this.#readGrant(line, values);
    else if (type === 'g') this.#readMembership(line, values);
    else this.fault(line, `a line begins with p (a grant) or g (a membership), not with ${shown(type)}`);
  }

  #readGrant(line: number, columns: readonly string[]): void {
    if (columns.length !== 5) {
      const hint = columns.length > 5 ? '; put a column with a comma in it in double quotes' : '';
      this.fault(line, `${P_COLUMNS}, this one has ${columns.length + 1}${hint}`);
      return;
    }
    const [subject, written, operations, condition, effect] = columns as [
      string,
      string,
      string,
      string,
      string,
    ];
    const { engine = DEFAULT_ENGINE, engines = [DEFAULT_ENGINE], tenants } = this.#vocabulary;
    const wrongEngine = engineFault(written, engines);
    if (wrongEngine !== undefined) {
      this.fault(line, `the resource ${shown(written)} ${wrongEngine}`);
      return;
    }
    const onEngine = splitEngine(written);
    if (!isFor(onEngine, engine)) {
      this.#elsewhere.add(subject);
      return;
    }
    const { pattern: resource } = onEngine;
    const before = this.faults.length;
    const wrongSubject = subjectFault(subject);
    if (wrongSubject !== undefined) this.fault(line, `the subject ${shown(subject)} ${wrongSubject}`);
    const wrongResource = resourceFault(resource, this.#kinds, tenants);
    if (wrongResource !== undefined) this.fault(line, `the resource ${shown(written)} ${wrongResource}`);
    const column = this.#compile(operations);
    for (const sentence of column.faults) this.fault(line, sentence);
    const compiled = column.faults.length === 0 ? this.#condition(condition, operations, column) : undefined;
    for (const sentence of faultsOf(compiled, column)) this.fault(line, `the condition ${sentence}`);
    if (effect !== 'allow' && effect !== 'deny') {
      this.fault(line, `the effect ${shown(effect)} is neither allow nor deny`);
      return;
    }
    if (this.faults.length > before || compiled === undefined || !('condition' in compiled)) return;
    this.#checkKinds(line, resource, column);
    const { covered } = column;
    this.grants.push({ line, subject, resource, operations, condition: compiled.condition, effect, covered });
  }

  /** Compiled once for each text and operations: what the names in it mean depends on them. */
  #condition(text: string, operations: string, { covered }: OperationsColumn): Compiled {
    const key = `${text}\n${operations}`;
    let compiled = this.#conditions.get(key);
    if (compiled === undefined) {
      let roots = this.#roots.get(operations);
      if (roots === undefined) {
        const named = this.#catalogue.filter(({ id }) => covered.has(id));
        // Whatever operation has the unknown fields is the one that a condition sees.
        roots = rootShapes(covered.has(UNKNOWN_FIELDS) ? this.#catalogue : named, this.#vocabulary.bodies);
        this.#roots.set(operations, roots);
      }
      compiled = compileCondition(text, roots, this.#vocabulary);
      this.#conditions.set(key, compiled);
    }
    return compiled;
  }

  #compile(operations: string): OperationsColumn {
    const known = this.#columns.get(operations);
    if (known !== undefined) return known;
    const column = compileOperations(operations, this.#catalogue);
    this.#columns.set(operations, column);
    return column;
  }

  /** An operation acts on resources of its own kind: named for others it would neither be allowed nor denied. */
  #checkKinds(line: number, resource: string, { covered, named }: OperationsColumn): void {
    const kinds = new Set(kindsOf(resource, this.#kinds));
    const { tenants = false } = this.#vocabulary;
    const acts = ({ kind, involves = [], names = [] }: NamedOperation): boolean =>
      [kind, ...involves, ...(tenants ? names : [])].some((k) => kinds.has(k));
    for (const operation of named) {
      const { id, kind } = operation;
      if (!acts(operation)) {
        this.fault(line, `${id} acts on ${kind} resources, and ${shown(resource)} covers none of them`);
      }
    }
    if (
      named.length === 0 &&
      !covered.has(UNKNOWN_FIELDS) &&
      !this.#catalogue.some((operation) => covered.has(operation.id) && acts(operation))
    ) {
      this.fault(line, `none of these operations acts on a resource that ${shown(resource)} covers`);
    }
  }

  #readMembership(line: number, columns: readonly string[]): void {
    if (columns.length !== 2) {
      this.fault(line, `${G_COLUMNS}, this one has ${columns.length + 1}`);
      return;
    }
    const [member, role] = columns as [string, string];
    const wrongMember =
      member === EVERYBODY ? 'is none of user:NAME, role:NAME and tenant:NAME' : subjectFault(member);
    if (wrongMember !== undefined) this.fault(line, `the member ${shown(member)} ${wrongMember}`);
    const wrongRole = role.startsWith('role:') ? subjectFault(role) : 'has not the form role:NAME';
    if (wrongRole !== undefined) this.fault(line, `the role ${shown(role)} ${wrongRole}`);
    if (wrongMember === undefined && wrongRole === undefined) this.memberships.push({ line, member, role });
  }

  /** Circles, and roles that nothing is said of: a mistyped one could leave a deny without those it is for. */
  checkMemberships(): void {
    const all = new Memberships(this.memberships);
    const complete = this.faults.length === 0;
    const spoken = new Set([
      ...this.grants.map(({ subject }) => subject),
      ...this.#elsewhere,
      ...this.memberships.map(({ member }) => member),
    ]);
    for (const { line, member, role } of this.memberships) {
      const circle = all.circle({ member, role });
      if (circle !== undefined) {
        this.fault(line, `the roles go round in a circle: ${[member, ...circle].join(' -> ')}`);
      } else if (complete && !spoken.has(role)) {
        const meant = nearest(
          role,
          [...spoken].filter((subject) => subject.startsWith('role:')),
        );
        const hint = meant === undefined ? 'write a p line for it' : `did you mean ${meant}?`;
        this.fault(line, `nothing is granted or denied to ${role}; ${hint}`);
      }
    }
  }
}

/** What is wrong with a condition, each to follow "the condition". */
function faultsOf(compiled: Compiled | undefined, { covered }: OperationsColumn): readonly string[] {
  if (compiled === undefined) return [];
  if ('faults' in compiled) return compiled.faults;
  if (!covered.has(UNKNOWN_FIELDS) || !compiled.condition.ofBody) return [];
  return [
    `speaks of body or facts, and ${UNKNOWN_FIELDS} is decided before they are known; give it a line of its own`,
  ];
}

/** A value as it stands in a fault. */
function shown(value: string): string {
  return `"${visible(value)}"`;
}
