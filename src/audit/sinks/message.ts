import { setTimeout as sleep } from 'node:timers/promises';
import { ascii } from '../chain.ts';
import { toOcsf } from '../ocsf.ts';
import type { LogLine } from '../reader.ts';
import { type AuditLine, auditLine } from '../record.ts';

/** What a sink sends of a line. */
export interface Message {
  /** One line of JSON in ASCII, without a line feed. */
  readonly text: string;
  /** What the line says; undefined when it is of a form that this version does not know. Then it is sent as it is. */
  readonly line: AuditLine | undefined;
}

/** Turns a line of the log into what is sent of it. */
export type ToMessage = (line: LogLine) => Message;

/**
 * @param format `native`: the line as it is, so that its hash can be computed by whoever has it; `ocsf`: an event of that
 *   schema, except for what only holds the log together, which is sent as it is
 * @param version of this gateway
 */
export function toMessage(format: 'native' | 'ocsf', version: string): ToMessage {
  return ({ bytes }) => {
    const text = bytes.toString('latin1');
    const line = parse(text);
    const event = format === 'ocsf' && line !== undefined ? toOcsf(line, version) : undefined;
    return { text: event === undefined ? text : ascii(JSON.stringify(event)), line };
  };
}

/** Lines that are made messages of in one turn of the event loop: a millisecond or two. */
const PER_TURN = 32;

/**
 * Makes something of each line, and leaves the processor to requests for twice as long as it has used it: a sink that
 * catches up after an outage must not be felt.
 */
export async function each<T>(lines: readonly LogLine[], make: (line: LogLine) => T): Promise<T[]> {
  const made: T[] = [];
  for (let at = 0; at < lines.length; at += PER_TURN) {
    const since = performance.now();
    for (const line of lines.slice(at, at + PER_TURN)) made.push(make(line));
    if (at + PER_TURN < lines.length) await sleep(2 * (performance.now() - since));
  }
  return made;
}

/** How grave it is that a line tells of: the severities of RFC 5424, section 6.2.1. */
export function severityOf(line: AuditLine | undefined): 3 | 4 | 5 | 6 {
  switch (line?.type) {
    case 'gap':
      return 3;
    case 'recovery':
      return 4;
    case 'request':
      return line.decision.effect === 'deny' ? 4 : 6;
    case 'start':
    case 'stop':
    case 'reload':
      return 5;
    default:
      return 6;
  }
}

function parse(text: string): AuditLine | undefined {
  try {
    return auditLine.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
