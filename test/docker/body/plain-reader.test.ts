import assert from 'node:assert/strict';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { BODIES } from '../../../src/docker/bodies.ts';
import { readBodyAs } from '../../../src/docker/body/read.ts';
import type { BodyType } from '../../../src/docker/body/types.ts';
import { JsonNumber, type JsonValue } from '../../../src/docker/strict-json.ts';
import { Refusal } from '../../../src/errors.ts';
import { readPlainly } from './plain-reader.ts';

const text = fc.constantFrom('', 'a', '0', '__proto__', 'constructor', 'a b', '\u017f');
const odd: fc.Arbitrary<JsonValue> = fc.constantFrom<JsonValue>(
  ...[null, true, '', 'x', [], [null], ['x', 1].map(String), new Map(), new Map([['Name', 'x']])],
  ...['0', '-1', '1.5', '1e3', '99999999999999999999', '-0.0'].map((each) => new JsonNumber(each)),
);

/** What a description takes, and now and then something else. */
function near(type: BodyType): fc.Arbitrary<JsonValue> {
  return fc.oneof({ weight: 12, arbitrary: taken(type) }, { weight: 1, arbitrary: odd });
}

function taken(type: BodyType): fc.Arbitrary<JsonValue> {
  switch (type.kind) {
    case 'bool':
      return fc.boolean();
    case 'int':
    case 'float':
      return fc.integer().map((value) => new JsonNumber(String(value)));
    case 'strings':
      return fc.oneof(text, fc.array(text, { maxLength: 3 }));
    case 'array':
      return fc.array(near(type.of), { maxLength: 3 });
    case 'map':
      return fc.array(fc.tuple(text, near(type.of)), { maxLength: 2 }).map((members) => new Map(members));
    case 'struct': {
      const fields = Object.entries(type.fields);
      const some = fc.subarray(fields, { maxLength: Math.min(6, fields.length) });
      const members = some.chain((chosen) =>
        fc.tuple(...chosen.map(([name, field]) => fc.tuple(key(name, field.alias), near(field.type)))),
      );
      const others = fc.array(fc.tuple(fc.constantFrom('Other', 'other', 'Binds', '__proto__'), odd), {
        maxLength: 1,
      });
      return fc.tuple(others, members, others).map((all) => new Map(all.flat()));
    }
    default:
      return text;
  }
}

/** Now and then in another case, or in the spelling that a known client has. */
function key(name: string, alias = name): fc.Arbitrary<string> {
  const others = [name.toLowerCase(), name.toUpperCase(), name.replace('s', '\u017f'), alias];
  return fc.oneof(
    { weight: 30, arbitrary: fc.constant(name) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );
}

describe('the reader of bodies', () => {
  it.each(Object.entries(BODIES))('%s reads as a plain one does', (_, type) => {
    fc.assert(
      fc.property(near(type), fc.constantFrom(24, 40, 41, 44, 56), (body, version) => {
        // By Node, for vitest takes a key `constructor` for the class.
        assert.deepStrictEqual(readFast(type, body, version), readPlainly(type, body, version));
      }),
      { numRuns: 300 },
    );
  });
});

function readFast(type: BodyType, body: JsonValue, version: number): unknown {
  try {
    const { value, unknown } = readBodyAs(type, body, version);
    return { value: inTables(value), unknown };
  } catch (error) {
    if (error instanceof Refusal) return `${error.reason} ${error.field ?? ''}`.trim();
    throw error;
  }
}

/** The same with every object made by `Object.create(null)`, as the plain reader makes them. */
function inTables(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inTables);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Map || value instanceof JsonNumber) return value;
  const made: Record<string | symbol, unknown> = Object.create(null);
  for (const key of Reflect.ownKeys(value)) made[key] = inTables((value as typeof made)[key]);
  return made;
}
