import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { LogLine, Position } from '../../../src/audit/reader.ts';
import { segmentFile } from '../../../src/audit/segments.ts';
import { type Delivery, DeliveryError } from '../../../src/audit/sinks/delivery.ts';
import { linesOf, sample } from '../../support/sample-log.ts';
import { feed, freshLog, logged, until } from './bench.ts';

/** A receiver in memory: what it has acknowledged, and what was ever handed to it. */
class Receiver implements Delivery {
  readonly limits: Delivery['limits'];
  readonly got: string[] = [];
  readonly handed: string[] = [];
  /** Thrown by the next commits, one after the other. */
  readonly faults: unknown[] = [];

  constructor(limits: Delivery['limits'] = { lines: 10, bytes: 65_536 }) {
    this.limits = limits;
  }

  async open() {
    const session: string[] = [];
    return {
      write: async (lines: readonly LogLine[]) => {
        const texts = lines.map(({ bytes }) => bytes.toString('latin1'));
        session.push(...texts);
        this.handed.push(...texts);
      },
      commit: async () => {
        const fault = this.faults.shift();
        if (fault !== undefined) throw fault;
        this.got.push(...session);
      },
      abort: () => {},
    };
  }

  async close() {}
}

function placeOf(folder: string): Position {
  return JSON.parse(readFileSync(`${folder}/sinks/siem.json`, 'utf8'));
}

