import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** Of every exec instance, and the container it runs in. */
export const BULK_CONTAINER = 'b'.repeat(64);
const EXEC = JSON.stringify({
  ContainerID: BULK_CONTAINER,
  ProcessConfig: { tty: true, entrypoint: 'sh', arguments: [], privileged: false },
});

const CONTAINER = JSON.stringify({ Id: BULK_CONTAINER, Name: '/bulk', Config: { Tty: true } });

/** An Engine whose bodies are large: it reads and forgets, or does not read, or sends without end. */
export interface BulkEngine {
  readonly socketPath: string;
  /** What it does with the next requests. */
  act: (request: IncomingMessage, response: ServerResponse) => void;
  /** What it does with the next connections that ask for an upgrade. */
  onUpgrade: (socket: Duplex) => void;
  close(): Promise<void>;
}

export async function startBulkEngine(): Promise<BulkEngine> {
  const dir = mkdtempSync('/tmp/qwb-');
  const socketPath = `${dir}/docker.sock`;
  const engine = { act: drain, onUpgrade: (socket: Duplex): void => void socket.destroy() };
  const raw = new Set<Duplex>();
  const server = createServer({ requestTimeout: 0 }, (request, response) => {
    if (request.url?.endsWith('/version')) response.end('{"ApiVersion":"1.41"}');
    else if (/^\/exec\/\w+\/json$/.test(request.url ?? '')) response.end(EXEC);
    else if (request.url === `/containers/${BULK_CONTAINER}/json`) response.end(CONTAINER);
    else engine.act(request, response);
  });
  server.on('upgrade', (_request, socket) => {
    raw.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => raw.delete(socket));
    engine.onUpgrade(socket);
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  return {
    socketPath,
    get act() {
      return engine.act;
    },
    set act(next: BulkEngine['act']) {
      engine.act = next;
    },
    get onUpgrade() {
      return engine.onUpgrade;
    },
    set onUpgrade(next: BulkEngine['onUpgrade']) {
      engine.onUpgrade = next;
    },
    close: async () => {
      for (const socket of raw) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(dir, { recursive: true });
    },
  };
}

/** Reads the body to its end and answers with its size. */
export function drain(request: IncomingMessage, response: ServerResponse): void {
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
  });
  request.on('end', () => response.end(`{"size":${size}}`));
}
