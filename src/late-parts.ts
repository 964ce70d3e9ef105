import type { fastifyHttpProxy } from '@fastify/http-proxy';
import type { fastify } from 'fastify';

// What is made of other packages when it is needed, and not at each start: a third of the program. `npm run build` puts
// deploy/late-parts.cjs in the place of this file, so that no file is read for them later.

interface ProxyParts {
  readonly fastify: typeof fastify;
  readonly httpProxy: typeof fastifyHttpProxy;
}

export async function loadProxy(): Promise<ProxyParts> {
  const [{ fastify }, { fastifyHttpProxy: httpProxy }] = await Promise.all([
    import('fastify'),
    import('@fastify/http-proxy'),
  ]);
  return { fastify, httpProxy };
}

export function loadUndici(): Promise<typeof import('undici')> {
  return import('undici');
}