describe('a feeder', () => {
  it('sends what is there and what comes, over several files, each line once and in order', async () => {
    const log = freshLog();
    for (let i = 0; i < 25; i += 1) log.append(sample());
    const receiver = new Receiver();
    const feeder = feed(log.folder, receiver);
    await until(() => receiver.got.length === 26);
    log.nextSegment();
    log.append(sample());
    await until(() => receiver.got.length === linesOf(log.folder).length);
    log.append(sample());
    await feeder.close(5_000);
    expect(receiver.got).toEqual(linesOf(log.folder));
    expect(feeder.state()).toMatchObject({
      sequence: log.head.sequence,
      lag: 0,
      lastError: null,
      since: null,
    });
    expect(placeOf(log.folder)).toMatchObject({ segment: 2, ...log.head });
  });

  it('goes on where it was left', async () => {
    const log = freshLog();
    log.append(sample(), sample());
    const [before, after] = [new Receiver(), new Receiver()];
    await feed(log.folder, before).close(5_000);
    log.append(sample());
    await feed(log.folder, after).close(5_000);
    expect([...before.got, ...after.got]).toEqual(linesOf(log.folder));
    expect(after.got).toHaveLength(1);
  });

  it('goes on in the next file when its own was moved away after all of it was sent', async () => {
    const log = freshLog();
    log.append(sample());
    log.nextSegment();
    await feed(log.folder, new Receiver()).close(5_000);
    const position = placeOf(log.folder);
    log.nextSegment();
    log.append(sample());
    const rest = linesOf(log.folder).slice(position.sequence);
    rmSync(segmentFile(log.folder, 1));
    const receiver = new Receiver();
    await feed(log.folder, receiver).close(5_000);
    expect(receiver.got).toEqual(rest);
  });

  it('stops and says so when lines that were not sent are gone, and goes on once they are back', async () => {
    const log = freshLog();
    log.append(sample());
    await feed(log.folder, new Receiver()).close(5_000);
    const { sequence } = placeOf(log.folder);
    log.append(sample());
    log.nextSegment();
    log.append(sample());
    const kept = readFileSync(segmentFile(log.folder, 1));
    const rest = linesOf(log.folder).slice(sequence);
    rmSync(segmentFile(log.folder, 1));
    const receiver = new Receiver();
    const feeder = feed(log.folder, receiver);
    await until(() => feeder.state().lastError !== null);
    expect(feeder.state().lastError).toMatch(
      /lines behind 2 are no longer in .* put .*segment-000001.jsonl .* back/,
    );
    expect(receiver.handed).toEqual([]);
    writeFileSync(segmentFile(log.folder, 1), kept);
    await until(() => receiver.got.length === rest.length);
    expect(receiver.got).toEqual(rest);
    expect(feeder.state().lastError).toBeNull();
  });

  it('sends a file again from its beginning when the end that was sent is no longer in it', async () => {
    const log = freshLog();
    const [kept = ''] = log.append(sample());
    const before = readFileSync(segmentFile(log.folder, 1), 'latin1');
    const head = log.head;
    log.append(sample(), sample());
    const first = new Receiver();
    await feed(log.folder, first).close(5_000);
    expect(first.got).toHaveLength(4);
    // A power failure took the last lines, and other ones follow.
    writeFileSync(segmentFile(log.folder, 1), before, 'latin1');
    log.head = head;
    log.append(sample({ principal: 'bob' }));
    const receiver = new Receiver();
    await feed(log.folder, receiver).close(5_000);
    expect(receiver.got).toEqual(linesOf(log.folder));
    expect(receiver.got).toContain(kept.trimEnd());
    expect(logged.join()).toMatch(/line 4 is no longer what it was; all of .* is sent again/);
  });

  it('waits at a line that breaks the chain, having sent all before it, and sends none twice', async () => {
    const log = freshLog();
    log.append(sample(), sample(), sample());
    const lines = linesOf(log.folder);
    writeFileSync(segmentFile(log.folder, 1), `${[...lines.slice(0, 2), lines[3]].join('\n')}\n`, 'latin1');
    const receiver = new Receiver();
    const feeder = feed(log.folder, receiver);
    await until(() => feeder.state().lastError !== null);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(receiver.got).toEqual(lines.slice(0, 2));
    expect(feeder.state().lastError).toMatch(
      /has sequence 4 and does not go on from the line before, 2; .*verify/,
    );
  });

  it('tries again what was not acknowledged, and says once what is wrong', async () => {
    const log = freshLog();
    log.append(sample(), sample());
    const receiver = new Receiver();
    receiver.faults.push(...[1, 2, 3].map(() => new DeliveryError('the receiver is away')));
    const feeder = feed(log.folder, receiver);
    await until(() => receiver.got.length === 3);
    expect(receiver.got).toEqual(linesOf(log.folder));
    expect(receiver.handed).toHaveLength(12);
    expect(logged).toEqual([
      'audit sink siem does not get on and will be tried again: the receiver is away',
      'audit sink siem gets on again',
    ]);
    expect(feeder.state()).toMatchObject({ lastError: null });
  });

  it('hands over less at once when that was too much', async () => {
    const log = freshLog();
    for (let i = 0; i < 30; i += 1) log.append(sample());
    const receiver = new Receiver();
    const open = receiver.open.bind(receiver);
    receiver.open = async () => {
      const session = await open();
      return {
        ...session,
        write: async (lines: readonly LogLine[]) => {
          if (lines.length > 3) throw new DeliveryError('too much', { kind: 'too-large' });
          await session.write(lines);
        },
      };
    };
    feed(log.folder, receiver);
    await until(() => receiver.got.length === 31);
    expect(receiver.got).toEqual(linesOf(log.folder));
  });

  it('waits as long as a receiver asks for', async () => {
    const log = freshLog();
    const receiver = new Receiver();
    receiver.faults.push(new DeliveryError('busy', { retryAfterMs: 700 }));
    const since = Date.now();
    feed(log.folder, receiver);
    await until(() => receiver.got.length === 1);
    expect(Date.now() - since).toBeGreaterThan(700);
  });

  it('begins with what is written from now on, if that is asked for', async () => {
    const log = freshLog();
    log.append(sample(), sample());
    const receiver = new Receiver();
    const feeder = feed(log.folder, receiver, { begin: 'now' });
    await until(() => existsSync(`${log.folder}/sinks/siem.json`));
    log.append(sample());
    await feeder.close(5_000);
    expect(receiver.got).toEqual(linesOf(log.folder).slice(3));
  });

  it('does not start with a place that can not be understood', async () => {
    const log = freshLog();
    await feed(log.folder, new Receiver()).close(5_000);
    writeFileSync(`${log.folder}/sinks/siem.json`, '{');
    expect(() => feed(log.folder, new Receiver())).toThrow(
      /siem.json does not say how far this sink has come/,
    );
  });

  it('keeps a session open for what comes while it lasts', async () => {
    const log = freshLog();
    const receiver = new Receiver({ lines: 2, bytes: 65_536, session: { ms: 3_000, bytes: 65_536 } });
    const opened: number[] = [];
    const open = receiver.open.bind(receiver);
    receiver.open = async () => {
      opened.push(Date.now());
      return open();
    };
    feed(log.folder, receiver);
    await until(() => receiver.handed.length === 1);
    log.append(sample(), sample(), sample());
    await until(() => receiver.handed.length === 4);
    expect(receiver.got).toEqual([]);
    await until(() => receiver.got.length === 4);
    expect(opened).toHaveLength(1);
  });

  it('is held up by nobody when it is closed', async () => {
    const log = freshLog();
    const receiver = new Receiver();
    receiver.open = (async (signal: AbortSignal) => ({
      write: () =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(new DeliveryError('gone')))),
      commit: async () => {},
      abort: () => {},
    })) as never;
    const feeder = feed(log.folder, receiver);
    await new Promise((resolve) => setTimeout(resolve, 400));
    const since = Date.now();
    await feeder.close(300);
    expect(Date.now() - since).toBeLessThan(1_500);
  });
});
