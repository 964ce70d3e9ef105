import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Connections } from '../../src/upstream/connections.ts';
import { connectUnix } from '../../src/upstream/unix-connection.ts';
import { type FakeConnection, polite, reply } from '../support/fake-engine.ts';
import { type FrontDoor, http, messageOf, openFrontDoor } from '../support/front-door.ts';

let door: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor();
});
beforeEach(() => {
  door.engine.script = polite;
});
afterAll(() => door.close());

const LIST = http('GET /v1.41/containers/json');
const PAUSE = http('POST /v1.41/containers/x/pause');

/** Answers the first request of each new connection, and closes a connection that is used once more. */
function closesOnReuse(): FakeConnection[] {
  const seen: FakeConnection[] = [];
  door.engine.script = (connection) => {
    if (seen.includes(connection)) {
      connection.socket.destroy();
      return;
    }
    seen.push(connection);
    connection.socket.write(reply('200 OK', `on ${seen.length}`));
  };
  return seen;
}

/** So that no connection of an earlier test is used. */
async function fresh(): Promise<void> {
  door.engine.script = ({ socket }) => {
    socket.end(reply('200 OK', 'last', ['Connection: close']));
  };
  for (let n = 0; n < 4; n += 1) await door.ask(LIST);
}

describe('a kept-alive connection to the Engine', () => {
  it('is used again', async () => {
    await fresh();
    door.engine.script = polite;
    const before = door.engine.connections.length;
    for (let n = 0; n < 5; n += 1) expect((await door.ask(LIST)).status).toBe(200);
    expect(door.engine.connections.length - before).toBe(1);
  });

  it('that is closed in the moment of its use costs a safe request nothing', async () => {
    await fresh();
    const seen = closesOnReuse();
    expect((await door.ask(LIST)).body).toBe('on 1');
    expect((await door.ask(LIST)).body).toBe('on 2');
    expect(seen).toHaveLength(2);
  });

  it('and any other is not sent twice', async () => {
    await fresh();
    closesOnReuse();
    expect((await door.ask(LIST)).body).toBe('on 1');
    const answer = await door.ask(PAUSE);
    expect([answer.status, messageOf(answer)]).toEqual([502, expect.stringMatching(/\[engine-broke-off\]$/)]);
  });

  it('is given up before the Engine does it, where it says when', async () => {
    await fresh();
    const seen: FakeConnection[] = [];
    door.engine.script = (connection) => {
      seen.push(connection);
      connection.socket.write(reply('200 OK', 'x', ['Keep-Alive: timeout=1']));
    };
    await door.ask(LIST);
    await door.ask(PAUSE);
    expect(new Set(seen).size).toBe(2);
  });

  it('serves more clients at once than there may be connections', async () => {
    await fresh();
    const waiting: FakeConnection[] = [];
    door.engine.script = (connection) => void waiting.push(connection);
    const answers = Array.from({ length: 140 }, () => door.ask(LIST));
    await expect.poll(() => waiting.length, { timeout: 20_000 }).toBe(128);
    door.engine.script = polite;
    for (const { socket } of waiting) socket.write(reply('200 OK', 'late'));
    const bodies = (await Promise.all(answers)).map(({ body }) => body);
    expect(bodies.filter((body) => body === 'late')).toHaveLength(128);
    expect(bodies.filter((body) => body === '{}\n')).toHaveLength(12);
  });
});

