import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { splitAddress } from '../config/address.ts';
import { ConfigError } from '../errors.ts';
import { METRICS_TYPE } from './metrics.ts';
import type { Readiness } from './readiness.ts';

/** What it tells. */
export interface Told {
  ready(): Promise<Readiness>;
  /** In the text format of Prometheus. */
  metrics(): Promise<string>;
}

/**
 * The admin listener: `/healthz` says that the process lives, `/readyz` whether it can serve, and why not, `/metrics` what
 * it counts. It knows no secrets, and can change nothing.
 *
 * @param where `host:port`, or `off`
 * @returns stops listening
 * @throws ConfigError when it can not listen
 */
export async function openAdmin(where: string, told: Told, log: Logger): Promise<() => Promise<void>> {
  if (where === 'off') return async () => {};
  const server = createServer((request, response) => {
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
      response.end(`${JSON.stringify(body)}\n`);
    };
    const path = request.url?.split('?', 1)[0];
    if (request.method !== 'GET' && request.method !== 'HEAD') answer(405, { message: 'GET or HEAD' });
    else if (path === '/healthz') answer(200, { alive: true });
    else if (path === '/readyz') {
      told.ready().then(
        (state) => answer(state.ready ? 200 : 503, state),
        () => answer(503, { ready: false }),
      );
    } else if (path === '/metrics') {
      told.metrics().then(
        (text) => {
          response.writeHead(200, { 'Content-Type': METRICS_TYPE, 'Cache-Control': 'no-store' });
          response.end(text);
        },
        () => answer(500, { message: 'the metrics can not be read' }),
      );
    } else answer(404, { message: 'there are /healthz, /readyz and /metrics' });
  });
  server.headersTimeout = 10_000;
  server.requestTimeout = 10_000;
  const { address, port } = await listening(server, where);
  log.info({ address, port }, 'the admin listener answers /healthz, /readyz and /metrics');
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
}

function listening(server: Server, where: string): Promise<AddressInfo> {
  const { host, port } = splitAddress(where);
  return new Promise((resolve, reject) => {
    server.once('error', ({ code, message }: NodeJS.ErrnoException) =>
      reject(
        new ConfigError([
          `admin.listen: ${where} can not be used (${code ?? message}); stop what listens there, name another address, or off`,
        ]),
      ),
    );
    server.listen(port, host, () => resolve(server.address() as AddressInfo));
  });
}
