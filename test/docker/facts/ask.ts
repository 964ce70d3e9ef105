import { readContent } from '../../../src/docker/content.ts';
import { factsOf } from '../../../src/docker/facts/facts.ts';
import type { Facts } from '../../../src/docker/facts/types.ts';
import { parseRequest } from '../../../src/docker/request.ts';

/**
 * The facts of a request as the gateway reads it: by the catalogue, the body's model, and the facts' table.
 *
 * @param line method and target: `POST /v1.41/containers/create`
 * @param body its JSON, as text or as a value
 */
export function ask(line: string, body?: unknown): Facts {
  const [method = '', target = ''] = line.split(' ');
  const api = parseRequest({ method, target }, { floor: 24, ceiling: 56, engine: 41 });
  if (body === undefined) return factsOf(api, undefined);
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return factsOf(api, readContent(api, Buffer.from(text)).value);
}

/** The facts of a container of busybox with this HostConfig. */
export function askHost(hostConfig: object, version = 41): Facts {
  return ask(`POST /v1.${version}/containers/create`, { Image: 'busybox', HostConfig: hostConfig });
}

/** The facts of a container of busybox with these fields at the top level. */
export function askContainer(config: object): Facts {
  return ask('POST /v1.41/containers/create', { Image: 'busybox', ...config });
}

/** The facts of an image commit. */
export function askCommit(query: Readonly<Record<string, string | readonly string[]>>, body?: object): Facts {
  return ask(`POST /v1.41/commit?${encoded(query)}`, body);
}

/** The facts of a build. */
export function askBuild(query: Readonly<Record<string, string | readonly string[]>>): Facts {
  return ask(`POST /v1.41/build?${encoded(query)}`);
}

function encoded(query: Readonly<Record<string, string | readonly string[]>>): string {
  return Object.entries(query)
    .flatMap(([name, values]) =>
      (typeof values === 'string' ? [values] : values).map((value) => `${name}=${encodeURIComponent(value)}`),
    )
    .join('&');
}
