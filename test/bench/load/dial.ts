import { readFileSync } from 'node:fs';
import { connect as netConnect, type Socket } from 'node:net';
import { createSecureContext, type TLSSocket, connect as tlsConnect } from 'node:tls';
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

/** Opens so many connections, and waits until all of them can be used. */
export function connected(target: Target, count: number): Promise<Socket[]> {
  const open = (): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const socket = dial(target);
      socket.once('error', reject);
      socket.once('socket' in target ? 'connect' : 'secureConnect', () => {
        socket.removeListener('error', reject);
        resolve(socket);
      });
    });
  return Promise.all(Array.from({ length: count }, open));
}
