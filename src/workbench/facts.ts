import { NO_FACTS } from '../docker/facts/none.ts';
import { FACTS_SHAPE, type FactShape } from '../docker/facts/shape.ts';
import type { Facts } from '../docker/facts/types.ts';

/** What is none of what a record of facts can hold. */
const UNREADABLE = Symbol('unreadable');

/**
 * The facts of a request as they were judged, from what its record tells of them: a record leaves out what says nothing
 * (`told` in audit/records.ts).
 *
 * @returns undefined where the record does not tell them all: they were too many, or another release wrote them
 */
export function restoreFacts(told: Readonly<Record<string, unknown>>): Facts | undefined {
  if (Object.keys(told).length === 0) return NO_FACTS;
  const facts = restored(FACTS_SHAPE, told);
  return facts === UNREADABLE ? undefined : (facts as Facts);
}

function restored(shape: FactShape, told: unknown): unknown {
  if (told === undefined || told === null) return untold(shape);
  switch (shape.kind) {
    case 'string':
    case 'boolean':
    case 'number':
      return typeof told === shape.kind ? told : UNREADABLE;
    case 'bigint':
      return typeof told === 'number' || /^-?[0-9]+$/.test(String(told))
        ? BigInt(told as number | string)
        : UNREADABLE;
    case 'array':
      return Array.isArray(told) ? whole(told.map((each) => restored(shape.of, each))) : UNREADABLE;
    case 'map':
      return isPlain(told) ? members(told, () => shape.of) : UNREADABLE;
    case 'object':
      return isPlain(told) ? objectOf(shape.fields, told) : UNREADABLE;
  }
}

/** What a record leaves out. */
function untold(shape: FactShape): unknown {
  if (shape.nullable === true) return null;
  if (shape.optional === true) return undefined;
  if (shape.kind === 'array') return [];
  if (shape.kind === 'map') return {};
  return shape.kind === 'object' ? objectOf(shape.fields, {}) : UNREADABLE;
}

function objectOf(
  fields: Readonly<Record<string, FactShape>>,
  told: Readonly<Record<string, unknown>>,
): unknown {
  const strange = Object.keys(told).some((name) => !Object.hasOwn(fields, name));
  if (strange) return UNREADABLE;
  const all = Object.keys(fields).map((name) => [name, told[name]] as const);
  return members(Object.fromEntries(all), (name) => fields[name] as FactShape);
}

function members(told: Readonly<Record<string, unknown>>, shapeOf: (name: string) => FactShape): unknown {
  const read = Object.entries(told).map(([name, value]) => [name, restored(shapeOf(name), value)] as const);
  if (read.some(([, value]) => value === UNREADABLE)) return UNREADABLE;
  return Object.fromEntries(read.filter(([, value]) => value !== undefined));
}

function whole(items: readonly unknown[]): unknown {
  return items.includes(UNREADABLE) ? UNREADABLE : items;
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
