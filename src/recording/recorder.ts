import { bytesLines, type CastHeader, headerLine, sizeLine, type TerminalSize } from './asciicast.ts';
import { CharacterJoiner, type Characters } from './characters.ts';
import { Demultiplexer } from './demultiplex.ts';
import type { FileDigest, RecordingFile } from './recording-file.ts';

/** Where a recording is written. */
export type CastFile = Pick<RecordingFile, 'append' | 'close' | 'discard'>;

/** What is known of a session before its first byte. */
export interface RecorderOptions {
  readonly header: CastHeader;
  /** Whether standard output and standard error share the connection in frames; there is no terminal then. */
  readonly multiplexed: boolean;
  /** A clock that never goes back, in milliseconds. */
  readonly now?: () => number;
}

/** A recording that is complete. */
export interface Recorded extends FileDigest {
  readonly events: number;
  /** Whether something is missing at its end. */
  readonly failed: boolean;
}

type Code = 'o' | 'e' | 'i';

/**
 * Writes a session into its file as it happens. What is given stands in the file when the promise resolves, so that
 * whoever waits for that keeps one chunk in memory, and lets nothing pass that is not recorded.
 */
export class Recorder {
  readonly #file: CastFile;
  readonly #demultiplexer: Demultiplexer | undefined;
  readonly #joiners: Readonly<Record<Code, CharacterJoiner>> = {
    o: new CharacterJoiner(),
    e: new CharacterJoiner(),
    i: new CharacterJoiner(),
  };
  readonly #now: () => number;
  readonly #beganAt: number;
  #events = 0;
  #failed = false;

  private constructor(file: CastFile, { multiplexed, now = () => performance.now() }: RecorderOptions) {
    this.#file = file;
    this.#demultiplexer = multiplexed ? new Demultiplexer() : undefined;
    this.#now = now;
    this.#beganAt = now();
  }

  /** @throws as `RecordingFile.append`; the file is taken away then */
  static async begin(file: CastFile, options: RecorderOptions): Promise<Recorder> {
    try {
      await file.append(headerLine(options.header));
    } catch (error) {
      await file.discard().catch(() => {});
      throw error;
    }
    return new Recorder(file, options);
  }

  /**
   * Takes what the Engine sent.
   *
   * @throws as `RecordingFile.append`; Error when it is no frames where it has to be
   */
  output(chunk: Buffer): Promise<void> {
    return this.#write(() => {
      const pieces = this.#demultiplexer?.write(chunk) ?? [{ stream: 'stdout', bytes: chunk }];
      return pieces.map(({ stream, bytes }) => {
        const code = stream === 'stdout' ? 'o' : 'e';
        return this.#lines(code, this.#joiners[code].write(bytes));
      });
    });
  }

  /** Takes what the client sent. */
  input(chunk: Buffer): Promise<void> {
    return this.#write(() => [this.#lines('i', this.#joiners.i.write(chunk))]);
  }

  /** Notes that the terminal has another size. */
  resize(size: TerminalSize): Promise<void> {
    this.#events += 1;
    return this.#write(() => [sizeLine(this.#seconds(), size)]);
  }

  /**
   * Completes the recording, as far as it could be written.
   *
   * @throws as `RecordingFile.close`
   */
  async end(): Promise<Recorded> {
    if (!this.#failed) {
      const rest = () =>
        (['o', 'e', 'i'] as const).map((code) => this.#lines(code, this.#joiners[code].end()));
      await this.#write(rest).catch(() => {}); // told by `failed`
    }
    return { ...(await this.#file.close()), events: this.#events, failed: this.#failed };
  }

  /** Takes away a recording of a session that never began. */
  discard(): Promise<void> {
    return this.#file.discard();
  }

  #lines(code: Code, characters: Characters | undefined): string {
    if (characters === undefined) return '';
    this.#events += characters.exact ? 1 : 2;
    return bytesLines(this.#seconds(), code, characters);
  }

  async #write(lines: () => readonly string[]): Promise<void> {
    try {
      const text = lines().join('');
      if (text !== '') await this.#file.append(text);
    } catch (error) {
      this.#failed = true;
      throw error;
    }
  }

  #seconds(): number {
    return (this.#now() - this.#beganAt) / 1_000;
  }
}