describe('a request that waits for a connection', () => {
  it('is forgotten when its client gives up', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      socket.on('data', () => sockets.push(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const connections = new Connections(() => connect(port, '127.0.0.1'));
    let ended = 0;
    const shot = {
      ...{ method: 'GET', bytes: 'GET / HTTP/1.1\r\n\r\n' },
      ...{ onHead: () => {}, onBody: () => {}, onError: () => {} },
      onEnd: () => {
        ended += 1;
      },
    };
    const flights = Array.from({ length: 130 }, () => connections.send({ ...shot }));
    await expect.poll(() => sockets.length, { timeout: 10_000 }).toBe(128);
    flights.at(-1)?.abort();
    for (const socket of [...sockets]) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    await expect.poll(() => sockets.length).toBe(129);
    sockets.at(-1)?.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    await expect.poll(() => ended).toBe(129);
    expect(sockets).toHaveLength(129);
    connections.close();
    server.close();
  });
});

describe('a reply that is passed on as it stands', () => {
  const SENT = randomBytes(4_000_000);
  const SIZES = [60_000, 1, 20_000, 65_536, 300_000, 7];
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync('/tmp/qw-lent-');
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  /** In chunks of every size, as they stand on the wire. */
  function chunks(): Buffer {
    const parts: (Buffer | string)[] = [];
    for (let at = 0, n = 0; at < SENT.length; n += 1) {
      const piece = SENT.subarray(at, at + (SIZES[n % SIZES.length] as number));
      parts.push(`${piece.length.toString(16)}\r\n`, piece, '\r\n');
      at += piece.length;
    }
    return Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  }

  it.each([
    ['with pauses', true],
    ['without', false],
  ])('is lent piece by piece, each untouched until it is given back, %s', async (name, hasPauses) => {
    const path = `${dir}/${hasPauses}`;
    const wire = chunks();
    const server = createServer((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
        for (let at = 0; at < wire.length; at += 50_000) {
          socket.write(wire.subarray(at, at + 50_000));
        }
        socket.end('0\r\n\r\n');
      });
      socket.on('error', () => {});
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const connections = new Connections(() => connectUnix(path));
    const got = createHash('sha256');
    const memories = new Set<ArrayBufferLike>();
    let out = 0;
    let lent = 0;
    const during: number[] = [];
    const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
    await new Promise<void>((resolve, reject) => {
      const flight = connections.sendAlone({
        ...{ method: 'GET', bytes: 'GET / HTTP/1.1\r\n\r\n', wantsRaw: true },
        ...{ onHead: () => {}, onBody: () => reject(new Error('taken apart')), onError: reject },
        onRaw: (bytes: Buffer, _length: number, release?: () => void) => {
          if (release === undefined) {
            got.update(bytes);
            return;
          }
          lent += 1;
          out += 1;
          expect(out).toBe(1);
          memories.add(bytes.buffer);
          const before = sha(bytes);
          const pauses = hasPauses && lent % 10 === 0;
          if (pauses) flight.pause();
          setImmediate(() => {
            expect(sha(bytes)).toBe(before);
            got.update(bytes);
            out -= 1;
            release();
            if (!pauses) return;
            const lentThen = lent;
            setTimeout(() => {
              during.push(lent - lentThen);
              flight.resume();
            }, 5);
          });
        },
        onEnd: () => resolve(),
      });
    });
    await new Promise((resolve) => setImmediate(resolve));
    const whole = createHash('sha256').update(wire).digest('hex');
    expect([name, got.digest('hex')]).toEqual([name, whole]);
    expect(lent).toBeGreaterThan(20);
    // Nothing was read during a pause.
    expect(during.filter((pieces) => pieces > 0)).toEqual([]);
    expect(during.length > 1).toBe(hasPauses);
    expect(memories.size).toBeLessThan(6);
    connections.close();
    server.close();
  });
});

describe('a reply that is passed on as it stands and comes in small pieces', () => {
  const HEAD = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
  const BODY = '3\r\nabc\r\n';

  // What adds nothing that could be passed on is given back while it is still being handed over.
  it.each([
    ['within the size of a chunk', ['1', '0\r\n0123456789abcdef\r\n', '0\r\n\r\n']],
    ['within the end of a chunk', ['3\r\ndef\r', '\n0\r\n\r\n']],
    ['within the last chunk', ['0\r\n', '\r\n']],
    ['within the trailers', ['0\r\n', 'X-Sum: 1\r\n', '\r\n']],
    ['byte by byte', [...'5\r\nabcde\r\n0\r\n\r\n']],
  ])('comes to its end when it is cut %s', async (_, pieces) => {
    const dir = mkdtempSync('/tmp/qw-cut-');
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', async () => {
        for (const piece of [HEAD, BODY, ...pieces]) {
          socket.write(piece);
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      });
    });
    await new Promise<void>((resolve) => server.listen(`${dir}/s`, resolve));
    const connections = new Connections(() => connectUnix(`${dir}/s`));
    let got = '';
    await new Promise<void>((resolve, reject) => {
      setTimeout(() => reject(new Error('it hangs')), 5_000).unref();
      connections.sendAlone({
        ...{ method: 'GET', bytes: 'GET / HTTP/1.1\r\n\r\n', wantsRaw: true },
        ...{ onHead: () => {}, onBody: () => reject(new Error('taken apart')), onError: reject },
        onRaw: (bytes: Buffer, _length: number, release?: () => void) => {
          got += bytes.toString('latin1');
          if (release !== undefined) setImmediate(release);
        },
        onEnd: () => resolve(),
      });
    });
    const sent = [BODY, ...pieces].join('');
    expect(got).toBe(sent.slice(0, sent.lastIndexOf('0\r\n')));
    connections.close();
    server.close();
    rmSync(dir, { recursive: true });
  });

  it('is not read on when it has to wait from its head on', async () => {
    const dir = mkdtempSync('/tmp/qw-wait-');
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => {
        socket.write(`${HEAD}${BODY}`);
        setTimeout(() => socket.end(`${'3\r\ndef\r\n'.repeat(50_000)}0\r\n\r\n`), 100);
      });
    });
    await new Promise<void>((resolve) => server.listen(`${dir}/s`, resolve));
    const connections = new Connections(() => connectUnix(`${dir}/s`));
    let length = 0;
    await new Promise<void>((resolve, reject) => {
      const flight = connections.sendAlone({
        ...{ method: 'GET', bytes: 'GET / HTTP/1.1\r\n\r\n', wantsRaw: true },
        ...{ onHead: () => {}, onBody: () => reject(new Error('taken apart')), onError: reject },
        onRaw: (_: Buffer, body: number, release?: () => void) => {
          if (length === 0) {
            flight.pause();
            setTimeout(() => {
              expect(length).toBe(3);
              flight.resume();
            }, 200);
          }
          length += body;
          release?.();
        },
        onEnd: () => resolve(),
      });
    });
    expect(length).toBe(3 + 150_000);
    connections.close();
    server.close();
    rmSync(dir, { recursive: true });
  });
});

