import { JsonError } from '../../docker/strict-json.ts';
import { checked, editElements, editMembers, endOf, isNull, membersOf, writeObject } from './raw-json.ts';
import { redactEvent } from './redact-event.ts';
import { RULES, type Rule, type Secretive } from './redact-rules.ts';
import { hidden, isOwnLabel, REDACTED, redactedPair } from './redacted.ts';

export type { Secretive } from './redact-rules.ts';

/** The rules for what stands at one place and below it. */
interface Place {
  readonly ways: Rule['way'][];
  readonly below: Map<string, Place>;
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

/** By operation and what is taken out of its replies: few of each. */
const PLACES = new Map<string, Place | undefined>();

function placeOf(operationId: string, hide: ReadonlySet<Secretive>): Place | undefined {
  const key = [operationId, ...[...hide].sort()].join(' ');
  if (!PLACES.has(key)) PLACES.set(key, grow(RULES[operationId] ?? [], hide));
  return PLACES.get(key);
}

function grow(rules: readonly Rule[], hide: ReadonlySet<Secretive>): Place | undefined {
  const root: Place = { ways: [], below: new Map() };
  for (const { kinds, path, way } of rules) {
    if (!kinds.some((kind) => hide.has(kind))) continue;
    let place = root;
    for (const step of path) {
      const next = place.below.get(step) ?? { ways: [], below: new Map() };
      place.below.set(step, next);
      place = next;
    }
    place.ways.push(way);
  }
  return root.below.size === 0 ? undefined : root;
}

function at({ ways: [way], below }: Place, raw: string): string {
  if (isNull(raw)) return raw;
  if (way !== undefined) return WAYS[way](raw);
  const element = below.get('[]');
  if (element !== undefined) return editElements(raw, (each) => at(element, each));
  const value = below.get('{}');
  if (value !== undefined) return editMembers(raw, new Map(), (each) => at(value, each));
  return editMembers(
    raw,
    new Map([...below].map(([name, place]) => [name, (each) => at(place, each)] as const)),
  );
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
