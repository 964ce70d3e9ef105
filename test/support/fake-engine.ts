import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One connection of the gateway to the fake Engine. */
export interface FakeConnection {
  readonly socket: Socket;
  /** Everything the gateway has sent on it, byte for byte. */
  received(): string;
  /** Resolves when `received()` matches. */
  until(pattern: RegExp): Promise<string>;
  /** Resolves when the gateway has ended its side, or closed the connection altogether. */
  ended(): Promise<void>;
}

/** What a fake Engine does with a connection, once the first request head has arrived. */
export type Script = (connection: FakeConnection, head: string) => void | Promise<void>;

export interface FakeEngine {
  readonly socketPath: string;
  readonly connections: FakeConnection[];
  /** Heads of all requests received, in order, `/_ping` of the gateway itself left out. */
  heads(): string[];
  /** Every byte received since the last call, one text a connection, the gateway's own questions left out. */
  taken(): string[];
  script: Script;
  close(): Promise<void>;
}

export const PING =
  'HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nDocker-Experimental: false\r\nOstype: linux\r\n' +
  'Server: Docker/20.10.24 (linux)\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 2\r\n\r\nOK';

const VERSION = '{"Version":"20.10.24","ApiVersion":"1.41","MinAPIVersion":"1.12"}\n';

/** What the gateway itself asks: a client's requests for these reach the Engine with a version in their path. */
const OWN_QUESTION =
  /GET \/(?:_ping|version|exec\/\w+\/json|containers\/e{64}\/json) HTTP\/1\.1\r\n(?:[^\r\n]+\r\n)*\r\n/g;

/** The gateway's question about an exec instance that it is to start. One with a whole id is for the script. */
const EXEC_QUESTION = /^GET \/exec\/\w{1,12}\/json HTTP/;
const CONTAINER_QUESTION = /^GET \/containers\/e{64}\/json HTTP/;

/** The container of these. */
export const EXEC_CONTAINER = 'e'.repeat(64);

const CONTAINER = JSON.stringify({ Id: EXEC_CONTAINER, Name: '/box', Config: { Tty: false } });
const EXEC = JSON.stringify({
  ContainerID: EXEC_CONTAINER,
  ProcessConfig: { tty: false, entrypoint: 'sh', arguments: ['-c', 'true'], privileged: false },
});

/**
 * Answers as a well-behaved Engine would, once the whole body is there: 101 to whoever asks for an upgrade, with
 * `welcome` on the stream until the client ends its side; a JSON object to all else.
 */
export const polite: Script = async (connection, head) => {
  const { socket } = connection;
  const [method = '', target = ''] = head.split(' ');
  const upgrade = /\r\nupgrade: ([^\r]+)/i.exec(head)?.[1];
  await bodyOf(connection, head);
  if (upgrade !== undefined) {
    socket.write(`HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: ${upgrade}\r\n\r\nwelcome`);
    await connection.ended();
    socket.end();
  } else if (method === 'HEAD') socket.write(PING.replace(/OK$/, ''));
  else if (/\/_ping$/.test(target)) socket.write(PING);
  else if (/\/version$/.test(target))
    socket.write(reply('200 OK', VERSION, ['Content-Type: application/json']));
  else socket.write(reply('200 OK', '{}\n', ['Content-Type: application/json']));
};

/** The body of the request with that head, once it is whole; its framing is left in. */
export async function bodyOf(connection: FakeConnection, head: string): Promise<string> {
  const start = connection.received().lastIndexOf(head) + head.length;
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
  const chunked = /\r\ntransfer-encoding: chunked/i.test(head);
  const whole = chunked ? /(?:^|\r\n)0\r\n\r\n$/ : new RegExp(`^[^]{${length}}`);
  for (;;) {
    const body = connection.received().slice(start);
    if (whole.test(body)) return body;
    await new Promise((resolve) => connection.socket.once('data', resolve));
  }
}

/** A reply with a body, as the Engine words it. */
export function reply(status: string, body: string, headers: readonly string[] = []): string {
  const lines = [`HTTP/1.1 ${status}`, ...headers, `Content-Length: ${Buffer.byteLength(body)}`, '', body];
  return lines.join('\r\n');
}

/**
 * An Engine of bytes on a unix socket, for faults and for seeing what was forwarded; what a real Engine can
 * show is shown by a real one.
 */
export async function startFakeEngine(
  script: Script = ({ socket }) => void socket.write(PING),
): Promise<FakeEngine> {
  const dir = mkdtempSync(join(tmpdir(), 'qwf-'));
  const socketPath = join(dir, 'docker.sock');
  const connections: FakeConnection[] = [];
  const offsets: number[] = [];
  const engine = { script };
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    let bytes = '';
    let answered = 0;
    const waiting: { pattern: RegExp; resolve: (all: string) => void }[] = [];
    const connection: FakeConnection = {
      socket,
      received: () => bytes,
      until: (pattern) =>
        new Promise((resolve, reject) => {
          if (pattern.test(bytes)) return resolve(bytes);
          const timer = setTimeout(
            () => reject(new Error(`no ${pattern} in ${JSON.stringify(bytes)}`)),
            10_000,
          );
          waiting.push({
            pattern,
            resolve(all) {
              clearTimeout(timer);
              resolve(all);
            },
          });
        }),
      ended: () =>
        new Promise((resolve) => {
          if (socket.readableEnded || socket.destroyed) resolve();
          else socket.once('end', resolve).once('close', () => resolve());
        }),
    };
    connections.push(connection);
    offsets.push(0);
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      bytes += chunk.toString('latin1');
      for (const waiter of [...waiting]) {
        if (!waiter.pattern.test(bytes)) continue;
        waiting.splice(waiting.indexOf(waiter), 1);
        waiter.resolve(bytes);
      }
      // One script run a head; bodies and later stream bytes are the script's to look at.
      const heads = splitHeads(bytes);
      while (answered < heads.length) {
        const head = heads[answered] as string;
        answered += 1;
        if (EXEC_QUESTION.test(head)) socket.write(reply('200 OK', EXEC, ['Content-Type: application/json']));
        else if (CONTAINER_QUESTION.test(head)) socket.write(reply('200 OK', CONTAINER));
        else void engine.script(connection, head);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    socketPath,
    connections,
    heads: () =>
      connections
        .flatMap((c) => splitHeads(c.received()))
        .filter((h) => !/^GET \/(?:_ping|exec\/\w+\/json|containers\/e{64}\/json) /.test(h)),
    taken: () =>
      connections.flatMap((connection, index) => {
        const all = connection.received();
        const fresh = all.slice(offsets[index]).replace(OWN_QUESTION, '');
        offsets[index] = all.length;
        return fresh === '' ? [] : [fresh];
      }),
    get script() {
      return engine.script;
    },
    set script(next: Script) {
      engine.script = next;
    },
    close: async () => {
      for (const { socket } of connections) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function splitHeads(bytes: string): string[] {
  const heads = [];
  const pattern = /(?:GET|HEAD|POST|PUT|DELETE) \/[^\r\n]* HTTP\/1\.1\r\n(?:[^\r\n]+\r\n)*\r\n/g;
  for (const match of bytes.matchAll(pattern)) heads.push(match[0]);
  return heads;
}
