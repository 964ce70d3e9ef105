import { readFileSync } from 'node:fs';
import { request as plainRequest } from 'node:http';
import { Agent, request } from 'node:https';
import type { Socket } from 'node:net';
import type { FrontDoor } from '../support/front-door.ts';

/** A request as a client sends it. */
export interface Asked {
  readonly method: string;
  readonly target: string;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** All that came back. */
export interface Reply {
  readonly status: number;
  /** Header lines but those that differ each time. */
  readonly head: string;
  readonly body: string;
  /** What came was cut at the time limit. */
  readonly cut: boolean;
}

/** Somebody who asks by kept-alive connections. */
export interface Caller {
  ask(asked: Asked, timeoutMs?: number): Promise<Reply>;
  /** The same, by method and target, with a JSON body. */
  call(line: string, body?: unknown, timeoutMs?: number): Promise<Reply>;
  /** The same, of which the JSON of a 2xx is wanted. */
  json<T = Record<string, unknown>>(line: string, body?: unknown): Promise<T>;
  close(): void;
}

const VARIES = new Set(['date', 'quaywarden-request-id', 'content-length', 'connection', 'keep-alive']);

/** The client of that name at a gateway. */
export async function callerAt(door: FrontDoor, name: string, sockets = 8): Promise<Caller> {
  const folder = await door.certPath(name);
  const agent = new Agent({
    keepAlive: true,
    maxSockets: sockets,
    ca: readFileSync(`${door.gateway.certPath('admin')}/ca.pem`),
    cert: readFileSync(`${folder}/cert.pem`),
    key: readFileSync(`${folder}/key.pem`),
    servername: 'localhost',
  });
  const at = { host: '127.0.0.1', port: door.gateway.port, agent };
  return caller(
    (options) => request({ ...at, ...options }),
    () => agent.destroy(),
  );
}

/** Whoever has the Engine's own socket. */
export function callerOn(socketPath: string): Caller {
  return caller(
    (options) => plainRequest({ socketPath, ...options }),
    () => {},
  );
}

type Send = (options: {
  method: string;
  path: string;
  headers: Readonly<Record<string, string>>;
}) => ReturnType<typeof request>;

function caller(send: Send, close: () => void): Caller {
  const ask: Caller['ask'] = ({ method, target, body, headers = {} }, timeoutMs = 10_000) =>
    new Promise((resolve, reject) => {
      const framing = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
      const sent = send({ method, path: target, headers: { ...framing, ...headers } });
      const pieces: Buffer[] = [];
      let answered: { status: number; head: string } | undefined;
      const finish = (cut: boolean) => {
        clearTimeout(timer);
        resolve({ ...(answered ?? { status: 0, head: '' }), body: Buffer.concat(pieces).toString(), cut });
      };
      const timer = setTimeout(() => {
        finish(true);
        sent.destroy();
      }, timeoutMs);
      sent.on('error', (error) => {
        clearTimeout(timer);
        if (answered === undefined) reject(error);
        else finish(true);
      });
      sent.on('upgrade', (response, socket: Socket, first: Buffer) => {
        answered = { status: response.statusCode ?? 0, head: linesOf(response.rawHeaders) };
        pieces.push(first);
        socket.on('data', (piece) => pieces.push(piece));
        socket.on('close', () => finish(false)).on('error', () => finish(true));
      });
      sent.on('response', (response) => {
        answered = { status: response.statusCode ?? 0, head: linesOf(response.rawHeaders) };
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('end', () => finish(false)).on('error', () => finish(true));
      });
      sent.end(body);
    });
  const call: Caller['call'] = (line, body, timeoutMs) => {
    const [method = '', target = ''] = line.split(' ');
    const text = body === undefined ? undefined : JSON.stringify(body);
    const json = text === undefined ? {} : { body: text, headers: { 'content-type': 'application/json' } };
    return ask({ method, target, ...json }, timeoutMs);
  };
  return {
    ask,
    call,
    json: async <T>(line: string, body?: unknown) => {
      const reply = await call(line, body);
      if (reply.status < 200 || reply.status > 299) throw new Error(`${line}: ${reply.status} ${reply.body}`);
      return (reply.body === '' ? {} : JSON.parse(reply.body)) as T;
    },
    close,
  };
}

function linesOf(raw: readonly string[]): string {
  const lines: string[] = [];
  for (let at = 0; at < raw.length; at += 2) {
    if (!VARIES.has((raw[at] ?? '').toLowerCase())) lines.push(`${raw[at]}: ${raw[at + 1]}`);
  }
  return lines.sort().join('\n');
}
