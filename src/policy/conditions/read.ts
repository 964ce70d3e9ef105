import type { Facts } from '../../docker/facts/types.ts';
import { JsonNumber } from '../../docker/strict-json.ts';
import { quoted } from '../../docker/text.ts';
import type { Approach } from '../decision.ts';
import type { Place, Step } from './place.ts';

/** What a condition is held against: body and facts are not known yet when `admits` is asked. */
export interface Asked extends Approach {
  readonly body?: unknown;
  readonly facts?: Facts | undefined;
}

/** One value out of a request. */
export interface Item {
  /** Undefined or null when it is not there. */
  readonly value: unknown;
  /** What says it, for the refusal: `HostConfig.Memory`. */
  readonly field: string;
  /** It is not there because nobody knows it, and not because it is not given. */
  readonly untold: boolean;
}

/** What stands at a place. */
export interface Reading {
  readonly items: readonly Item[];
  /** There may be items more. */
  readonly untold: boolean;
  readonly place: Place;
}

/** Facts whose null means that it can not be told; elsewhere it means that there is none. */
const UNTOLD: ReadonlySet<string> = new Set([
  ...['hostPaths.path', 'user.root', 'image.name', 'images.name', 'tags.name'],
  ...['build.baseImages', 'build.baseImages.name'],
]);

/** Reads own properties of plain data, and nothing else. */
export function read(place: Place, asked: Asked): Reading {
  const { root, list, text } = place;
  if ((root === 'facts' && asked.facts === undefined) || (root === 'body' && !Object.hasOwn(asked, 'body'))) {
    return { place, untold: true, items: list ? [] : [{ value: undefined, field: text, untold: true }] };
  }
  let items: readonly Item[] = [{ value: rootOf(root, asked), field: '', untold: false }];
  let at = '';
  for (const step of place.steps) {
    if (step.to === 'member') {
      at = at === '' ? step.name : `${at}.${step.name}`;
      const unknown = root === 'facts' && isUntold(at, asked.facts as Facts);
      items = items.map((item) => member(item, step, root, unknown));
    } else {
      items = items.flatMap((item) => itemsOf(item, step.to === 'item' ? step.index : undefined, root));
    }
  }
  const named = items.map((item) => ({ ...item, field: item.field === '' ? text : item.field }));
  return { place, untold: root === 'facts' && isPartial(place, asked), items: named };
}

function rootOf(root: string, { operation, ...asked }: Asked): unknown {
  return root === 'operation' ? operation.id : (asked as Readonly<Record<string, unknown>>)[root];
}

function member(
  { value, field, untold }: Item,
  { name, sourced }: Extract<Step, { to: 'member' }>,
  root: string,
  unknown: boolean,
): Item {
  const inner = isPlain(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  const source = sourced && isPlain(value) ? value['field'] : undefined;
  return {
    value: inner,
    field: typeof source === 'string' ? source : grown(field, name, root),
    untold: untold || (inner === null && unknown),
  };
}

/** What is not given has no items; with an index, an item that is not given. */
function itemsOf({ value, field, untold }: Item, index: number | undefined, root: string): readonly Item[] {
  if (value === undefined || value === null) {
    return index === undefined && !untold ? [] : [{ value: undefined, field, untold }];
  }
  if (!Array.isArray(value)) throw new TypeError('a list was expected');
  const items = value.map((item: unknown, at) => ({ value: item, field: grown(field, at, root), untold }));
  if (index === undefined) return items;
  return [items[index] ?? { value: undefined, field: grown(field, index, root), untold }];
}

/** A path into the request; facts know theirs themselves. */
function grown(field: string, key: string | number, root: string): string {
  if (root === 'query') return field === '' ? `query ${key}` : field;
  if (root !== 'body') return field;
  if (typeof key === 'number') return `${field}[${key}]`;
  if (!/^\w[\w.-]*$/.test(key)) return `${field}[${quoted(key)}]`;
  return field === '' ? key : `${field}.${key}`;
}

/** Images that a Dockerfile or an archive names, where nobody read it. */
function isPartial({ steps }: Place, { operation, facts }: Asked): boolean {
  const [first] = steps;
  if (first?.to !== 'member' || first.name !== 'images' || facts === undefined) return false;
  return lacksImages(operation.id, facts);
}

/** Whether a request may use images that its facts do not name. */
export function lacksImages(operation: string, facts: Facts): boolean {
  if (facts.build !== null && facts.build.baseImages === null) return true;
  return operation === 'ImageLoad' && facts.images.length === 0;
}

function isUntold(at: string, facts: Facts): boolean {
  return UNTOLD.has(at) || (at === 'user' && facts.runs !== null);
}

function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof JsonNumber)
  );
}
