import { isUtf8 } from 'node:buffer';
import { Transform, type TransformCallback } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { capVersionBody, type VersionRange } from '../docker/versions.ts';
import { withWarnings } from '../docker/warnings.ts';
import type { Judged } from '../exchange.ts';
import { redact, redacts } from '../tenancy/view/redact.ts';

/** Operations whose answer has a list of warnings, which the docker CLI prints. */
const WARNING = new Set(['ContainerCreate']);

/** What becomes of a reply: read whole and rewritten, or a stream of lines. */
export type ReplyFilter =
  | { readonly kind: 'whole'; rewrite(body: Buffer): Promise<Buffer> }
  | { readonly kind: 'lines'; open(): Transform };

/**
 * What becomes of an operation's reply. `/version` advertises no API version above the ceiling, so that newer clients
 * negotiate down to one whose requests are understood here; what the gateway changed of a request is told as a warning
 * where the answer has room for one; who may not see everything gets what they may see; all else passes as it is.
 *
 * @returns undefined where the reply passes as it is
 */
export function replyFilter(judged: Judged, range: VersionRange, status: number): ReplyFilter | undefined {
  const { api, changes, tenant, hide } = judged;
  const { id } = api.operation;
  const isRedacted = status < 300 && redacts(id, hide);
  const steps: ((body: Buffer) => Promise<Buffer> | Buffer)[] = [];
  const shown = tenant?.reply(api);
  if (shown?.isLines(status) === true || (isRedacted && id === 'SystemEvents')) {
    const line = async (text: string): Promise<string | undefined> => {
      const kept = shown === undefined ? text : await shown.line(text);
      return kept === undefined || kept.trim() === '' ? kept : redact(id, kept, hide);
    };
    return { kind: 'lines', open: () => new LineFilter(line) };
  }
  if (shown?.isWhole(status) === true) {
    steps.push(async (body) => {
      const text = body.toString();
      const seen = await shown.whole(status, text);
      // What is no UTF-8 was read as something else, and is what was read.
      return seen === text && isUtf8(body) ? body : Buffer.from(seen);
    });
  }
  if (isRedacted) steps.push((body) => Buffer.from(redact(id, body.toString(), hide)));
  if (changes.length > 0 && WARNING.has(id)) {
    const warnings = changes.map((change) => `quaywarden: ${change}`);
    steps.push((body) => withWarnings(body, warnings));
  }
  if (id === 'SystemVersion') steps.push((body) => Buffer.from(capVersionBody(body, range)));
  if (steps.length === 0) return undefined;
  return {
    kind: 'whole',
    rewrite: async (body) => {
      let made = body;
      for (const step of steps) made = await step(made);
      return made;
    },
  };
}

/** Longest line of a stream of events, in characters. */
const MOST_LINE = 4_194_304;

/** Lets lines pass that are shown, each as soon as it is there. One that can not be read ends the stream. */
class LineFilter extends Transform {
  readonly #line: (text: string) => Promise<string | undefined>;
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  /** @param line what becomes of a line; undefined when it is not shown */
  constructor(line: (text: string) => Promise<string | undefined>) {
    super();
    this.#line = line;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const lines = `${this.#rest}${this.#decoder.write(chunk)}`.split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > MOST_LINE) {
      done(new Error('a line of the reply is too long'));
      return;
    }
    this.#pass(lines).then(() => done(), done);
  }

  override _flush(done: TransformCallback): void {
    const last = this.#rest;
    if (last === '') done();
    else this.#pass([last]).then(() => done(), done);
  }

  async #pass(lines: readonly string[]): Promise<void> {
    for (const line of lines) {
      const kept = await this.#line(line);
      if (kept !== undefined) this.push(`${kept}\n`);
    }
  }
}
