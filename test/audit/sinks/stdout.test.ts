import { PassThrough, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { toMessage } from '../../../src/audit/sinks/message.ts';
import { stdoutDelivery } from '../../../src/audit/sinks/stdout.ts';
import { linesOf, sample } from '../../support/sample-log.ts';
import { caughtUp, feed, freshLog, until } from './bench.ts';

const native = toMessage('native', '0.1.0');

describe('a sink for standard output', () => {
  it('writes the lines of the log as they are', async () => {
    const log = freshLog(3);
    const out = new PassThrough();
    const feeder = feed(log.folder, stdoutDelivery(native, out));
    await caughtUp(feeder, log);
    expect(out.read().toString()).toBe(
      linesOf(log.folder)
        .map((line) => `${line}\n`)
        .join(''),
    );
  });

  it('writes events, and as they are the lines that hold the log together', async () => {
    const log = freshLog(1);
    log.append(log.checkpoint());
    const out = new PassThrough();
    const feeder = feed(log.folder, stdoutDelivery(toMessage('ocsf', '0.1.0'), out));
    await caughtUp(feeder, log);
    const [segment, event, checkpoint] = (out.read().toString() as string).split('\n');
    const lines = linesOf(log.folder);
    expect([segment, checkpoint]).toEqual([lines[0], lines[2]]);
    expect(JSON.parse(event ?? '')).toMatchObject({ class_uid: 6003, metadata: { sequence: 2 } });
  });

  it('waits for a reader that does not read, and counts nothing before', async () => {
    const log = freshLog(3);
    let taken: (() => void) | undefined;
    const out = new Writable({
      write: (_, __, done) => {
        taken = () => {
          taken = undefined;
          done();
        };
      },
    });
    const feeder = feed(log.folder, stdoutDelivery(native, out));
    await until(() => taken !== undefined);
    log.append(...Array.from({ length: 500 }, (_, i) => sample({ id: `later-${i}` })));
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(feeder.state().sequence).toBe(0);
    const drain = setInterval(() => taken?.(), 5);
    await caughtUp(feeder, log);
    clearInterval(drain);
  });

  it('says so when nobody reads any more', async () => {
    const log = freshLog(3);
    const out = new Writable({
      write: (_, __, done) => done(Object.assign(new Error('gone'), { code: 'EPIPE' })),
    });
    out.on('error', () => {});
    const feeder = feed(log.folder, stdoutDelivery(native, out));
    await until(() => feeder.state().lastError !== null);
    expect(feeder.state()).toMatchObject({
      sequence: 0,
      lastError: 'standard output is closed; start the gateway again with a reader',
    });
  });
});
