import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { BEGINNING, endOf, findPlace, type LogLine, LogReader, type Position, ReadFault } from '../reader.ts';
import { codeOf, type Delivery, DeliveryError } from './delivery.ts';
import type { Place } from './place.ts';

/** What is known of a sink. */
export interface SinkState {
  readonly name: string;
  readonly type: string;
  /** `sequence` of the last record that the receiver has. */
  readonly sequence: number;
  /** How many records it is behind the log, as of the last look. */
  readonly lag: number;
  /** Why it does not get on; null while it does. */
  readonly lastError: string | null;
  /** Since when, RFC 3339; null while it does. */
  readonly since: string | null;
}

export interface FeederOptions {
  readonly name: string;
  readonly type: string;
  /** Of the log. */
  readonly folder: string;
  readonly delivery: Delivery;
  readonly place: Place;
  /** Where a sink begins that has no place yet. */
  readonly begin: 'oldest' | 'now';
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** For tests: the least and the longest wait between two attempts, in milliseconds. */
  readonly backoffMs?: readonly [least: number, most: number];
}

const BACKOFF_MS = [500, 60_000] as const;
/** A receiver that asks for more than that is asked again nevertheless. */
const MOST_RETRY_AFTER_MS = 3_600_000;
/** How often the place is written down, in milliseconds: what was sent since is sent again after a crash. */
const SAVE_MS = 250;
/** By what the part of the limits grows with each success. */
const GROWTH = 1.05;

/**
 * Feeds one sink from the log's files, and from nothing else: what is sent was read from there, and is read again until the
 * receiver has acknowledged it. So nothing is lost, a slow receiver costs no memory, and requests never wait for it.
 */
export class Feeder {
  readonly #options: FeederOptions;
  readonly #stopping = new AbortController();
  readonly #killed = new AbortController();
  readonly #running: Promise<void>;
  #at: Position | undefined;
  #savedAt = Number.NEGATIVE_INFINITY;
  #isSaved = true;
  #isUnsavable = false;
  #end = 0;
  #failures = 0;
  #failing: { readonly error: string; readonly since: string } | undefined;
  /** What was read and is not handed over yet. */
  #next: readonly LogLine[] = [];
  /** What part of the delivery's limits is used: less once that was too much for a receiver, then ever more again. */
  #scale = 1;

  /** @throws ConfigError when the place of the sink can not be read */
  constructor(options: FeederOptions) {
    this.#options = options;
    this.#at = options.place.load();
    this.#running = this.#run();
  }

