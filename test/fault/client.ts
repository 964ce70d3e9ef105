import { readFileSync } from 'node:fs';
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { connect } from 'node:net';
import { type Duplex, Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { RequestLine } from '../../src/audit/record.ts';
import type { Gateway } from '../support/gateway.ts';
import { type RawClient, rawClient } from '../support/http.ts';

export interface Ask {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | number>>;
  /** Sent whole, or piped; a stream without Content-Length goes in chunks. */
  readonly body?: string | Buffer | Readable;
  /** `admin` unless named. */
  readonly as?: 'admin' | 'viewer';
}

export interface Told {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** False when the connection broke before the answer was whole. */
  readonly whole: boolean;
}

/** Begins a request on a connection of its own; its errors are the caller's. */
export function begin(
  gateway: Gateway,
  { method = 'GET', path, headers = {}, as = 'admin' }: Ask,
): ClientRequest {
  const pem = (name: string) => readFileSync(`${gateway.certPath(as)}/${name}.pem`);
  return request({
    host: '127.0.0.1',
    port: gateway.port,
    servername: 'localhost',
    method,
    path,
    headers,
    ca: pem('ca'),
    cert: pem('cert'),
    key: pem('key'),
    agent: false,
  });
}

/** Sends a request and resolves with the answer's head; the body is still to come. */
export function open(gateway: Gateway, ask: Ask): Promise<IncomingMessage> {
  const { body } = ask;
  return new Promise((resolve, reject) => {
    const sent = begin(gateway, ask);
    sent.on('response', resolve);
    sent.on('error', reject);
    if (body === undefined || typeof body === 'string' || Buffer.isBuffer(body)) sent.end(body);
    else body.pipe(sent);
  });
}

/** Sends a request and resolves with the answer, whole or broken off. */
export async function tell(gateway: Gateway, ask: Ask): Promise<Told> {
  const answer = await open(gateway, ask);
  let body = '';
  answer.setEncoding('utf8').on('data', (part: string) => {
    body += part;
  });
  await new Promise<void>((resolve) => answer.on('error', () => {}).once('close', resolve));
  return { status: answer.statusCode ?? 0, headers: answer.headers, body, whole: answer.complete };
}

/** Sends JSON. */
export function tellJson(gateway: Gateway, path: string, value: unknown): Promise<Told> {
  const body = JSON.stringify(value);
  const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
  return tell(gateway, { method: 'POST', path, headers, body });
}

/** Asks for an upgrade and resolves with the raw stream after the 101; half-open is allowed on it. */
export function upgraded(gateway: Gateway, path: string, value?: unknown): Promise<Duplex> {
  const body = value === undefined ? '' : JSON.stringify(value);
  const headers = {
    Connection: 'Upgrade',
    Upgrade: 'tcp',
    'Content-Length': Buffer.byteLength(body),
    ...(body === '' ? {} : { 'Content-Type': 'application/json' }),
  };
  return new Promise((resolve, reject) => {
    const sent = begin(gateway, { method: 'POST', path, headers });
    sent.on('upgrade', (_answer, socket, head) => {
      if (head.length > 0) socket.unshift(head);
      socket.on('error', () => {});
      resolve(socket);
    });
    sent.on('response', (answer) => reject(new Error(`answered ${answer.statusCode} instead of 101`)));
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Creates and starts a container that does nothing and ends at once when stopped; returns its id. */
export async function idle(gateway: Gateway, name: string, config: object = {}): Promise<string> {
  const script = 'trap "exit 0" TERM; while :; do sleep 0.1; done';
  const made = await tellJson(gateway, `/v1.41/containers/create?name=${name}`, {
    Image: 'busybox',
    Cmd: ['sh', '-c', script],
    ...config,
  });
  if (made.status !== 201) throw new Error(`no container: ${made.body}`);
  const { Id } = JSON.parse(made.body) as { Id: string };
  const started = await tell(gateway, { method: 'POST', path: `/v1.41/containers/${Id}/start` });
  if (started.status !== 204) throw new Error(`not started: ${started.body}`);
  return Id;
}

/** Makes an exec instance; returns its id. */
export async function exec(gateway: Gateway, container: string, config: object): Promise<string> {
  const made = await tellJson(gateway, `/v1.41/containers/${container}/exec`, {
    AttachStdout: true,
    ...config,
  });
  if (made.status !== 201) throw new Error(`no exec: ${made.body}`);
  return (JSON.parse(made.body) as { Id: string }).Id;
}

/** A stream of that many zeros, made on the way. */
export function zeros(size: number): Readable {
  const chunk = Buffer.alloc(262_144);
  let left = size;
  return new Readable({
    highWaterMark: chunk.length,
    read() {
      const next = Math.min(left, chunk.length);
      left -= next;
      this.push(next === 0 ? null : chunk.subarray(0, next));
    },
  });
}

/** A connection of bytes, as `admin`. */
export function bytes(gateway: Gateway): Promise<RawClient> {
  return rawClient(gateway.port, `${gateway.certPath('admin')}/ca.pem`, gateway.certPath('admin'));
}

/** The same, with a way to break it as a crashing machine does: by a reset, and not by an end. */
export async function resettable(gateway: Gateway): Promise<{ client: RawClient; reset: () => void }> {
  const socket = connect(gateway.port, '127.0.0.1');
  const certs = gateway.certPath('admin');
  const client = await rawClient(gateway.port, `${certs}/ca.pem`, certs, { socket });
  return { client, reset: () => socket.resetAndDestroy() };
}

/** expect.poll with the patience that two busy cores need. */
export function soon<T>(read: () => T | Promise<T>, timeout = 20_000): ReturnType<typeof expect.poll<T>> {
  return expect.poll(read, { timeout, interval: 50 });
}

/** Resolves with a number once it has not changed for a second. */
export async function standstill(read: () => number): Promise<number> {
  for (let last = read(); ; ) {
    await sleep(1_000);
    const now = read();
    if (now === last) return now;
    last = now;
  }
}

/** Asks for an upgrade as the docker CLI does. */
export function upgrade(path: string, body = ''): string {
  const type = body === '' ? '' : 'Content-Type: application/json\r\n';
  return (
    `POST ${path} HTTP/1.1\r\nHost: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n${type}` +
    `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  );
}

/** How the exchanges of an operation ended: `status ending`, in order. */
export function endings(gateway: Gateway, operation: string): string[] {
  return gateway
    .auditRecords()
    .filter((record) => record.request.operation === operation && record.outcome !== undefined)
    .map(({ outcome }) => `${outcome?.status} ${outcome?.ending}`);
}

/** Decisions that have no end yet. */
export function unfinished(gateway: Gateway): RequestLine[] {
  const records = gateway.auditRecords();
  const ended = new Set(records.filter(({ stage }) => stage !== 'decision').map(({ id }) => id));
  return records.filter(({ stage, id }) => stage === 'decision' && !ended.has(id));
}
