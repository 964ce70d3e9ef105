import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type ParsedNode,
  parseDocument,
} from 'yaml';
import { substitute } from './substitute.ts';

/** Where a value stands in the document: keys of mappings and indexes of sequences. */
export type Path = readonly PropertyKey[];

/** A YAML document as plain values, with the place of each of them. */
export interface SourceDocument {
  /** Mappings as objects without a prototype, sequences as arrays; undefined when `faults` is not empty and nothing could be read. */
  readonly value: unknown;
  /** `file:line:column: sentence` each. */
  readonly faults: readonly string[];
  /** `file:line:column` of a value, or of the nearest one around it that is there. */
  at(path: Path): string;
  /** The same for a mapping's key. */
  atKey(path: Path): string;
  /** Whether a fault was found in this very value already. */
  isFaulty(path: Path): boolean;
}

/** Far beyond any configuration, far below what would hurt: an alias bomb ends here. */
const MAX_NODES = 10_000;
const MAX_DEPTH = 32;

/**
 * Reads one YAML 1.2 document (core schema, no merge keys, no custom tags, no duplicate keys) and replaces
 * `${NAME}` in its strings by environment variables. Nothing is thrown: what is wrong stands in `faults`.
 *
 * @param file the name that faults begin with
 */
export function readDocument(file: string, text: string, env: NodeJS.ProcessEnv): SourceDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    merge: false,
    strict: true,
    stringKeys: true,
    uniqueKeys: true,
    resolveKnownTags: false,
    prettyErrors: false,
    lineCounter: lines,
  });
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
  };
  const broken = [...document.errors, ...document.warnings];
  if (broken.length > 0) {
    const faults = broken.map(({ code, message, pos }) => `${place(pos[0])}: ${sentenceFor(code, message)}`);
    return { value: undefined, faults, at: () => file, atKey: () => file, isFaulty: () => true };
  }
  const walk = new Walk(document, env);
  const value = walk.value(document.contents, [], 0);
  const nearest = (offsets: ReadonlyMap<string, number>, path: Path): string => {
    for (let length = path.length; length >= 0; length -= 1) {
      const key = keyOf(path.slice(0, length));
      const offset =
        (length === path.length ? offsets.get(key) : undefined) ?? walk.keys.get(key) ?? walk.values.get(key);
      if (offset !== undefined) return place(offset);
    }
    return `${file}:1:1`;
  };
  return {
    value,
    faults: walk.faults.map(({ offset, sentence }) => `${place(offset)}: ${sentence}`),
    at: (path) => nearest(walk.values, path),
    atKey: (path) => nearest(walk.keys, path),
    isFaulty: (path) => walk.faulty.has(keyOf(path)),
  };
}

/** `identity.jwt.issuers[0].keys`. */
export function formatPath(path: Path): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : `${text}${text === '' ? '' : '.'}${String(part)}`,
    '',
  );
}

class Walk {
  readonly values = new Map<string, number>();
  readonly keys = new Map<string, number>();
  readonly faulty = new Set<string>();
  readonly faults: { readonly offset: number; readonly sentence: string }[] = [];
  readonly #document: Document.Parsed;
  readonly #env: NodeJS.ProcessEnv;
  #nodes = 0;

  constructor(document: Document.Parsed, env: NodeJS.ProcessEnv) {
    this.#document = document;
    this.#env = env;
  }

  value(node: ParsedNode | null, path: Path, depth: number): unknown {
    if (node === null) return null;
    const offset = node.range[0];
    this.values.set(keyOf(path), offset);
    this.#nodes += 1;
    if (this.#nodes > MAX_NODES || depth > MAX_DEPTH) {
      if (this.#nodes <= MAX_NODES + 1)
        this.#fault(
          path,
          offset,
          'the document is too large or too deep; look for aliases that repeat each other',
        );
      this.#nodes = Math.max(this.#nodes, MAX_NODES + 1);
      return null;
    }
    if (isAlias(node)) {
      const target = node.resolve(this.#document);
      if (target !== undefined) return this.value(target as ParsedNode, path, depth + 1);
      this.#fault(path, offset, `no anchor &${node.source} stands before this alias`);
      return null;
    }
    if (isSeq(node))
      return node.items.map((item, index) => this.value(item as ParsedNode, [...path, index], depth + 1));
    if (isMap(node)) return this.#map(node.items as MapItem[], path, depth);
    if (isScalar(node))
      return typeof node.value === 'string' ? this.#string(node.value, path, offset) : node.value;
    return null;
  }

  #map(items: readonly MapItem[], path: Path, depth: number): object {
    const object: Record<string, unknown> = Object.create(null);
    for (const { key, value } of items) {
      const name = isScalar(key) ? String(key.value) : '';
      const inner = [...path, name];
      this.keys.set(keyOf(inner), key.range[0]);
      object[name] = this.value(value, inner, depth + 1);
    }
    return object;
  }

  #string(text: string, path: Path, offset: number): string {
    const { value, faults } = substitute(text, this.#env);
    for (const sentence of faults) this.#fault(path, offset, `${formatPath(path)}: ${sentence}`);
    return value;
  }

  #fault(path: Path, offset: number, sentence: string): void {
    this.faulty.add(keyOf(path));
    this.faults.push({ offset, sentence });
  }
}

interface MapItem {
  readonly key: ParsedNode;
  readonly value: ParsedNode | null;
}

function keyOf(path: Path): string {
  return JSON.stringify(path);
}

function sentenceFor(code: string, message: string): string {
  switch (code) {
    case 'DUPLICATE_KEY':
      return 'this key stands twice in the same mapping; keep one of them';
    case 'TAG_RESOLVE_FAILED':
      return `${message}; only plain YAML values are read`;
    case 'MULTIPLE_DOCS':
      return 'a configuration is one YAML document; take out what follows `---`';
    case 'NON_STRING_KEY':
      return 'a key must be plain text';
    case 'TAB_AS_INDENT':
      return 'a tab can not indent YAML; use spaces';
    default:
      return `not valid YAML: ${message.charAt(0).toLowerCase()}${message.slice(1).replaceAll(/\s+/g, ' ')}`;
  }
}
