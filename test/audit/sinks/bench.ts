import { mkdtempSync, rmSync } from 'node:fs';
import { afterEach } from 'vitest';
import type { Delivery } from '../../../src/audit/sinks/delivery.ts';
import { Feeder, type FeederOptions } from '../../../src/audit/sinks/feeder.ts';
import { Place } from '../../../src/audit/sinks/place.ts';
import { SampleLog, sample } from '../../support/sample-log.ts';

const folders: string[] = [];
const closers: (() => Promise<void>)[] = [];

/** What feeders said, level by level in one list. */
export const logged: string[] = [];
const say = (_: object, text: string): void => void logged.push(text);

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  logged.length = 0;
});

/** Has something closed when the test is over, the last one first. */
export function closeAfter<T extends { close(): Promise<void> }>(it: T): T {
  closers.push(() => it.close());
  return it;
}

/** A log in a folder of its own, with so many records of requests. */
export function freshLog(records = 0): SampleLog {
  const folder = mkdtempSync('/tmp/quaywarden-sink-');
  folders.push(folder);
  const log = new SampleLog(folder);
  log.append(...Array.from({ length: records }, (_, i) => sample({ id: `id-${i}` })));
  return log;
}

/** Feeds a receiver from a log's folder; the sink is called `siem`. */
export function feed(folder: string, delivery: Delivery, options: Partial<FeederOptions> = {}): Feeder {
  const feeder = new Feeder({
    name: 'siem',
    type: 'test',
    folder,
    delivery,
    place: new Place(folder, 'siem'),
    begin: 'oldest',
    log: { info: say, warn: say, error: say } as never,
    backoffMs: [10, 200],
    ...options,
  });
  closers.push(() => feeder.close(0));
  return feeder;
}

export async function until(what: () => boolean, ms = 15_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!what()) {
    if (Date.now() > deadline) throw new Error(`it did not come to that; logged:\n${logged.join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Waits until a sink has everything. */
export async function caughtUp(feeder: Feeder, log: SampleLog, ms?: number): Promise<void> {
  await until(() => feeder.state().sequence === log.head.sequence, ms);
}
