import { createServer, type Server } from 'node:http';
import type { Config } from '../config/schema.ts';
import { attach, type Entrances, httpOptions, listen } from './server.ts';
import { listenOnPath } from './unix-socket.ts';

const UNIX = 'unix://';

/** Whoever is in the socket's group may connect. */
const MODE = '0660';

/**
 * Opens a local listener: HTTP as the TLS listener reads it, on a unix socket or a closed network.
 *
 * @param index its place in `listeners`, for errors
 * @returns the server, and where it listens: `unix:///path` or `host:port`
 * @throws ConfigError when it can not listen
 */
export async function openLocal(
  { listen: where, mode = MODE }: Config['listeners'][number],
  index: number,
  limits: Config['limits'],
  entrances: Entrances,
): Promise<{ readonly server: Server; readonly address: string }> {
  const server = createServer(httpOptions(limits));
  attach(server, 'connection', entrances);
  const key = `listeners[${index}].listen`;
  if (where.startsWith(UNIX)) {
    await listenOnPath(server, where.slice(UNIX.length), Number.parseInt(mode, 8), key);
    return { server, address: where };
  }
  const { host, port } = await listen(server, where, { key });
  return { server, address: `${host.includes(':') ? `[${host}]` : host}:${port}` };
}
