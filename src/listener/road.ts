import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type Duplex, duplexPair } from 'node:stream';
import { ConfigError } from '../errors.ts';

/** Says whether a request may become a raw stream, and so must leave Node's HTTP parser after its head. */
export type IsTunnel = (request: IncomingMessage) => boolean;

/** The part of Node's internal parser that is used here; `verifyRoadHook` proves at start that it is there. */
interface ParsingSocket extends Duplex {
  readonly parser?: { onIncoming?: (request: IncomingMessage, shouldKeepAlive: boolean) => unknown } | null;
}

/**
 * Makes the gateway, and not the client's Upgrade header, decide which requests leave HTTP.
 *
 * Node emits `upgrade` for whatever carries an Upgrade header and for nothing else. The Engine hijacks attach
 * and exec start without that header too (HTTP/1.0, curl), and must not be offered an upgrade on any other
 * operation. Node 20 to 24 have no public hook for both, so the connection's `parser.onIncoming` is wrapped.
 */
export function installRoadHook(
  server: Server,
  event: 'connection' | 'secureConnection',
  isTunnel: IsTunnel,
): void {
  server.on(event, (socket: ParsingSocket) => {
    const parser = socket.parser;
    const original = parser?.onIncoming;
    if (parser === undefined || parser === null || original === undefined) {
      socket.destroy();
      return;
    }
    parser.onIncoming = (request, shouldKeepAlive) => {
      (request as { upgrade?: boolean }).upgrade = isTunnel(request);
      return original(request, shouldKeepAlive);
    };
  });
}

/**
 * Proves, before the gateway listens, that the hook works on this Node: a request without an Upgrade header
 * leaves HTTP with its bytes intact, and one with the header stays.
 *
 * @throws ConfigError when this Node does not behave as the hook needs
 */
export async function verifyRoadHook(): Promise<void> {
  const server = createServer();
  installRoadHook(server, 'connection', (request) => request.url === '/tunnel');
  try {
    const tunnelled = await ask(
      server,
      'POST /tunnel HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}early',
    );
    const ordinary = await ask(
      server,
      'POST /plain HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 2\r\n\r\n{}',
    );
    if (tunnelled === 'tunnel {}early' && ordinary === 'plain {}') return;
  } catch {
    // reported below
  }
  throw new ConfigError([
    `Node ${process.version} does not let the gateway decide which requests are tunnelled; use Node 20.20 to 24`,
  ]);
}

function ask(server: Server, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const [client, connection] = duplexPair();
    const finish = (answer: string): void => {
      clearTimeout(timer);
      server.removeAllListeners('request').removeAllListeners('upgrade');
      client.destroy();
      connection.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => reject(new Error('no answer')), 2_000);
    server.on('upgrade', (_request, _socket, head: Buffer) => finish(`tunnel ${head.toString()}`));
    server.on('request', async (request: IncomingMessage) => {
      let body = '';
      for await (const chunk of request) body += String(chunk);
      finish(`plain ${body}`);
    });
    client.on('error', () => {});
    connection.on('error', () => {});
    server.emit('connection', connection);
    client.write(bytes);
  });
}
