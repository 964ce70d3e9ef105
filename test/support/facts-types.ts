import { join } from 'node:path';
import ts from 'typescript';

/** One fact, or a part of one, as src/docker/facts/types.ts declares it. */
export interface FactNode {
  readonly kind: 'object' | 'array' | 'map' | 'string' | 'boolean' | 'bigint' | 'number';
  readonly nullable: boolean;
  readonly optional: boolean;
  /** The comment above it. */
  readonly means: string;
  /** What its `@from` tags say: the request fields it comes from. */
  readonly from: readonly string[];
  /** Of a string that is one of a few. */
  readonly values: readonly string[];
  /** Of an object. */
  readonly members: readonly (FactNode & { readonly name: string })[];
  /** Of an array or a map: what is in it. */
  readonly of: FactNode | null;
}

const TYPES = join(import.meta.dirname, '../../src/docker/facts/types.ts');

/** Reads the interface `Facts` with the TypeScript compiler. */
export function readFactTypes(): FactNode {
  const program = ts.createProgram([TYPES], {
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    allowImportingTsExtensions: true,
  });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(TYPES);
  const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
  const facts =
    module === undefined
      ? undefined
      : checker.getExportsOfModule(module).find(({ name }) => name === 'Facts');
  if (facts === undefined) throw new Error(`${TYPES} exports no Facts`);
  return new Reader(checker).read(checker.getDeclaredTypeOfSymbol(facts), facts);
}

class Reader {
  readonly #checker: ts.TypeChecker;

  constructor(checker: ts.TypeChecker) {
    this.#checker = checker;
  }

  read(type: ts.Type, symbol: ts.Symbol | undefined): FactNode {
    const parts = type.isUnion() ? type.types : [type];
    const given = parts.filter(({ flags }) => (flags & (ts.TypeFlags.Null | ts.TypeFlags.Undefined)) === 0);
    return {
      nullable: parts.some(({ flags }) => (flags & ts.TypeFlags.Null) !== 0),
      optional: symbol !== undefined && (symbol.flags & ts.SymbolFlags.Optional) !== 0,
      means: symbol === undefined ? '' : textOf(symbol.getDocumentationComment(this.#checker)),
      from: (symbol?.getJsDocTags(this.#checker) ?? [])
        .filter(({ name }) => name === 'from')
        .map(({ text }) => textOf(text ?? [])),
      values: [],
      members: [],
      of: null,
      ...this.#value(given),
    };
  }

  #value(given: readonly ts.Type[]): Pick<FactNode, 'kind'> & Partial<FactNode> {
    const all = (flag: ts.TypeFlags) => given.every(({ flags }) => (flags & flag) !== 0);
    const [type] = given;
    if (type === undefined) throw new Error('a fact has no type');
    if (all(ts.TypeFlags.StringLiteral)) {
      return { kind: 'string', values: given.map((each) => (each as ts.StringLiteralType).value) };
    }
    if (all(ts.TypeFlags.BooleanLike)) return { kind: 'boolean' };
    if (given.length !== 1) throw new Error(`cannot describe ${this.#checker.typeToString(type)}`);
    if (all(ts.TypeFlags.String)) return { kind: 'string' };
    if (all(ts.TypeFlags.BigInt)) return { kind: 'bigint' };
    if (all(ts.TypeFlags.Number)) return { kind: 'number' };
    if (this.#checker.isArrayType(type)) {
      const [item] = this.#checker.getTypeArguments(type as ts.TypeReference);
      return { kind: 'array', of: this.read(item as ts.Type, undefined) };
    }
    const index = this.#checker.getIndexInfoOfType(type, ts.IndexKind.String);
    if (index !== undefined) return { kind: 'map', of: this.read(index.type, undefined) };
    return {
      kind: 'object',
      members: type.getProperties().map((member) => ({
        name: member.name,
        ...this.read(this.#checker.getTypeOfSymbol(member), member),
      })),
    };
  }
}

function textOf(parts: readonly ts.SymbolDisplayPart[]): string {
  return parts
    .map(({ text }) => text)
    .join('')
    .replace(/\s+/g, ' ')
    .trim();
}
