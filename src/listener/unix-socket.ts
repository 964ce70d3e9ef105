import { lstatSync, unlinkSync } from 'node:fs';
import { connect, type Server } from 'node:net';
import { ConfigError } from '../errors.ts';

/** Longest path of a unix socket on Linux, in bytes: `sun_path` without its closing zero. */
const MOST_PATH_BYTES = 107;

/** What keeps a path from being that of a unix socket; undefined when nothing does. */
export function socketPathFault(path: string): string | undefined {
  const bytes = Buffer.byteLength(path);
  return bytes > MOST_PATH_BYTES
    ? `${path} has ${bytes} bytes, and the path of a unix socket at most ${MOST_PATH_BYTES}`
    : undefined;
}

/**
 * Makes a server listen on a unix socket. A socket that a killed gateway left behind is taken away.
 *
 * @param mode permissions of the socket, such as 0o600: whoever may write to it may connect
 * @param key the key of the configuration that names the path, for errors
 * @throws ConfigError when the path is too long, belongs to another running gateway or can not be used
 */
export async function listenOnPath(server: Server, path: string, mode: number, key: string): Promise<void> {
  const fault = socketPathFault(path);
  if (fault !== undefined)
    throw new ConfigError([`${key}: ${fault}; name a shorter one, such as /run/quaywarden.sock`]);
  await clear(path, key);
  await new Promise<void>((resolve, reject) => {
    server.once('error', ({ code }: NodeJS.ErrnoException) =>
      reject(
        new ConfigError([
          `${key}: ${path} can not be made (${code}); its folder must be there, and this user must be able to write to it`,
        ]),
      ),
    );
    // The socket is made before `listen` returns: there is no moment at which others may open it.
    const before = process.umask(0o777 & ~mode);
    try {
      // By this process itself: of several workers the parent would make it, with a mode of its own.
      server.listen({ path, exclusive: true }, resolve);
    } finally {
      process.umask(before);
    }
  });
}

async function clear(path: string, key: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) throw new ConfigError([`${key}: ${path} is there and no socket; name another path`]);
  if (await answers(path))
    throw new ConfigError([`${key}: another gateway listens on ${path}; give each a ${key} of its own`]);
  unlinkSync(path);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    // Refused: nobody listens. Anything else, and somebody may.
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code !== 'ECONNREFUSED'));
  });
}
