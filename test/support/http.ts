import { readFileSync } from 'node:fs';
import { type AddressInfo, connect as connectPlainly, createServer } from 'node:net';
import { join } from 'node:path';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';

/** A client that speaks bytes: what it writes is what arrives, and nothing is retried or mended. */
export interface RawClient {
  readonly socket: TLSSocket;
  write(bytes: string | Buffer): void;
  /** Ends the writing side by close_notify and FIN. */
  end(): void;
  received(): string;
  until(pattern: RegExp, timeoutMs?: number): Promise<string>;
  /** Resolves with everything received once that holds a whole answer, or the peer has ended or closed. */
  answered(method?: string, timeoutMs?: number): Promise<string>;
  /** Resolves with everything received once the peer has ended or closed. */
  closed(timeoutMs?: number): Promise<string>;
}

/** Opens a TLS connection to a gateway, with the client certificate in `certPath` unless that is undefined. */
export async function rawClient(
  port: number,
  ca: string,
  certPath: string | undefined,
  options: ConnectionOptions = {},
): Promise<RawClient> {
  const socket = connect({
    host: '127.0.0.1',
    port,
    servername: 'localhost',
    ca: readFileSync(ca),
    allowHalfOpen: true,
    ...(certPath === undefined
      ? {}
      : { cert: readFileSync(join(certPath, 'cert.pem')), key: readFileSync(join(certPath, 'key.pem')) }),
    ...options,
  } as ConnectionOptions);
  await new Promise<void>((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  let bytes = '';
  let over = false;
  const listeners = new Set<() => void>();
  const poke = (): void => {
    for (const listener of [...listeners]) listener();
  };
  const finish = (): void => {
    over = true;
    poke();
  };
  socket.on('data', (chunk) => {
    bytes += chunk.toString('latin1');
    poke();
  });
  socket.on('end', finish).on('close', finish).on('error', finish);
  const wait = (what: string, done: () => boolean, timeoutMs: number): Promise<string> =>
    new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        listeners.delete(check);
        act();
      };
      const check = (): void => {
        if (done()) settle(() => resolve(bytes));
        else if (over)
          settle(() =>
            reject(new Error(`closed without ${what}; received ${JSON.stringify(bytes.slice(0, 2_000))}`)),
          );
      };
      const timer = setTimeout(
        () =>
          settle(() =>
            reject(new Error(`no ${what} in time; received ${JSON.stringify(bytes.slice(0, 2_000))}`)),
          ),
        timeoutMs,
      );
      listeners.add(check);
      check();
    });
  return {
    socket,
    write: (data) => void socket.write(data),
    // Not while Node still decrypts: ending a TLS socket throws away what it has not handed out yet.
    end: () => void setImmediate(() => socket.end()),
    received: () => bytes,
    until: (pattern, timeoutMs = 10_000) => wait(String(pattern), () => pattern.test(bytes), timeoutMs),
    answered: (method = 'GET', timeoutMs = 10_000) =>
      wait('a whole answer', () => over || isWhole(bytes, method), timeoutMs),
    closed: (timeoutMs = 10_000) => wait('end', () => over, timeoutMs),
  };
}

/** A stretch of wire in front of a port that can be cut: the port's side is reset, with no TLS alert before it. */
export interface Wire {
  readonly port: number;
  cut(): void;
}

/** Lays a wire for one connection. */
export async function layWire(to: number): Promise<Wire> {
  const far = connectPlainly({ host: '127.0.0.1', port: to });
  const server = createServer((near) => {
    near
      .on('error', () => {})
      .pipe(far)
      .pipe(near);
    server.close();
  });
  far.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, cut: () => void far.resetAndDestroy() };
}

/** One answer, taken apart. */
export interface Answer {
  readonly status: number;
  readonly statusText: string;
  /** Name and value of each header, as received and in order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The values of a header, whatever its case. */
  header(name: string): string[];
  /** Chunk framing taken away. */
  readonly body: string;
  /** What follows this answer on the connection. */
  readonly rest: string;
}

/**
 * Reads the first answer in bytes received, interim ones (1xx but 101) left out.
 *
 * @param method of the request: an answer to HEAD has no body
 */
export function readAnswer(bytes: string, method = 'GET'): Answer {
  const found = /^HTTP\/1\.[01] (\d{3}) ?([^\r\n]*)\r\n((?:[^\r\n]+\r\n)*)\r\n/.exec(bytes);
  if (found === null) throw new Error(`no answer in ${JSON.stringify(bytes.slice(0, 500))}`);
  const [head, code = '', statusText = '', lines = ''] = found;
  const status = Number(code);
  const after = bytes.slice(head.length);
  if (status < 200 && status !== 101) return readAnswer(after, method);
  const headers = lines
    .split('\r\n')
    .filter((line) => line !== '')
    .map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
    });
  const header = (name: string): string[] =>
    headers.flatMap(([each, value]) => (each.toLowerCase() === name.toLowerCase() ? [value] : []));
  const answer = { status, statusText, headers, header };
  if (method === 'HEAD' || status === 101 || status === 204 || status === 304) {
    return { ...answer, body: '', rest: after };
  }
  if (/\bchunked\b/i.test(header('transfer-encoding')[0] ?? '')) return { ...answer, ...unchunk(after) };
  const [length] = header('content-length');
  if (length === undefined) return { ...answer, body: after, rest: '' };
  if (after.length < Number(length))
    throw new Error(`the body is cut: ${JSON.stringify(bytes.slice(0, 500))}`);
  return { ...answer, body: after.slice(0, Number(length)), rest: after.slice(Number(length)) };
}

function isWhole(bytes: string, method: string): boolean {
  try {
    readAnswer(bytes, method);
    return true;
  } catch {
    return false;
  }
}

function unchunk(bytes: string): Pick<Answer, 'body' | 'rest'> {
  let body = '';
  for (let at = 0; ; ) {
    const line = /^([0-9a-f]+)\r\n/i.exec(bytes.slice(at, at + 20));
    if (line === null) throw new Error(`a chunk is cut: ${JSON.stringify(bytes.slice(at, at + 100))}`);
    const size = Number.parseInt(line[1] as string, 16);
    at += line[0].length;
    if (size === 0) {
      const trailers = /^(?:[^\r\n]+\r\n)*\r\n/.exec(bytes.slice(at));
      if (trailers === null) throw new Error('the trailers are cut');
      return { body, rest: bytes.slice(at + trailers[0].length) };
    }
    body += bytes.slice(at, at + size);
    at += size + 2;
  }
}
