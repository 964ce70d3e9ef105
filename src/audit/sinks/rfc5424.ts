import { ascii } from '../chain.ts';
import type { LogLine } from '../reader.ts';
import { type Message, severityOf, type ToMessage } from './message.ts';

/** What stands in the header of every message. */
export interface Origin {
  /** 0 to 23; RFC 5424, table 1. */
  readonly facility: number;
  /** This host. */
  readonly hostname: string;
  /** How many bytes a message may have; RFC 5425, section 4.3.1, has every receiver take 8192. */
  readonly maxMessageBytes: number;
}

/**
 * Frames a line for a stream: RFC 5424's message in RFC 6587's octet counting, which RFC 5425 prescribes for TLS.
 *
 * - PROCID is nil: a record may have been made by an earlier process.
 * - MSGID is the record's stage or type.
 * - There is no structured data: its names need a number of the IANA's that this project has not got, and all of it is in
 *   the message.
 * - There is no byte order mark: messages are ASCII, which section 6.4 allows as MSG-ANY, and JSON readers stumble over it.
 */
export function frame(line: LogLine, toMessage: ToMessage, origin: Origin): Buffer {
  const message = toMessage(line);
  const header = headerOf(message, line, origin);
  const room = origin.maxMessageBytes - header.length;
  const text = `${header}${message.text.length <= room ? message.text : shorten(message.text, room)}`;
  return Buffer.from(`${text.length} ${text}`, 'latin1');
}

function headerOf({ line }: Message, { link }: LogLine, { facility, hostname }: Origin): string {
  const priority = facility * 8 + severityOf(line);
  // RFC 5424, section 6.2.3, has six digits of a second at most.
  const time = link?.time.replace(/(\.\d{6})\d*Z$/, '$1Z') ?? '-';
  const id = line?.type === 'request' ? line.stage : (line?.type ?? '-');
  return `<${priority}>1 ${time} ${hostname} quaywarden - ${id} - `;
}

/** The members that may be long, the longest first: at the top of an event, and one below. */
const LONG = [
  ['outcome', 'body'],
  ['request', 'body'],
  ['unmapped', 'answer'],
  ['unmapped', 'body'],
  ['facts'],
  ['unmapped', 'facts'],
  ['decision', 'reasons'],
  ['unmapped', 'reasons'],
  ['changes'],
  ['unmapped', 'changes'],
  ['involves'],
  ['resources'],
  ['request', 'query'],
  ['request', 'path'],
  ['http_request', 'url'],
  ['session', 'command'],
  ['unmapped', 'session'],
  ['principal', 'roles'],
  ['decision', 'observed'],
  ['unmapped', 'observed'],
] as const;

/** Characters of a member that is told of whatever else is too long. */
const SHORT = 128;

/**
 * Takes out what is long, one member after the other, until the message fits: a receiver that cuts it leaves no JSON.
 * `shortened` names what is missing; the record's hash is that of the whole line, which is in the gateway's log.
 */
export function shorten(text: string, room: number): string {
  const message = JSON.parse(text) as Record<string, unknown>;
  const shortened: string[] = [];
  let short = text;
  for (const [outer, inner] of LONG) {
    if (short.length <= room) break;
    const holder = inner === undefined ? message : (message[outer] as Record<string, unknown> | undefined);
    const member = inner ?? outer;
    if (holder === undefined || !(member in holder)) continue;
    delete holder[member];
    shortened.push(inner === undefined ? outer : `${outer}.${inner}`);
    short = ascii(JSON.stringify({ ...message, shortened }));
  }
  if (short.length <= room) return short;
  // What a receiver cuts off it may take for another message.
  const told = Object.entries(message).filter(([, member]) => JSON.stringify(member).length <= SHORT);
  return ascii(JSON.stringify({ ...Object.fromEntries(told), shortened: ['all'] }));
}
