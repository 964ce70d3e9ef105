import * as z from 'zod';
import type { Characters } from './characters.ts';

/**
 * asciicast v2 (https://docs.asciinema.org/manual/asciicast/v2/): a header and one event a line, JSON. Beyond the
 * format, which lets players skip codes that they do not know:
 *
 * - `e` is standard error, where there is no terminal;
 * - `b` are bytes, base64, that stand before the event that they read as, when not all of them are UTF-8;
 * - the member `quaywarden` of the header says whose session it is.
 */

/** What an event is: output, standard error, input, or another size of the terminal. */
export type EventCode = 'o' | 'e' | 'i' | 'r';

/** Width and height of a terminal, in characters. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

const dimension = z.number().int().min(0).max(65_535);
const text = z.string();

/** The first line. */
export const castHeader = z.object({
  version: z.literal(2),
  width: dimension,
  height: dimension,
  /** When it began, in seconds since the epoch. */
  timestamp: z.number().optional(),
  title: text.optional(),
  command: text.optional(),
  quaywarden: z
    .object({
      session: text,
      kind: z.enum(['exec', 'attach']),
      container: text,
      containerName: text.nullable(),
      command: z.array(text).nullable(),
      user: text.nullable(),
      tty: z.boolean(),
      input: z.boolean(),
      principal: text,
      tenant: text,
      /** Where there are several Engines. */
      engine: text.optional(),
    })
    .optional(),
});
export type CastHeader = z.output<typeof castHeader>;

/** An event as it stands in a file. */
export const castEvent = z.tuple([z.number().min(0), text, text]);

export function headerLine(header: CastHeader): string {
  return `${JSON.stringify(header)}\n`;
}

/** @param seconds since the beginning */
export function eventLine(seconds: number, code: EventCode | 'b', data: string): string {
  return `[${seconds.toFixed(6)},"${code}",${JSON.stringify(data)}]\n`;
}

/** An event of bytes: one line, or two when the text does not stand for them exactly. */
export function bytesLines(
  seconds: number,
  code: 'o' | 'e' | 'i',
  { bytes, text: read, exact }: Characters,
): string {
  const line = eventLine(seconds, code, read);
  return exact ? line : `${eventLine(seconds, 'b', bytes.toString('base64'))}${line}`;
}

/** Another size of the terminal. */
export function sizeLine(seconds: number, { columns, rows }: TerminalSize): string {
  return eventLine(seconds, 'r', `${columns}x${rows}`);
}
