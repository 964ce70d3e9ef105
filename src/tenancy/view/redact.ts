import { JsonError } from '../../docker/strict-json.ts';
import {
  checked,
  type Edit,
  editElements,
  editMembers,
  endOf,
  isNull,
  membersOf,
  writeObject,
} from './raw-json.ts';
import { redactEvent } from './redact-event.ts';
import { RULES, type Rule, type Secretive } from './redact-rules.ts';
import { hidden, isOwnLabel, REDACTED, redactedPair } from './redacted.ts';

export type { Secretive } from './redact-rules.ts';

/** The rules for what stands at one place and below it. */
interface Place {
  readonly ways: Rule['way'][];
  readonly below: Map<string, Place>;
  /** What becomes of each member that has a place below. */
  readonly edits: Map<string, Edit>;
}

function emptyPlace(): Place {
  return { ways: [], below: new Map(), edits: new Map() };
}

/**
 * Takes values out of a reply. Names of variables and keys of labels stay, and so does every byte beside.
 *
 * @param body the reply; of SystemEvents one line of it
 * @throws JsonError or SyntaxError when it is not what the operation answers
 */
export function redact(operationId: string, body: string, hide: ReadonlySet<Secretive>): string {
  if (hide.size === 0) return body;
  if (operationId === 'SystemEvents') return redactEvent(body, hide);
  const place = placeOf(operationId, hide);
  return place === undefined ? body : at(place, checked(body)) + endOf(body);
}

/** Whether a reply of the operation holds anything that is hidden. */
export function redacts(operationId: string, hide: ReadonlySet<Secretive>): boolean {
  if (hide.size === 0) return false;
  return operationId === 'SystemEvents' || placeOf(operationId, hide) !== undefined;
}

/** By operation and what is taken out of its replies: few of each. */
const PLACES = new Map<string, Place | undefined>();

function placeOf(operationId: string, hide: ReadonlySet<Secretive>): Place | undefined {
  const key = [operationId, ...[...hide].sort()].join(' ');
  if (!PLACES.has(key)) PLACES.set(key, grow(RULES[operationId] ?? [], hide));
  return PLACES.get(key);
}

function grow(rules: readonly Rule[], hide: ReadonlySet<Secretive>): Place | undefined {
  const root = emptyPlace();
  for (const { kinds, path, way } of rules) {
    if (!kinds.some((kind) => hide.has(kind))) continue;
    let place = root;
    for (const step of path) {
      const next = place.below.get(step) ?? emptyPlace();
      place.below.set(step, next);
      place.edits.set(step, (raw) => at(next, raw));
      place = next;
    }
    place.ways.push(way);
  }
  return root.edits.size === 0 ? undefined : root;
}

function at({ ways: [way], edits }: Place, raw: string): string {
  if (isNull(raw)) return raw;
  if (way !== undefined) return WAYS[way](raw);
  const element = edits.get('[]');
  if (element !== undefined) return editElements(raw, element);
  const value = edits.get('{}');
  return value === undefined ? editMembers(raw, edits) : editMembers(raw, new Map(), value);
}

const WAYS: Readonly<Record<Rule['way'], (raw: string) => string>> = {
  value: hidden,
  labels(raw) {
    const edited = membersOf(raw).map((member) =>
      isOwnLabel(member.key) ? member : { ...member, raw: hidden(member.raw) },
    );
    return writeObject(edited);
  },
  pairs: (raw) => editElements(raw, (pair) => JSON.stringify(redactedPair(textIn(pair)))),
  path: (raw) => (HOST_PATH.test(textIn(raw)) ? hidden(raw) : raw),
  bind(raw) {
    const text = textIn(raw);
    const [path] = HOST_PATH.exec(text) ?? [];
    return path === undefined ? raw : JSON.stringify(REDACTED + text.slice(path.length));
  },
};

/** Absolute, on Linux or Windows, up to the colon that ends it in a bind. */
const HOST_PATH = /^(?:[A-Za-z]:)?[/\\][^:]*/;

function textIn(raw: string): string {
  const text: unknown = JSON.parse(raw);
  if (typeof text !== 'string') throw new JsonError('a text was expected');
  return text;
}
