import { Transform } from 'node:stream';
import type { AuditSession, Ending } from '../audit/record.ts';
import type { Exchange } from '../exchange.ts';
import type { TerminalSize } from './asciicast.ts';
import type { Recorder } from './recorder.ts';
import type { Subject } from './subject.ts';

/** Why a session is ended from here, and what its client's terminal is told. */
export interface Interruption {
  readonly ending: Ending;
  /** Bytes that may be put into the stream; undefined where they would be taken for something else. */
  readonly parting: Buffer | undefined;
}

/** Endings that a session can be given while it goes on. */
export type Verdict = Extract<
  Ending,
  'idle-limit' | 'time-limit' | 'identity-expired' | 'revoked' | 'ended-by-operator' | 'recording-failed'
>;

const SENTENCES: Readonly<Record<Verdict, string>> = {
  'idle-limit': 'this session was idle for too long and is ended',
  'time-limit': 'this session has lasted as long as it may and is ended',
  'identity-expired': 'the identity that opened this session has expired, and it is ended',
  revoked: 'the identity that opened this session was revoked, and it is ended',
  'ended-by-operator': 'this session was ended by an operator',
  'recording-failed': 'this session can not be recorded any more and is ended',
};

/** What a session is made of. */
export interface SessionParts {
  readonly exchange: Exchange;
  readonly subject: Subject;
  /** How it is recorded; undefined when it is not. */
  readonly recording:
    | {
        readonly file: string;
        /** Undefined when it could not even be begun, and the session goes on all the same. */
        readonly recorder: Recorder | undefined;
        readonly input: boolean;
        /** Whether the session ends when the recorder fails. */
        readonly isStrict: boolean;
      }
    | undefined;
  /** Is told when the stream stands, and when it is over. */
  readonly onLife: (session: Session, isLive: boolean) => void;
}

/** One stream into a container, or of a build: from the Engine's consent to its end. */
export class Session {
  readonly exchange: Exchange;
  readonly subject: Subject;
  readonly startedAt = Date.now();
  /** On the way of the Engine's bytes to the client, and back; undefined where nothing is recorded. */
  readonly output: Transform | undefined;
  readonly input: Transform | undefined;
  /** Settles when the session is over and its records are written. */
  readonly over: Promise<void>;

  readonly #recording: SessionParts['recording'];
  readonly #onLife: SessionParts['onLife'];
  readonly #interruption = new AbortController();
  readonly #beganAt = performance.now();
  #settle: () => void = () => {};
  #isLive = false;
  #failed: boolean;

  constructor({ exchange, subject, recording, onLife }: SessionParts) {
    this.exchange = exchange;
    this.subject = subject;
    this.#recording = recording;
    this.#onLife = onLife;
    this.#failed = recording !== undefined && recording.recorder === undefined;
    this.over = new Promise((resolve) => {
      this.#settle = resolve;
    });
    const recorder = recording?.recorder;
    if (recorder === undefined) return;
    this.output = this.#tap((chunk) => recorder.output(chunk));
    if (recording?.input === true) this.input = this.#tap((chunk) => recorder.input(chunk));
  }

  /** The request's id, which is the session's. */
  get id(): string {
    return this.exchange.id;
  }

  /** Aborted, with an Interruption for its reason, when the session is to end. */
  get signal(): AbortSignal {
    return this.#interruption.signal;
  }

  /** Name of the file it is recorded in. */
  get file(): string | null {
    return this.#recording?.file ?? null;
  }

  /** Since it began, in milliseconds. */
  get durationMs(): number {
    return Math.round((performance.now() - this.#beganAt) * 1_000) / 1_000;
  }

  /** As the records of its request show it, until it is over. */
  audit(): AuditSession {
    const { kind, container, command, user, tty } = this.subject;
    return {
      id: this.id,
      kind,
      container,
      command: kind === 'exec' && command !== null ? [...command] : null,
      user,
      tty,
      recording:
        this.#recording === undefined
          ? null
          : {
              file: this.#recording.file,
              sha256: null,
              bytes: null,
              events: null,
              durationMs: null,
              failed: this.#failed,
            },
    };
  }

  /**
   * Records that the stream stands, before its first byte goes to the client.
   *
   * @throws Refusal 503 `audit-unavailable` when that can not be written
   */
  async begin(): Promise<void> {
    await this.exchange.streamStarted(this.audit());
    this.#isLive = true;
    this.#onLife(this, true);
  }

  /** Ends the session, unless it is being ended already. */
  end(ending: Verdict): void {
    if (this.signal.aborted) return;
    const parting = this.#parting(SENTENCES[ending]);
    const recorder = this.#failed ? undefined : this.#recording?.recorder;
    if (parting !== undefined) recorder?.output(parting).catch(() => {}); // it is over in any case
    this.#interruption.abort({ ending, parting } satisfies Interruption);
  }

  /** Notes that the terminal has another size. */
  resize(size: TerminalSize): void {
    if (this.#failed) return;
    this.#recording?.recorder?.resize(size).catch((error: unknown) => this.#onFailure(error));
  }

  /** Completes the recording and writes the record of the stream's end; takes away that of a stream that never stood. */
  async close(): Promise<void> {
    try {
      if (this.#isLive) {
        this.#isLive = false;
        this.#onLife(this, false);
        this.exchange.streamEnded({ ...this.audit(), recording: await this.#complete() });
      } else if (this.output !== undefined) {
        await this.#recording?.recorder?.discard().catch((error: unknown) => {
          this.exchange.log.warn(
            { err: error },
            'the recording of a session that never began is left behind',
          );
        });
      }
    } finally {
      this.#settle();
    }
  }

  async #complete(): Promise<AuditSession['recording']> {
    if (this.#recording === undefined) return null;
    const { file, recorder } = this.#recording;
    const { durationMs } = this;
    const nothing = { sha256: null, bytes: null, events: null };
    if (recorder === undefined) return { file, ...nothing, durationMs, failed: true };
    try {
      const { sha256, bytes, events, failed } = await recorder.end();
      return { file, sha256, bytes, events, durationMs, failed: failed || this.#failed };
    } catch (error) {
      this.exchange.log.error({ err: error, file }, 'a recording could not be completed');
      return { file, ...nothing, durationMs, failed: true };
    }
  }

  /** Lets a chunk pass once it is recorded. */
  #tap(record: (chunk: Buffer) => Promise<void>): Transform {
    return new Transform({
      transform: (chunk: Buffer, _encoding, done) => {
        if (this.#failed) {
          if (this.#recording?.isStrict === false) done(null, chunk);
          return;
        }
        record(chunk).then(
          () => done(null, chunk),
          (error: unknown) => {
            this.#onFailure(error);
            if (this.#recording?.isStrict === false) done(null, chunk);
          },
        );
      },
    });
  }

  #onFailure(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    const isStrict = this.#recording?.isStrict !== false;
    this.exchange.log.error(
      { err: error, file: this.file },
      isStrict ? 'a session can not be recorded and is ended' : 'a session goes on unrecorded',
    );
    if (isStrict) this.end('recording-failed');
  }

  /** A line on the client's terminal; whoever reads frames or files would take it for something else. */
  #parting(sentence: string): Buffer | undefined {
    const { tty, multiplexed } = this.subject;
    return tty === true && !multiplexed ? Buffer.from(`\r\nquaywarden: ${sentence}\r\n`) : undefined;
  }
}