  state(): SinkState {
    const sequence = this.#at?.sequence ?? 0;
    return {
      name: this.#options.name,
      type: this.#options.type,
      sequence,
      lag: Math.max(0, this.#end - sequence),
      lastError: this.#failing?.error ?? null,
      since: this.#failing?.since ?? null,
    };
  }

  /** Told now and then how far the log has come. */
  logEndsAt(sequence: number): void {
    this.#end = sequence;
  }

  /**
   * Sends what the log holds, as long as that takes no longer than given and meets no obstacle. The log must not be written
   * any more.
   */
  async close(mostMs: number): Promise<void> {
    this.#stopping.abort();
    const timer = setTimeout(() => this.#killed.abort(), mostMs);
    await this.#running;
    clearTimeout(timer);
    await this.#options.delivery.close();
  }

  async #run(): Promise<void> {
    while (!this.#killed.signal.aborted) {
      try {
        await this.#follow();
        return;
      } catch (error) {
        if (this.#killed.signal.aborted) break;
        const wait = this.#failed(error);
        // Whoever stops does not wait for a receiver that is not there.
        if (this.#stopping.signal.aborted) break;
        await sleep(wait, undefined, { signal: this.#stopping.signal }).catch(() => {});
      }
    }
    await this.#save(true);
  }

  /** Sends and goes on sending, until the feeder is stopped and everything is sent. */
  async #follow(): Promise<void> {
    const { folder, log, name } = this.#options;
    this.#at ??= await this.#beginning();
    const { from, again } = await findPlace(folder, this.#at);
    if (again !== undefined) log.error({ sink: name }, `audit sink ${name}: ${again}`);
    const reader = new LogReader(folder, from, { follow: true, checked: true });
    try {
      while (await this.#hasMore(reader)) await this.#session(reader);
    } finally {
      await reader.close();
    }
    await this.#save(true);
  }

  async #beginning(): Promise<Position> {
    if (this.#options.begin === 'oldest') return BEGINNING;
    const end = (await endOf(this.#options.folder)) ?? BEGINNING;
    await this.#options.place.save(end);
    return end;
  }

  /** Waits for lines. @returns false when the feeder is to stop and there are none */
  async #hasMore(reader: LogReader): Promise<boolean> {
    for (;;) {
      const isLast = this.#stopping.signal.aborted;
      if (isLast) reader.final();
      this.#next = await reader.read(this.#most());
      if (this.#next.length > 0) return true;
      await this.#save(isLast);
      if (isLast || this.#killed.signal.aborted) return false;
      await reader.wait(this.#stopping.signal);
    }
  }

  /** One session: what was read, and what is written to the log while it lasts. */
  async #session(reader: LogReader): Promise<void> {
    const { delivery } = this.#options;
    const until = performance.now() + (delivery.limits.session?.ms ?? 0);
    const session = await delivery.open(this.#killed.signal);
    try {
      await session.write(this.#next);
      let bytes = sizeOf(this.#next);
      while (this.#mayGoOn(until, bytes)) {
        this.#next = await reader.read(this.#most());
        if (this.#next.length === 0) await reader.wait(this.#stopping.signal);
        else await session.write(this.#next);
        bytes += sizeOf(this.#next);
      }
      await session.commit();
    } catch (error) {
      session.abort();
      throw error;
    }
    await this.#advance(reader.position);
  }

  /** What is read at once. */
  #most(): { lines: number; bytes: number } {
    const { lines, bytes } = this.#options.delivery.limits;
    return { lines: Math.max(1, Math.floor(lines * this.#scale)), bytes };
  }

  #mayGoOn(until: number, bytes: number): boolean {
    const { session } = this.#options.delivery.limits;
    if (session === undefined || this.#stopping.signal.aborted) return false;
    return performance.now() < until && bytes < session.bytes * this.#scale;
  }

  async #advance(position: Position): Promise<void> {
    this.#at = position;
    this.#isSaved = false;
    this.#end = Math.max(this.#end, position.sequence);
    if (this.#failing !== undefined) {
      const { name, log } = this.#options;
      log.info({ sink: name, sequence: position.sequence }, `audit sink ${name} gets on again`);
      this.#failing = undefined;
    }
    this.#failures = 0;
    this.#scale = Math.min(1, this.#scale * GROWTH);
    await this.#save(false);
  }

  /** Writes down how far the sink has come; where that fails, what is sent from there on is sent again after a restart. */
  async #save(isForced: boolean): Promise<void> {
    if (this.#isSaved || this.#at === undefined) return;
    if (!isForced && performance.now() - this.#savedAt < SAVE_MS) return;
    const { name, log, place } = this.#options;
    const at = this.#at;
    this.#savedAt = performance.now();
    try {
      await place.save(at);
      this.#isSaved = this.#at === at;
      this.#isUnsavable = false;
    } catch (error) {
      if (!this.#isUnsavable) {
        log.warn(
          { sink: name, sequence: at.sequence, code: codeOf(error) },
          `how far audit sink ${name} has come can not be written down; it goes on, and will send again after a restart`,
        );
      }
      this.#isUnsavable = true;
    }
  }

  /** @returns how long to wait, in milliseconds */
  #failed(error: unknown): number {
    const { name, log } = this.#options;
    const [least, most] = this.#options.backoffMs ?? BACKOFF_MS;
    const text = sentenceOf(error);
    const isNew = this.#failing?.error !== text;
    this.#failing = { error: text, since: this.#failing?.since ?? new Date().toISOString() };
    this.#failures += 1;
    const kind = error instanceof DeliveryError ? error.kind : 'passing';
    if (kind === 'too-large' || kind === 'too-slow') {
      const isOneLine = this.#most().lines === 1;
      this.#scale /= 2;
      if (kind === 'too-large' && !isOneLine) return 0;
    }
    if (isNew) {
      const detail = error instanceof DeliveryError || error instanceof ReadFault ? {} : { err: error };
      log.error(
        { sink: name, sequence: this.#at?.sequence ?? 0, ...detail },
        `audit sink ${name} does not get on and will be tried again: ${text}`,
      );
    }
    if (kind === 'never-like-this' || kind === 'too-large' || error instanceof ReadFault) return most;
    const delay = Math.min(most, least * 2 ** Math.min(this.#failures - 1, 16));
    const asked = error instanceof DeliveryError ? Math.min(error.retryAfterMs, MOST_RETRY_AFTER_MS) : 0;
    // Half of it by chance, so that gateways that failed together do not come back together.
    return Math.max(asked, delay / 2 + (Math.random() * delay) / 2);
  }
}

function sizeOf(lines: readonly { readonly bytes: Buffer }[]): number {
  return lines.reduce((sum, { bytes }) => sum + bytes.length + 1, 0);
}

function sentenceOf(error: unknown): string {
  if (error instanceof DeliveryError || error instanceof ReadFault) return error.message;
  // Whatever a delivery meets it says itself: this is of the log's files.
  if ((error as NodeJS.ErrnoException).syscall !== undefined)
    return `the log can not be read (${codeOf(error)})`;
  return `it failed unexpectedly (${codeOf(error)})`;
}
