import { Memory } from '../memory.ts';
import type { AuditEntry } from './record.ts';

type RequestEntry = Extract<AuditEntry, { type: 'request' }>;

/** What the record of a decision says. */
interface Saying {
  readonly record: RequestEntry;
  /** All that follows its stage. */
  readonly text: string;
}

/** Texts of what many records share: principals, clients, verdicts. Only what is frozen is remembered: all else may change. */
const texts = new WeakMap<object, string>();

/** Many more than are under way at a time. Those whose end is never told, as a failed write leaves some, take no more room. */
const MOST_SAYINGS = 1_024;
/** Longest that is remembered, in characters. */
const LONGEST_SAYING = 4_096;

/** Text that stands in JSON as it is. */
const PLAIN = /^[\w.:-]*$/;

/**
 * Writes entries as `JSON.stringify` does. Most of what a record says stands in others too, word for word: what many have in
 * common is written once, and the record of the end of a request takes from that of its decision all that it says again.
 */
export class EntryTexts {
  /** What decisions said of requests of which nothing else was written yet, by the id of the request. */
  readonly #sayings = new Memory<Saying>(MOST_SAYINGS);

  /** Of how many requests it is remembered what their decision said. */
  get remembered(): number {
    return this.#sayings.size;
  }

  /** @returns the members of an entry but for its time, as they stand between the braces */
  membersOf(entry: AuditEntry): string {
    if (entry.type === 'request') return this.#recordText(entry);
    const { time: _, ...members } = entry;
    return JSON.stringify(members).slice(1, -1);
  }

  #recordText(record: RequestEntry): string {
    const { id, stage } = record;
    const head = `"type":"request","id":${valueText(id)},"stage":"${stage}"`;
    const said = this.#sayings.get(id);
    this.#sayings.delete(id);
    if (stage === 'complete' && said !== undefined && saysTheSame(said.record, record))
      return `${head}${said.text},"outcome":${valueText(record.outcome)}`;
    const text = restText(record);
    if (stage === 'decision' && text.length <= LONGEST_SAYING) this.#sayings.set(id, { record, text });
    return `${head}${text}`;
  }
}

/** What follows the stage. */
function restText(record: RequestEntry): string {
  let text = '';
  for (const name in record) {
    if (name === 'time' || name === 'type' || name === 'id' || name === 'stage') continue;
    const value: unknown = record[name as keyof RequestEntry];
    if (value !== undefined) text += `,"${name}":${valueText(value)}`;
  }
  return text;
}

function valueText(value: unknown): string {
  if (typeof value === 'string') return PLAIN.test(value) ? `"${value}"` : JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const before = texts.get(value);
  if (before !== undefined) return before;
  const text = JSON.stringify(value);
  if (Object.isFrozen(value)) texts.set(value, text);
  return text;
}

/** Whether two records say the same of a request, but for when, at which stage, and what came of it. */
function saysTheSame(one: RequestEntry, other: RequestEntry): boolean {
  for (const name in other) {
    if (name === 'time' || name === 'stage' || name === 'outcome') continue;
    if (one[name as keyof RequestEntry] !== other[name as keyof RequestEntry]) return false;
  }
  for (const name in one) if (!(name in other)) return false;
  return true;
}
