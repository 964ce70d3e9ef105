import { createHash, hash } from 'node:crypto';
import type { AuditEntry, AuditLine } from './record.ts';
import { EntryTexts } from './text.ts';

/**
 * The chain: each line carries the hash of the line before it, and its own over all its bytes but the last member. A line
 * is written in one form only: members in the order of record.ts, no white space, ASCII (all else as `\uXXXX`). So
 * whoever has a line can compute its hash without knowing what it means:
 *
 *     sed 's/,"hash":"[0-9a-f]*"}$/}/' | tr -d '\n' | sha256sum
 */

/** Where a chain stands: the last line's number and hash. */
export interface Head {
  readonly sequence: number;
  readonly hash: string;
}

/** Before the first line. */
export const GENESIS: Head = { sequence: 0, hash: '0'.repeat(64) };

/** The place that a line will have in the chain. */
export interface Place {
  readonly time: string;
  readonly sequence: number;
  readonly gateway: string;
  readonly previous: string;
}

const texts = new EntryTexts();

/** Gives an entry its place. @returns the line with its line feed, and where the chain stands then */
export function link(entry: AuditEntry, place: Place): { readonly line: string; readonly head: Head } {
  const { sequence, gateway, previous } = place;
  const { time = place.time } = entry;
  const text = ascii(
    `{"schema":2,"time":"${time}","sequence":${sequence},"gateway":${JSON.stringify(gateway)},` +
      `${texts.membersOf(entry)},"previous":"${previous}"`,
  );
  const digest = hash('sha256', `${text}}`);
  return { line: `${text},"hash":"${digest}"}\n`, head: { sequence, hash: digest } };
}

/** What a line says of its place. */
export interface Link {
  readonly time: string;
  readonly sequence: number;
  readonly gateway: string;
  readonly type: AuditLine['type'];
  readonly previous: string;
  readonly hash: string;
}

const START =
  /^\{"schema":2,"time":"([0-9TZ:.-]{30})","sequence":([1-9][0-9]{0,15}),"gateway":"([^"\\]*)","type":"([a-z]+)"/;
const END = /,"previous":"([0-9a-f]{64})","hash":"([0-9a-f]{64})"\}$/;
const START_BYTES = 400;
const END_BYTES = 153;
/** `,"hash":"` and what follows it. */
const HASH_BYTES = 75;

/**
 * Reads a line's place without parsing what is in between.
 *
 * @param line its bytes, without the line feed
 * @returns undefined when it is no line of an audit log
 */
export function readLink(line: Buffer): Link | undefined {
  const start = START.exec(line.toString('latin1', 0, START_BYTES));
  const end = END.exec(line.toString('latin1', Math.max(0, line.length - END_BYTES)));
  if (start === null || end === null) return undefined;
  const [, time = '', sequence = '', gateway = '', type = ''] = start;
  const [, previous = '', hash = ''] = end;
  return { time, sequence: Number(sequence), gateway, type: type as Link['type'], previous, hash };
}

/** The hash that a line of these bytes must have. */
export function hashOf(line: Buffer): string {
  return createHash('sha256')
    .update(line.subarray(0, line.length - HASH_BYTES))
    .update('}')
    .digest('hex');
}

/**
 * What a line says, when it is written as `link` writes: no reader may take another of two members of one name, or the
 * line for one of another type than `readLink` does.
 *
 * @param line its bytes, without the line feed
 * @returns undefined when it is written otherwise
 */
export function readLine(line: Buffer): AuditLine | undefined {
  const text = line.toString('latin1');
  try {
    const said = JSON.parse(text) as AuditLine;
    return ascii(JSON.stringify(said)) === text ? said : undefined;
  } catch {
    return undefined;
  }
}

/** JSON in ASCII: a line stays a line, whatever reads it. */
export function ascii(json: string): string {
  // Most lines are already, which their length in UTF-8 tells much sooner.
  if (Buffer.byteLength(json) === json.length && !json.includes('\x7f')) return json;
  return json.replace(/[\x7f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
