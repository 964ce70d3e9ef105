import { once } from 'node:events';
import { Duplex, PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { pour } from '../../src/upstream/pour.ts';
import { splice } from '../../src/upstream/splice.ts';

describe('pour', () => {
  it('ends the other stream although the end of the first was told before', async () => {
    const from = new PassThrough();
    from.resume().end();
    await once(from, 'end');
    const to = new PassThrough();
    pour(from, to, { pace: undefined, ends: true });
    await once(to, 'finish');
  });

  it('leaves both alone once taken apart', async () => {
    const from = new PassThrough();
    from.resume().end();
    await once(from, 'end');
    const to = new PassThrough();
    pour(from, to, { pace: undefined, ends: true })();
    await new Promise(setImmediate);
    expect(to.writableEnded).toBe(false);
  });
});

describe('splice', () => {
  it('tells the Engine of the end of a client that ended its side while its request was read', async () => {
    const shown: string[] = [];
    const client = new Duplex({
      read() {},
      write: (chunk, _encoding, done) => {
        shown.push(String(chunk));
        done();
      },
    });
    client.push(null);
    client.read();
    await once(client, 'end');
    // What runs there says what it was told once it was told everything, as `wc` does.
    const told: string[] = [];
    const engine: Duplex = new Duplex({
      read() {},
      write: (chunk, _encoding, done) => {
        told.push(String(chunk));
        done();
      },
      final: (done) => {
        engine.push(told.join(''));
        engine.push(null);
        done();
      },
    });
    const count = { bytesIn: 0, bytesOut: 0 };
    expect(await splice(client, engine, { early: Buffer.from('stdin'), count })).toBe('finished');
    expect([told, shown]).toEqual([['stdin'], ['stdin']]);
  });
});
