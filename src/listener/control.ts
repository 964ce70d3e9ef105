import { lstatSync, unlinkSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { ConfigError } from '../errors.ts';

/** Longest path of a unix socket on Linux, in bytes: `sun_path` without its closing zero. */
const MOST_PATH_BYTES = 107;

/** One thing that can be asked on the control socket. */
export interface ControlRoute {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Matches the whole path; its group is the argument. */
  readonly path: RegExp;
  /** @returns what is answered, as JSON; undefined is a 404 */
  answer(argument: string): Promise<object | undefined> | object | undefined;
}

/** The socket on which the operator's commands speak to a running gateway. */
export interface Control {
  close(): Promise<void>;
}

/** What keeps a path from being that of a unix socket; undefined when nothing does. */
export function socketPathFault(path: string): string | undefined {
  const bytes = Buffer.byteLength(path);
  return bytes > MOST_PATH_BYTES
    ? `${path} has ${bytes} bytes, and the path of a unix socket at most ${MOST_PATH_BYTES}`
    : undefined;
}

/**
 * Listens on a unix socket of mode 0600: whoever may open it is the gateway's user or root, and so needs no other
 * identity. A socket that a killed gateway left behind is taken away.
 *
 * @throws ConfigError when the path is too long, belongs to another running gateway or can not be used
 */
export async function listenControl(path: string, routes: readonly ControlRoute[]): Promise<Control> {
  const fault = socketPathFault(path);
  if (fault !== undefined) {
    throw new ConfigError([`control.socket: ${fault}; name a shorter one, such as /run/quaywarden.sock`]);
  }
  await clear(path);
  const server = createServer((request, response) => {
    void answer(routes, request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', ({ code }: NodeJS.ErrnoException) =>
      reject(
        new ConfigError([
          `control.socket: ${path} can not be made (${code}); its folder must be there, and this user must be able to write to it`,
        ]),
      ),
    );
    // The socket is made before `listen` returns: there is no moment at which others may open it.
    const before = process.umask(0o177);
    try {
      server.listen(path, resolve);
    } finally {
      process.umask(before);
    }
  });
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function clear(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isSocket()) {
    throw new ConfigError([`control.socket: ${path} is there and no socket; name another path`]);
  }
  if (await answers(path)) {
    throw new ConfigError([
      `control.socket: another gateway listens on ${path}; give each a control.socket of its own`,
    ]);
  }
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

async function answer(
  routes: readonly ControlRoute[],
  { method, url = '' }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const found = routes
    .filter((route) => route.method === method)
    .map((route) => ({ route, match: route.path.exec(url) }))
    .find(({ match }) => match !== null);
  try {
    const body = await found?.route.answer(found.match?.[1] ?? '');
    send(response, body === undefined ? 404 : 200, body ?? { message: 'there is none of these' });
  } catch (error) {
    send(response, 500, { message: (error as Error).message });
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  const text = Buffer.from(`${JSON.stringify(body)}\n`);
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': text.length });
  response.end(text);
}
