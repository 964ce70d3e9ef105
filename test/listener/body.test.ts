import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readBody, readBodyFromSocket } from '../../src/listener/body.ts';

const limits = { bodyBytes: 8, bodySeconds: 5 };

describe('readBody', () => {
  it('returns the bytes of a body as large as the limit', async () => {
    const source = new PassThrough();
    source.write('1234');
    source.end('5678');
    expect((await readBody(source, limits)).toString()).toBe('12345678');
  });

  it('refuses a body that is one byte larger, before it has ended', async () => {
    const source = new PassThrough();
    source.write('123456789');
    await expect(readBody(source, limits)).rejects.toMatchObject({ status: 413, reason: 'body-too-large' });
  });

  it('refuses a body that breaks off', async () => {
    const source = new PassThrough();
    source.write('12');
    setImmediate(() => source.destroy());
    await expect(readBody(source, limits)).rejects.toMatchObject({ status: 400, reason: 'body-incomplete' });
  });

  it('refuses a body that takes too long', async () => {
    const source = new PassThrough();
    source.write('12');
    await expect(readBody(source, { bodyBytes: 8, bodySeconds: 0.05 })).rejects.toMatchObject({
      status: 408,
      reason: 'body-timeout',
    });
  });
});

describe('readBodyFromSocket', () => {
  it('takes exactly the declared length and leaves the early bytes', async () => {
    const result = await readBodyFromSocket(new PassThrough(), Buffer.from('{}early'), 2, limits);
    expect([result.body.toString(), result.early.toString()]).toEqual(['{}', 'early']);
  });

  it('waits for a body that arrives in pieces, and what follows can still be piped', async () => {
    const socket = new PassThrough();
    const reading = readBodyFromSocket(socket, Buffer.from('{"'), 6, limits);
    socket.write('a"');
    setTimeout(() => socket.write(':1}rest'), 10);
    const { body, early } = await reading;
    expect(body.toString()).toBe('{"a":1');
    expect(early.toString()).toBe('}rest');
    const out = new PassThrough();
    socket.pipe(out);
    socket.end('later');
    expect((await out.setEncoding('utf8').toArray()).join('')).toBe('later');
  });

  it('refuses a declared length above the limit without reading', async () => {
    await expect(readBodyFromSocket(new PassThrough(), Buffer.alloc(0), 9, limits)).rejects.toMatchObject({
      status: 413,
    });
  });

  it('refuses a connection that ends or stalls before the body is there', async () => {
    const ended = new PassThrough();
    ended.end();
    await expect(readBodyFromSocket(ended, Buffer.from('{'), 2, limits)).rejects.toMatchObject({
      reason: 'body-incomplete',
    });
    await expect(
      readBodyFromSocket(new PassThrough(), Buffer.from('{'), 2, { bodyBytes: 8, bodySeconds: 0.05 }),
    ).rejects.toMatchObject({ reason: 'body-timeout' });
  });
});
