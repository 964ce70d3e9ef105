import { createReadStream } from 'node:fs';
import { type CastHeader, castEvent, castHeader, type EventCode } from './asciicast.ts';

/** Longest line that is read, in characters: a chunk of 64 KiB of control characters stays below. */
const MOST_LINE = 1_048_576;

/** An event, with the bytes that it stands for. */
export interface CastEvent {
  readonly seconds: number;
  readonly code: EventCode;
  /** As players read it. */
  readonly text: string;
  /** Exactly what passed. */
  readonly bytes: Buffer;
}

/** What is wrong with a recording. */
export class CastError extends Error {
  override readonly name = 'CastError';
}

/** A recording that is being read. */
export interface Cast {
  readonly header: CastHeader;
  /**
   * In order; can be walked once. Codes that are not known are left out, and so is a last line that is cut, as of a
   * gateway that was killed.
   *
   * @throws CastError naming the line
   */
  readonly events: AsyncIterable<CastEvent>;
}

/**
 * Opens a recording; no more than a line of it is kept in memory.
 *
 * @throws CastError when it is none; NodeJS.ErrnoException when it can not be read
 */
export async function readCast(path: string): Promise<Cast> {
  const lines = linesOf(path);
  return { header: await headerOf(lines), events: eventsOf(lines) };
}

/** Reads its header alone; throws as `readCast`. */
export async function readCastHeader(path: string): Promise<CastHeader> {
  const lines = linesOf(path);
  const header = await headerOf(lines);
  await lines.return(undefined);
  return header;
}

async function headerOf(lines: AsyncGenerator<Line>): Promise<CastHeader> {
  const first = await lines.next();
  const header = castHeader.safeParse(first.done === true ? undefined : json(first.value.text));
  if (header.success) return header.data;
  await lines.return(undefined);
  throw new CastError('line 1 is no header of an asciicast v2 recording');
}

interface Line {
  readonly text: string;
  /** Whether it is ended by a line feed. */
  readonly whole: boolean;
}

async function* eventsOf(lines: AsyncGenerator<Line>): AsyncGenerator<CastEvent> {
  let number = 1;
  let exact: Buffer | undefined;
  for await (const { text: line, whole } of lines) {
    number += 1;
    const event = castEvent.safeParse(json(line));
    if (!event.success) {
      if (!whole) return;
      throw new CastError(`line ${number} is no event of an asciicast v2 recording`);
    }
    const [seconds, code, text] = event.data;
    if (code === 'b') {
      exact = Buffer.from(text, 'base64');
      continue;
    }
    if (isCode(code)) yield { seconds, code, text, bytes: exact ?? Buffer.from(text) };
    exact = undefined;
  }
}

async function* linesOf(path: string): AsyncGenerator<Line> {
  let rest = '';
  for await (const chunk of createReadStream(path, { encoding: 'utf8' })) {
    const parts = `${rest}${chunk as string}`.split('\n');
    rest = parts.pop() ?? '';
    if (rest.length > MOST_LINE) throw new CastError('a line is too long');
    for (const text of parts) yield { text, whole: true };
  }
  if (rest !== '') yield { text: rest, whole: false };
}

function isCode(code: string): code is EventCode {
  return code === 'o' || code === 'e' || code === 'i' || code === 'r';
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
