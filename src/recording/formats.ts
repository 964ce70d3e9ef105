import { eventLine, headerLine } from './asciicast.ts';
import { PlainText } from './plain-text.ts';
import type { Cast } from './reader.ts';

/** The forms of a recording that others can use, piece by piece. */
export const FORMATS = {
  /** As every player takes it: standard error is output too, and what is ours alone is left out. */
  async *asciicast({ header: { quaywarden: _, ...header }, events }: Cast): AsyncGenerator<string> {
    yield headerLine(header);
    for await (const { seconds, code, text } of events)
      yield eventLine(seconds, code === 'e' ? 'o' : code, text);
  },
  /** What was said, without control sequences. */
  async *text({ events }: Cast): AsyncGenerator<string> {
    const streams = { o: new PlainText(), e: new PlainText() };
    for await (const { code, text } of events) {
      if (code === 'o' || code === 'e') yield streams[code].write(text);
    }
  },
  /** Exactly the bytes of both output streams. */
  async *raw({ events }: Cast): AsyncGenerator<Buffer> {
    for await (const { code, bytes } of events) if (code === 'o' || code === 'e') yield bytes;
  },
} as const;

export type Format = keyof typeof FORMATS;
