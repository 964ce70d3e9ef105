import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listenOnPath } from './unix-socket.ts';

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

/**
 * Listens on a unix socket of mode 0600: whoever may open it is the gateway's user or root, and so needs no other
 * identity. A socket that a killed gateway left behind is taken away.
 *
 * @throws ConfigError when the path is too long, belongs to another running gateway or can not be used
 */
export async function listenControl(path: string, routes: readonly ControlRoute[]): Promise<Control> {
  const server = createServer((request, response) => {
    void answer(routes, request, response);
  });
  await listenOnPath(server, path, 0o600, 'control.socket');
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
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
