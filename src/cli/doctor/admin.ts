import { get } from 'node:http';
import { splitAddress } from '../../config/address.ts';
import type { Config } from '../../config/schema.ts';
import { about, type Finding } from './finding.ts';
import { tryListen } from './listen.ts';

/** Whether the admin listener could listen, or does already. */
export async function checkAdmin({ admin: { listen } }: Config): Promise<Finding> {
  const { ok, warn, fail } = about('admin listener');
  if (listen === 'off') return ok('off: nobody is told whether the gateway is ready');
  const { host, port } = splitAddress(listen);
  const code = await tryListen(host, port);
  if (code === 'EADDRINUSE' && (await isOurs(host, port))) {
    return ok(`a quaywarden is answering at ${listen}`);
  }
  if (code !== undefined) {
    return fail(
      `${listen} can not be used (${code})`,
      'stop what listens there, name another address in admin.listen, or off',
    );
  }
  return /^(127\.|localhost$|::1$)/.test(host)
    ? ok(`${listen} is free`)
    : warn(
        `${listen} is reached from other machines, and asks nobody who they are`,
        'listen on loopback, or see to it that only your probes reach it',
      );
}

function isOurs(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = get({ host, port, path: '/healthz', timeout: 2_000, agent: false }, (answer) => {
      let body = '';
      answer.on('data', (chunk: Buffer) => {
        body += chunk.toString();
        if (body.length > 100) asked.destroy();
      });
      answer.once('close', () => resolve(body === '{"alive":true}\n'));
    });
    asked.once('timeout', () => asked.destroy());
    asked.once('error', () => resolve(false));
  });
}
