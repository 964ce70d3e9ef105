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

  it.each(['engine', 'output'] as const)('is at its end when the %s ended before it began', async (which) => {
    const [client, engine, output] = [silent(), silent(), silent()];
    const ended = which === 'engine' ? engine : output;
    ended.push(null);
    ended.read();
    await once(ended, 'end');
    const count = { bytesIn: 0, bytesOut: 0 };
    const options = { early: Buffer.alloc(0), count, ...(which === 'output' ? { output } : {}) };
    const done = splice(client, engine, options);
    await once(client, 'finish');
    client.push(null);
    engine.push(null);
    expect(await done).toBe('finished');
  });

  it('is interrupted when that was said before it began', async () => {
    const [client, engine] = [silent(), silent()];
    const signal = AbortSignal.abort({ ending: 'revoked', parting: undefined });
    const count = { bytesIn: 0, bytesOut: 0 };
    const done = splice(client, engine, { early: Buffer.alloc(0), count, signal });
    await once(engine, 'close');
    client.push(null);
    expect(await done).toBe('revoked');
  });
});

/** Says nothing by itself, and takes what it is told. */
function silent(): Duplex {
  return new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() });
}
