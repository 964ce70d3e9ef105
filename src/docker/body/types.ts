import type { JsonValue } from '../strict-json.ts';

/**
 * The words in which a request body is described: one `StructType` an operation, read by `read.ts`, written by
 * `write.ts`. A value that has been read holds nothing but what the description names (and unknown fields, where
 * a grant lets them through).
 */

/** How one JSON value is read; `T` is what is made of it. */
export type BodyType<T = unknown> =
  | Primitive<'string' | 'bool' | 'int' | 'float' | 'json' | 'ignored', T>
  | (Primitive<'strings', T> & { readonly bare: true })
  | (Primitive<'array' | 'map', T> & { readonly of: BodyType })
  | StructType<T>;

interface Primitive<K extends string, T> {
  readonly kind: K;
  /** Never there: carries the type. */
  readonly made?: T;
  /** Of an `int`: the range of Go's type. */
  readonly range?: readonly [least: bigint, most: bigint];
}

export interface StructType<T = unknown> {
  readonly kind: 'struct';
  readonly made?: T;
  /** The Engine API's name of the definition: `HostConfig`. */
  readonly name: string;
  readonly fields: Readonly<Record<string, Field>>;
  /** By names it does not have: what who sends them should know, in half a sentence. */
  readonly hints?: ReadonlyMap<string, string>;
}

/** One field of a struct. */
export interface Field<T = unknown> {
  readonly type: BodyType<T>;
  /** What it means, in half a sentence: goes into docs. */
  readonly means: string;
  /** The minor of the first API version that has it; a lower one treats it as unknown. */
  readonly since?: number;
  /** The minor of the first API version that no longer has it. */
  readonly removed?: number;
  /** Its value (or, of a map or array, every value in it) is a secret. */
  readonly secret?: true;
  /** Another spelling, equal but for its case, that a known client sends: read as this field, written as the API's. */
  readonly alias?: string;
}

/** What a type makes. */
export type Made<B> = B extends { readonly made?: infer T } ? Exclude<T, undefined> : never;

type Fields = Readonly<Record<string, Field>>;
type MadeOf<F extends Fields> = {
  readonly [K in keyof F as F[K] extends Field<infer T>
    ? [T] extends [never]
      ? never
      : K
    : never]?: F[K] extends Field<infer T> ? T : never;
};

/** Under which a struct that was read keeps its unknown fields: name to JSON, as it came. */
export const UNKNOWN = Symbol('unknown fields');

/** Values that stay what they were. */
export type Opaque = JsonValue;

export const string: BodyType<string> = { kind: 'string' };
export const bool: BodyType<boolean> = { kind: 'bool' };
/** A JSON number of any form, kept as written. */
export const float: BodyType<Opaque> = { kind: 'float' };
/** Any JSON: judged as a whole or not at all. */
export const json: BodyType<Opaque> = { kind: 'json' };
/** Sent by known clients, read by no Engine: accepted with any value, never forwarded. */
export const ignored: BodyType<never> = { kind: 'ignored' };
/** Go's strslice.StrSlice: an array of strings, or one bare string that stands for an array of it. */
export const strings: BodyType<readonly string[]> = { kind: 'strings', bare: true };

const signed = (bits: bigint): BodyType<bigint> => ({
  kind: 'int',
  range: [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n],
});
const unsigned = (bits: bigint): BodyType<bigint> => ({ kind: 'int', range: [0n, 2n ** bits - 1n] });
export const int64 = signed(64n);
export const uint64 = unsigned(64n);
export const uint32 = unsigned(32n);
export const uint16 = unsigned(16n);

export function array<T>(of: BodyType<T>): BodyType<readonly T[]> {
  return { kind: 'array', of };
}

/** An object whose keys are data: labels, options. */
export function map<T>(of: BodyType<T>): BodyType<Readonly<Record<string, T>>> {
  return { kind: 'map', of };
}

export function struct<F extends Fields>(
  name: string,
  fields: F,
  hints: ReadonlyMap<string, string> = new Map(),
): StructType<MadeOf<F>> {
  return { kind: 'struct', name, fields, hints };
}

/** A field: its type, what it means, and from which API version to which it is there. */
export function field<T>(
  type: BodyType<T>,
  means: string,
  extra: Pick<Field, 'since' | 'removed' | 'secret' | 'alias'> = {},
): Field<T> {
  return { type, means, ...extra };
}

/** Go's `struct{}`: an object in which nothing is read (`Volumes`, `ExposedPorts`). */
export const empty: StructType<Readonly<Record<never, never>>> = struct('Empty', {});
