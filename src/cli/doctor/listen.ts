import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { createServer } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { splitAddress } from '../../config/address.ts';
import { enginesOf } from '../../config/engines.ts';
import type { Config } from '../../config/schema.ts';
import { about, type Finding } from './finding.ts';

/** Whether the gateway could listen, or does already: for all Engines, and for each that has a listener of its own. */
export async function checkListen(config: Config): Promise<Finding[]> {
  const own = enginesOf(config).flatMap(({ key, listen }) =>
    listen === undefined ? [] : [[`${key}.listen`, listen] as const],
  );
  const all = [['listen', config.listen] as const, ...own];
  return Promise.all(all.map(([key, where]) => checkAddress(key, where, config.tls)));
}

async function checkAddress(key: string, listen: string, tls: Config['tls']): Promise<Finding> {
  const { ok, fail } = about(key);
  const { host, port } = splitAddress(listen);
  const code = await tryListen(host, port);
  switch (code) {
    case undefined:
      return ok(`${listen} is free`);
    case 'EADDRINUSE':
      return whoListens(key, listen, tls.certificate, await certificateOfQuaywarden(host, port));
    case 'EACCES':
      return fail(
        `this user may not listen at ${listen} (EACCES)`,
        'choose a port above 1023, or run with CAP_NET_BIND_SERVICE',
      );
    case 'EADDRNOTAVAIL':
      return fail(
        `${host} is no address of this machine`,
        `name one of its addresses in ${key}, or 0.0.0.0 for all`,
      );
    default:
      return fail(`${listen} can not be used (${code})`, `name another address in ${key}`);
  }
}

/** @returns the code of the error, undefined when one could listen there */
export function tryListen(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

/** What shows nothing is no quaywarden; one that shows another certificate is another, or was not started anew. */
function whoListens(
  key: string,
  listen: string,
  configured: string,
  shown: X509Certificate | undefined,
): Finding {
  const { ok, warn, fail } = about(key);
  if (shown === undefined)
    return fail(`another program listens at ${listen}`, `stop it, or name another port in ${key}`);
  return [undefined, shown.fingerprint256].includes(fingerprintIn(configured))
    ? ok(`a quaywarden is serving at ${listen}`)
    : warn(
        `a quaywarden with another certificate than ${configured} is serving at ${listen}`,
        `start it anew if the certificate was renewed; if it is another gateway, stop it, or name another port in ${key}`,
      );
}

function fingerprintIn(path: string): string | undefined {
  try {
    return new X509Certificate(readFileSync(path)).fingerprint256;
  } catch {
    return undefined; // the check of the server certificate tells of it
  }
}

/** The certificate of what listens there, if it refuses a nobody in the gateway's words; nothing else is said or believed. */
function certificateOfQuaywarden(host: string, port: number): Promise<X509Certificate | undefined> {
  const to = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return new Promise((resolve) => {
    const probe = request(
      { host: to, port, path: '/_ping', rejectUnauthorized: false, timeout: 2_000, agent: false },
      (answer) => {
        const is = answer.headers['quaywarden-request-id'] !== undefined;
        resolve(is ? (answer.socket as TLSSocket).getPeerX509Certificate() : undefined);
        probe.destroy();
      },
    );
    probe.once('timeout', () => probe.destroy());
    probe.once('error', () => resolve(undefined));
    probe.end();
  });
}
