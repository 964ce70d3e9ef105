import { type Path, readDocument, type SourceDocument } from '../config/document.ts';
import { nearest } from '../config/suggest.ts';
import type { Check } from './checks/check.ts';

/** A named set of checks, after the Pod Security Standards. */
export interface Profile {
  readonly name: string;
  /** Those of the profile that it extends first. */
  readonly checks: readonly Check[];
}

export type Profiles = ReadonlyMap<string, Profile>;

/** As the file says it. */
interface Entry {
  readonly extends?: string | undefined;
  readonly checks: readonly string[];
  readonly except: readonly string[];
}

const KEYS = ['extends', 'checks', 'except'];
const NAME = /^[a-z][a-z0-9-]{0,63}$/;

/**
 * Reads profiles.yaml: `profiles: {NAME: {extends: NAME, checks: [ID], except: [ID]}}`.
 *
 * @param file the name that faults begin with: `file:line:column: sentence`
 */
export function parseProfiles(
  file: string,
  text: string,
  checks: readonly Check[],
): { readonly profiles: Profiles; readonly faults: readonly string[] } {
  const document = readDocument(file, text, {});
  if (document.faults.length > 0) return { profiles: new Map(), faults: document.faults };
  const reader = new Reader(document, new Map(checks.map((check) => [check.id, check])));
  return { profiles: reader.read(), faults: reader.faults };
}

class Reader {
  readonly faults: string[] = [];
  readonly #document: SourceDocument;
  readonly #checks: ReadonlyMap<string, Check>;
  readonly #entries = new Map<string, Entry>();
  readonly #made = new Map<string, readonly Check[]>();

  constructor(document: SourceDocument, checks: ReadonlyMap<string, Check>) {
    this.#document = document;
    this.#checks = checks;
  }

  read(): Profiles {
    const { value } = this.#document;
    if (!isMapping(value) || !isMapping(value['profiles'])) {
      this.#fault([], 'the file holds a mapping "profiles", of names to checks');
      return new Map();
    }
    for (const key of Object.keys(value)) if (key !== 'profiles') this.#unknown([key], key, ['profiles']);
    for (const [name, entry] of Object.entries(value['profiles'])) this.#readEntry(name, entry);
    const profiles = [...this.#entries.keys()].map(
      (name) => [name, { name, checks: this.#checksOf(name, []) }] as const,
    );
    return new Map(profiles);
  }

  #readEntry(name: string, entry: unknown): void {
    const path = ['profiles', name];
    if (!NAME.test(name)) this.#faultAtKey(path, `"${name}" is no name of a profile: a-z, 0-9 and - only`);
    if (!isMapping(entry)) {
      this.#fault(path, `${name} is a mapping of extends, checks and except`);
      return;
    }
    for (const key of Object.keys(entry)) if (!KEYS.includes(key)) this.#unknown([...path, key], key, KEYS);
    const parent = entry['extends'];
    if (parent !== undefined && typeof parent !== 'string') {
      this.#fault([...path, 'extends'], `${name}.extends is the name of one profile`);
    }
    if (parent === undefined && entry['checks'] === undefined) {
      this.#fault(
        path,
        `${name} has neither checks nor a profile that it extends; write checks: [] for none`,
      );
    }
    this.#entries.set(name, {
      extends: typeof parent === 'string' ? parent : undefined,
      checks: this.#ids([...path, 'checks'], entry['checks']),
      except: this.#ids([...path, 'except'], entry['except']),
    });
  }

  /** A list of known checks, each once. */
  #ids(path: Path, value: unknown): readonly string[] {
    if (value === undefined) return [];
    if (!Array.isArray(value)) {
      this.#fault(path, `${String(path[1])}.${String(path[2])} is a list of checks in [ ]`);
      return [];
    }
    const ids: string[] = [];
    for (const [index, id] of value.entries()) {
      const at = [...path, index];
      if (typeof id !== 'string' || !this.#checks.has(id)) this.#unknownCheck(at, String(id));
      else if (ids.includes(id)) this.#fault(at, `${id} stands twice in this list`);
      else ids.push(id);
    }
    return ids;
  }

  /** @param above the profiles that led here, by whom they are extended */
  #checksOf(name: string, above: readonly string[]): readonly Check[] {
    const made = this.#made.get(name);
    if (made !== undefined) return made;
    const { extends: parent, checks, except } = this.#entries.get(name) as Entry;
    const inherited = parent === undefined ? [] : this.#inherited(name, parent, [...above, name]);
    const ids = inherited.map(({ id }) => id);
    if (parent === undefined || this.#entries.has(parent)) {
      for (const [index, id] of except.entries()) {
        if (!ids.includes(id))
          this.#fault(['profiles', name, 'except', index], `${id} is none of what ${name} extends`);
      }
      for (const [index, id] of checks.entries()) {
        if (ids.includes(id)) this.#fault(['profiles', name, 'checks', index], `${parent} has ${id} already`);
      }
    }
    const own = checks.map((id) => this.#checks.get(id) as Check);
    const all = [...inherited.filter(({ id }) => !except.includes(id)), ...own];
    this.#made.set(name, all);
    return all;
  }

  #inherited(name: string, parent: string, above: readonly string[]): readonly Check[] {
    const path = ['profiles', name, 'extends'];
    if (!this.#entries.has(parent)) {
      const meant = nearest(parent, [...this.#entries.keys()]);
      this.#fault(
        path,
        `there is no profile ${parent}${meant === undefined ? '' : `; did you mean ${meant}?`}`,
      );
      return [];
    }
    if (above.includes(parent)) {
      this.#fault(
        path,
        `the profiles extend one another in a circle: ${[...above.slice(above.indexOf(parent)), parent].join(' -> ')}`,
      );
      return [];
    }
    return this.#checksOf(parent, above);
  }

  #unknown(path: Path, key: string, known: readonly string[]): void {
    const meant = nearest(key, known);
    this.#faultAtKey(
      path,
      `"${key}" is not a known key; ${meant === undefined ? `known here: ${known.join(', ')}` : `did you mean ${meant}?`}`,
    );
  }

  #unknownCheck(path: Path, id: string): void {
    const meant = nearest(id, [...this.#checks.keys()]);
    this.#fault(
      path,
      `"${id}" is no check; ${meant === undefined ? 'docs/checks.md lists them' : `did you mean ${meant}?`}`,
    );
  }

  #fault(path: Path, sentence: string): void {
    this.faults.push(`${this.#document.at(path)}: ${sentence}`);
  }

  #faultAtKey(path: Path, sentence: string): void {
    this.faults.push(`${this.#document.atKey(path)}: ${sentence}`);
  }
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
