import type { AuditEntry, AuditRecord } from './record.ts';

type RequestEntry = Extract<AuditEntry, { type: 'request' }>;

/** What the record of a decision says. */
interface Saying {
  readonly record: RequestEntry;
  /** All that follows its stage. */
  readonly text: string;
}

/** Texts of what many records share: principals, verdicts. Only what is frozen is remembered: all else may change. */
const texts = new WeakMap<object, string>();
/** What decisions said, by what all records of a request have of the same. */
const sayings = new WeakMap<AuditRecord['client'], Saying>();

/**
 * An entry as `JSON.stringify` writes it. Most of what a record says stands in others too, word for word: what many have in
 * common is written once, and the record of the end of a request takes from that of its decision all that it says again.
 */
export function textOf(entry: AuditEntry): string {
  return entry.type === 'request' ? recordText(entry) : JSON.stringify(entry);
}

function recordText(record: RequestEntry): string {
  const { time, id, stage, client } = record;
  if (time === undefined) return whole(record);
  const head = `{"time":"${time}","type":"request","id":"${id}","stage":"${stage}",`;
  // Of a session, the end tells more than the decision did.
  if (stage === 'stream-start') sayings.delete(client);
  if (stage === 'complete') {
    const said = sayings.get(client);
    if (said === undefined || !saysTheSame(said.record, record)) return whole(record);
    return `${head}${said.text},"outcome":${JSON.stringify(record.outcome)}}`;
  }
  const text = whole(record);
  if (stage === 'decision' && text.startsWith(head))
    sayings.set(client, { record, text: text.slice(head.length, -1) });
  return text;
}

function whole(record: RequestEntry): string {
  let text = '';
  for (const name in record) {
    const value: unknown = record[name as keyof RequestEntry];
    if (value !== undefined) text += `,"${name}":${valueText(value)}`;
  }
  return `{${text.slice(1)}}`;
}

function valueText(value: unknown): string {
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
