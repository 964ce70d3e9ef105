import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONTAINER_BODIES } from '../../../src/docker/body/models/container-bodies.ts';
import { readBodyAs } from '../../../src/docker/body/read.ts';
import type { BodyType } from '../../../src/docker/body/types.ts';
import { writeBody } from '../../../src/docker/body/write.ts';
import { encodeJson, JsonNumber, type JsonValue, parseJson } from '../../../src/docker/strict-json.ts';

const NEWEST = 56;

/** Any JSON that a description takes, written as the gateway writes: members in order, nothing null. */
function taken(type: BodyType): fc.Arbitrary<JsonValue> {
  switch (type.kind) {
    case 'bool':
      return fc.boolean();
    case 'int': {
      const [min = 0n, max = 0n] = type.range ?? [];
      return fc.bigInt({ min, max }).map((value) => new JsonNumber(String(value)));
    }
    case 'strings':
      return fc.array(text, { maxLength: 2 });
    case 'array':
      return fc.array(taken(type.of), { maxLength: 2 });
    case 'map':
      return fc
        .dictionary(key, taken(type.of), { maxKeys: 2, noNullPrototype: true })
        .map((members) => new Map(Object.entries(members)));
    case 'struct':
      return struct(type);
    default:
      return text;
  }
}

const text = fc.string({ unit: 'grapheme', maxLength: 8 });
/** Keys that read like numbers come first in an object of JavaScript, wherever they stood. */
const key = text.filter((name) => !/^\d+$/.test(name));

/** At most eight members, of the fields that the newest API still has. */
function struct(type: BodyType & { readonly kind: 'struct' }): fc.Arbitrary<JsonValue> {
  const fields = Object.entries(type.fields).filter(
    ([, field]) => field.type.kind !== 'ignored' && field.removed === undefined,
  );
  return fc
    .subarray(fields, { maxLength: Math.min(8, fields.length) })
    .chain((some) =>
      fc
        .tuple(...some.map(([, field]) => taken(field.type)))
        .map((values) => new Map(some.map(([name], index) => [name, values[index] as JsonValue]))),
    );
}

describe('a body of a container operation', () => {
  it.each(Object.entries(CONTAINER_BODIES))('%s is written as it was read', (_, type) => {
    fc.assert(
      fc.property(taken(type), (given) => {
        const sent = encodeJson(given);
        const { value, unknown } = readBodyAs(type, parseJson(sent), NEWEST);
        expect([writeBody(type, value), unknown]).toEqual([sent, []]);
      }),
      { numRuns: 200 },
    );
  });

  it.each(Object.entries(CONTAINER_BODIES))(
    '%s with its members in another order means the same',
    (_, type) => {
      fc.assert(
        fc.property(taken(type), (given) => {
          const turned = given instanceof Map ? new Map([...given].reverse()) : given;
          const [one, two] = [given, turned].map((each) =>
            writeBody(type, readBodyAs(type, each, NEWEST).value),
          );
          expect(two).toBe(one);
        }),
        { numRuns: 100 },
      );
    },
  );
});
