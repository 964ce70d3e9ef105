import type { fastifyHttpProxy } from '@fastify/http-proxy';
import type { fastify } from 'fastify';

/**
 * What is made of other packages when it is needed, and not at each start: a third of the program. `npm run build` puts
 * deploy/late-parts.cjs in the place of this file, so that no file is read for them later.
 */
export interface LateParts {
  readonly fastify: typeof fastify;
  readonly httpProxy: typeof fastifyHttpProxy;
  readonly undici: typeof import('undici');
}

export async function loadLateParts(): Promise<LateParts> {
  const [{ fastify }, { fastifyHttpProxy: httpProxy }, undici] = await Promise.all([
    import('fastify'),
    import('@fastify/http-proxy'),
    import('undici'),
  ]);
  return { fastify, httpProxy, undici };
}