describe('a connection that is switched to another protocol', () => {
  const SWITCH = 'HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n';
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync('/tmp/qw-switch-');
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  async function answeredBy(text: string): Promise<{ connections: Connections; stop: () => void }> {
    const path = `${dir}/${Math.random()}`;
    const server = createServer((socket) => {
      socket.once('data', () => {
        socket.write(text);
        setTimeout(() => socket.end(' and more'), 50);
      });
      socket.on('error', () => {});
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const connections = new Connections(() => connectUnix(path));
    return { connections, stop: () => server.close() };
  }

  const shot = { method: 'POST', bytes: 'POST / HTTP/1.1\r\n\r\n', onHead() {}, onBody() {}, onEnd() {} };

  it('is whose request it was, with every byte behind the head, however late it is read', async () => {
    const { connections, stop } = await answeredBy(`${SWITCH}hello`);
    const socket = await new Promise<Socket>((resolve, reject) =>
      connections.sendAlone({
        ...{ ...shot, maySwitch: true, onError: reject },
        onSwitch: (head, switched) => {
          expect([head.status, head.reason]).toEqual([101, 'UPGRADED']);
          resolve(switched);
        },
      }),
    );
    // It is nobody else's to close any more.
    connections.close();
    await new Promise((resolve) => setTimeout(resolve, 200));
    const got: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => got.push(chunk));
    socket.resume();
    await new Promise((resolve) => socket.once('end', resolve));
    expect(Buffer.concat(got).toString()).toBe('hello and more');
    socket.destroy();
    stop();
  });

  it('is garbled where nobody asked for that', async () => {
    const { connections, stop } = await answeredBy(SWITCH);
    const error = await new Promise<Error>((resolve) => connections.sendAlone({ ...shot, onError: resolve }));
    expect(error.message).toMatch(/switched protocols although nobody asked/);
    stop();
  });
});
