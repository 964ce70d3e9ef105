import { request } from 'node:https';
import { createServer } from 'node:net';
import type { Config } from '../../config/schema.ts';
import { about, type Finding } from './finding.ts';

/** Whether the gateway could listen, or does already. */
export async function checkListen({ listen }: Config): Promise<Finding> {
  const { ok, fail } = about('listen');
  const split = listen.lastIndexOf(':');
  const host = listen.slice(0, split).replace(/^\[|\]$/g, '');
  const port = Number(listen.slice(split + 1));
  const code = await tryListen(host, port);
  switch (code) {
    case undefined:
      return ok(`${listen} is free`);
    case 'EADDRINUSE':
      return (await isQuaywarden(host, port))
        ? ok(`a quaywarden is serving at ${listen}`)
        : fail(`another program listens at ${listen}`, 'stop it, or name another port in listen');
    case 'EACCES':
      return fail(
        `this user may not listen at ${listen} (EACCES)`,
        'choose a port above 1023, or run with CAP_NET_BIND_SERVICE',
      );
    case 'EADDRNOTAVAIL':
      return fail(
        `${host} is no address of this machine`,
        'name one of its addresses in listen, or 0.0.0.0 for all',
      );
    default:
      return fail(`${listen} can not be used (${code})`, 'name another address in listen');
  }
}

function tryListen(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

/** Whether what listens there refuses a nobody in the gateway's words; nothing else is said or believed. */
function isQuaywarden(host: string, port: number): Promise<boolean> {
  const to = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return new Promise((resolve) => {
    const probe = request(
      { host: to, port, path: '/_ping', rejectUnauthorized: false, timeout: 2_000, agent: false },
      (answer) => {
        resolve(answer.headers['quaywarden-request-id'] !== undefined);
        probe.destroy();
      },
    );
    probe.once('timeout', () => probe.destroy());
    probe.once('error', () => resolve(false));
    probe.end();
  });
}
