import { readFileSync } from 'node:fs';
import { connect as netConnect, type Socket } from 'node:net';
import { createSecureContext, type TLSSocket, connect as tlsConnect } from 'node:tls';
import { ReplyScanner } from './reply.ts';
import type { Target } from './task.ts';

const contexts = new Map<string, ReturnType<typeof createSecureContext>>();

/** Opens a connection. A session that is given is offered for resumption; without one the handshake is a full one. */
export function dial(target: Target, session?: Buffer): Socket {
  if ('socket' in target) return netConnect({ path: target.socket, allowHalfOpen: true });
  const { certs, port } = target;
  let secureContext = contexts.get(certs);
  if (secureContext === undefined) {
    const [ca, cert, key] = ['ca.pem', 'cert.pem', 'key.pem'].map((file) => readFileSync(`${certs}/${file}`));
    secureContext = createSecureContext({ ca, cert, key });
    contexts.set(certs, secureContext);
  }
  const where = { host: '127.0.0.1', port, servername: 'localhost' };
  const socket = tlsConnect({ ...where, secureContext, ...(session === undefined ? {} : { session }) });
  socket.setNoDelay(true);
  return socket;
}

/** Whether the socket's TLS session was resumed; never so on a plain socket. */
export function isResumed(socket: Socket): boolean {
  return 'isSessionReused' in socket && (socket as TLSSocket).isSessionReused();
}

/**
 * Opens so many connections, and has one request answered on each: a server has work with a connection yet when its
 * client holds it for open.
 */
export function connected(target: Target, count: number, request: string): Promise<Socket[]> {
  const open = (): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const socket = dial(target);
      const scanner = new ReplyScanner();
      const onEnd = (): void => reject(new Error(`the connection ended before the reply to ${request}`));
      const onData = (chunk: Buffer): void => {
        if (!scanner.push(chunk)) return;
        if (scanner.status >= 300) reject(new Error(`status ${scanner.status} for ${request}`));
        socket.removeListener('error', reject).removeListener('end', onEnd).removeListener('data', onData);
        resolve(socket);
      };
      socket.on('error', reject).on('end', onEnd).on('data', onData);
      socket.write(request, 'latin1');
    });
  return Promise.all(Array.from({ length: count }, open));
}
