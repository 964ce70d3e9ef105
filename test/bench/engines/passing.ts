import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** An Engine of bytes: it answers some requests itself, and asks the real one all others. */
export interface PassingEngine {
  readonly socket: string;
  close(): Promise<void>;
}

/** What it answers itself. */
export interface Own {
  /** Returns whether it has answered. */
  answer?(asked: IncomingMessage, answer: ServerResponse): boolean;
  /** Takes over a connection for which an upgrade was asked; the real Engine is never asked for one. */
  upgrade?(asked: IncomingMessage, socket: Socket): void;
}

/** Starts one on a socket of its own. */
export async function startPassing(engineSocket: string, own: Own): Promise<PassingEngine> {
  const dir = mkdtempSync('/tmp/qwb-');
  const clear = (): void => rmSync(dir, { recursive: true, force: true });
  process.once('exit', clear);
  const upgraded = new Set<Socket>();
  const server = createServer((asked, answer) => {
    if (own.answer?.(asked, answer) !== true) pass(engineSocket, asked, answer);
  });
  server.on('upgrade', (asked, socket: Socket) => {
    upgraded.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => upgraded.delete(socket));
    if (own.upgrade === undefined) socket.destroy();
    else own.upgrade(asked, socket);
  });
  const socket = `${dir}/docker.sock`;
  // As many at once as there may be clients: a full backlog refuses.
  await new Promise<void>((resolve) => server.listen({ path: socket, backlog: 4_096 }, resolve));
  return {
    socket,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      for (const each of upgraded) each.destroy();
      await closed;
      process.removeListener('exit', clear);
      clear();
    },
  };
}

function pass(socketPath: string, asked: IncomingMessage, answer: ServerResponse): void {
  const { method, url: path, headers } = asked;
  // A connection of its own: one that is kept may be closed by the Engine just when it is used again.
  const sent = request({ socketPath, method, path, headers, agent: false }, (reply) => {
    const { connection: _, ...kept } = reply.headers;
    answer.writeHead(reply.statusCode ?? 502, kept);
    // The gateway follows events, and minds when they begin.
    answer.flushHeaders();
    reply.pipe(answer);
  });
  sent.on('error', () => answer.destroy());
  answer.on('close', () => sent.destroy());
  asked.pipe(sent);
}
