import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Demultiplexer, type StreamPiece } from '../../src/recording/demultiplex.ts';

function frame(type: number, payload: Buffer | string): Buffer {
  const bytes = Buffer.from(payload);
  const head = Buffer.alloc(8);
  head[0] = type;
  head.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([head, bytes]);
}

/** Both streams as text, from pieces of any size. */
function joined(pieces: readonly StreamPiece[]): { stdout: string; stderr: string } {
  const of = (wanted: string) =>
    Buffer.concat(pieces.filter(({ stream }) => stream === wanted).map(({ bytes }) => bytes)).toString('hex');
  return { stdout: of('stdout'), stderr: of('stderr') };
}

describe('Demultiplexer', () => {
  it('tells standard output and standard error apart, in order, and joins neighbours', () => {
    const pieces = new Demultiplexer().write(
      Buffer.concat([frame(1, 'a'), frame(1, 'b'), frame(2, 'oops'), frame(1, ''), frame(1, 'c')]),
    );
    expect(pieces.map(({ stream, bytes }) => [stream, bytes.toString()])).toEqual([
      ['stdout', 'ab'],
      ['stderr', 'oops'],
      ['stdout', 'c'],
    ]);
  });

  it('takes what the Engine itself says for standard error', () => {
    expect(joined(new Demultiplexer().write(frame(3, 'x'))).stderr).toBe('78');
  });

  it('hands a payload on before it is whole', () => {
    const demultiplexer = new Demultiplexer();
    expect(demultiplexer.write(frame(1, 'long').subarray(0, 10))).toMatchObject([
      { bytes: Buffer.from('lo') },
    ]);
    expect(demultiplexer.write(Buffer.from('ng'))).toMatchObject([{ bytes: Buffer.from('ng') }]);
  });

  it.each([
    ['an unknown stream', Buffer.from([9, 0, 0, 0, 0, 0, 0, 1])],
    ['standard input', Buffer.from([0, 0, 0, 0, 0, 0, 0, 1])],
    ['bytes that are not zero', Buffer.from([1, 0, 1, 0, 0, 0, 0, 1])],
    ['text of a terminal', Buffer.from('/ # ls -l\r\n')],
  ])('throws on %s', (_, bytes) => {
    expect(() => new Demultiplexer().write(bytes)).toThrow(/a frame of the Engine begins with/);
  });

  it('reads the same however the bytes are cut', () => {
    const frames = fc.array(fc.tuple(fc.constantFrom(1, 2, 3), fc.uint8Array({ maxLength: 40 })), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (given, cuts) => {
        const all = Buffer.concat(given.map(([type, payload]) => frame(type, Buffer.from(payload))));
        const demultiplexer = new Demultiplexer();
        const pieces: StreamPiece[] = [];
        for (let at = 0, turn = 0; at < all.length; turn += 1) {
          const size = cuts[turn % cuts.length] ?? 1;
          pieces.push(...demultiplexer.write(all.subarray(at, at + size)));
          at += size;
        }
        expect(joined(pieces)).toEqual(joined(new Demultiplexer().write(all)));
        const payloads = given.filter(([type]) => type === 1).map(([, payload]) => Buffer.from(payload));
        expect(joined(pieces).stdout).toBe(Buffer.concat(payloads).toString('hex'));
      }),
    );
  });
});
