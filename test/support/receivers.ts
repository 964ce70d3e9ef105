import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

/** Receivers of an audit log that count what they get. */

/** A receiver of syslog frames in octet counting. */
export interface SyslogReceiver {
  readonly port: number;
  /** All whole messages so far, in the order of their arrival. */
  readonly messages: string[];
  /** How many connections there were. */
  connections(): number;
  /** Breaks all connections off, as a receiver that is killed. */
  breakOff(): void;
  close(): Promise<void>;
}

export interface SyslogReceiverOptions {
  readonly port?: number;
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Whether it ends its side when the gateway has ended its own. Default: true. */
  readonly closes?: boolean;
  /** Breaks a connection off after so many bytes of it, the first so many times. */
  readonly breaksAfter?: { readonly bytes: number; readonly times: number };
  /** Bytes it reads in a second. */
  readonly bytesPerSecond?: number;
}

export async function syslogReceiver(options: SyslogReceiverOptions = {}): Promise<SyslogReceiver> {
  const messages: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  let breaks = options.breaksAfter?.times ?? 0;
  const onConnection = (socket: Socket): void => {
    connections += 1;
    sockets.add(socket);
    const frames = frameReader((message) => messages.push(message));
    let received = 0;
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (bytes: Buffer) => {
      received += bytes.length;
      if (breaks > 0 && received >= (options.breaksAfter?.bytes ?? 0)) {
        breaks -= 1;
        socket.destroy();
        return;
      }
      frames(bytes);
      if (options.bytesPerSecond === undefined) return;
      socket.pause();
      setTimeout(() => socket.resume(), (bytes.length / options.bytesPerSecond) * 1_000);
    });
    socket.on('end', () => {
      if (options.closes !== false) socket.end();
    });
  };
  const settings = {
    allowHalfOpen: true,
    ...(options.bytesPerSecond === undefined ? {} : { highWaterMark: 4_096 }),
  };
  const server: Server =
    options.tls === undefined
      ? createServer(settings, onConnection)
      : createTlsServer({ ...settings, ...options.tls }, onConnection);
  // Those of TLS too that never come to a handshake.
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    messages,
    connections: () => connections,
    breakOff: () => {
      for (const socket of sockets) socket.destroy();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Reads `LENGTH SP MESSAGE` (RFC 6587, section 3.4.1). */
export function frameReader(onMessage: (message: string) => void): (bytes: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    for (;;) {
      const space = rest.indexOf(0x20);
      if (space === -1) return;
      const length = Number(rest.toString('latin1', 0, space));
      if (!Number.isInteger(length) || length <= 0)
        throw new Error(`no frame: ${rest.toString('latin1', 0, 40)}`);
      if (rest.length < space + 1 + length) return;
      onMessage(rest.toString('utf8', space + 1, space + 1 + length));
      rest = rest.subarray(space + 1 + length);
    }
  };
}

/** A log record as a receiver of OTLP gets it. */
export interface OtlpRecord {
  readonly timeUnixNano: string;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly eventName: string;
  readonly body: { readonly stringValue: string };
  readonly attributes: readonly { readonly key: string; readonly value: Record<string, string> }[];
}

export interface OtlpReceiver {
  readonly url: string;
  readonly port: number;
  /** Those that were accepted. */
  readonly records: OtlpRecord[];
  /** Headers of every request. */
  readonly headers: IncomingMessage['headers'][];
  close(): Promise<void>;
}

/** What a receiver of OTLP answers to its nth request, from 0 on; undefined accepts it. */
export type Answer = (
  request: number,
  records: readonly OtlpRecord[],
) =>
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }
  | 'break'
  | undefined;

export async function otlpReceiver(
  answer: Answer = () => undefined,
  options: { readonly port?: number; readonly tls?: { readonly cert: string; readonly key: string } } = {},
): Promise<OtlpReceiver> {
  const records: OtlpRecord[] = [];
  const headers: IncomingMessage['headers'][] = [];
  let count = 0;
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    headers.push(request.headers);
    const body = JSON.parse(Buffer.concat(pieces).toString()) as {
      resourceLogs: { scopeLogs: { logRecords: OtlpRecord[] }[] }[];
    };
    const sent = body.resourceLogs.flatMap(({ scopeLogs }) =>
      scopeLogs.flatMap(({ logRecords }) => logRecords),
    );
    const told = answer(count, sent);
    count += 1;
    if (told === 'break') {
      request.socket.destroy();
      return;
    }
    if (told === undefined || (told.status < 300 && told.body === undefined)) records.push(...sent);
    response.writeHead(told?.status ?? 200, { 'content-type': 'application/json', ...told?.headers });
    response.end(told?.body ?? '{}');
  };
  const listener = (request: IncomingMessage, response: ServerResponse): void =>
    void handle(request, response);
  const server =
    options.tls === undefined ? createHttpServer(listener) : createHttpsServer(options.tls, listener);
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${options.tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/v1/logs`,
    port,
    records,
    headers,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
