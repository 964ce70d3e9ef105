import type { IncomingMessage } from 'node:http';
import { ConfigError } from '../errors.ts';
import { createEngine, type Engine, type EngineAddress } from './engine.ts';

/** What one look at the Engine found. */
export type EngineProbe =
  | {
      readonly reachable: true;
      /** The Engine's own version, e.g. `20.10.24+dfsg1`. */
      readonly version: string;
      /** Newest and oldest API version it speaks, as `1.N`. */
      readonly apiVersion: string;
      readonly minApiVersion: string;
    }
  | {
      readonly reachable: false;
      /** `ENOENT`, `ECONNREFUSED`, ... or `NO_ANSWER`, `NOT_DOCKER`, `TLS_FILES`. */
      readonly code: string;
      /** A sentence that names the Engine's address and what to do. */
      readonly error: string;
    };

const MAX_BYTES = 1_048_576;

/**
 * Asks the Engine for its versions (`GET /version`) on a connection of its own. Never throws.
 *
 * @param timeoutMs for the whole exchange
 */
export async function probeEngine(config: EngineAddress, timeoutMs = 2_000): Promise<EngineProbe> {
  let engine: Engine;
  try {
    engine = createEngine(config);
  } catch (error) {
    if (error instanceof ConfigError) return { reachable: false, code: 'TLS_FILES', error: error.message };
    throw error;
  }
  try {
    return readVersion(await ask(engine, timeoutMs), config);
  } catch (error) {
    return explain((error as NodeJS.ErrnoException).code ?? 'NOT_DOCKER', config);
  } finally {
    await engine.close();
  }
}

function ask(engine: Engine, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = engine.request('GET', '/version', { Host: 'docker', Connection: 'close' });
    const late = Object.assign(new Error('no answer in time'), { code: 'NO_ANSWER' });
    const timer = setTimeout(() => fail(late), timeoutMs);
    const fail = (error: Error): void => {
      clearTimeout(timer);
      request.destroy();
      reject(error);
    };
    request.once('error', fail);
    request.once('response', (response: IncomingMessage) => {
      response.once('error', fail);
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_BYTES) fail(new Error('the answer is too large'));
        else chunks.push(chunk);
      });
      response.once('end', () => {
        clearTimeout(timer);
        request.destroy();
        if (response.statusCode === 200) resolve(Buffer.concat(chunks).toString());
        else reject(new Error('the answer is no version'));
      });
    });
    request.end();
  });
}

function readVersion(body: string, config: EngineAddress): EngineProbe {
  const reply = JSON.parse(body) as Readonly<Record<string, unknown>> | null;
  const { Version: version, ApiVersion: apiVersion, MinAPIVersion: minApiVersion = '1.12' } = reply ?? {};
  if (typeof version === 'string' && isApiVersion(apiVersion) && isApiVersion(minApiVersion)) {
    return { reachable: true, version, apiVersion, minApiVersion };
  }
  return notDocker(config);
}

function isApiVersion(value: unknown): value is string {
  return typeof value === 'string' && /^1\.\d{1,3}$/.test(value);
}

function notDocker({ address, key = 'engine' }: EngineAddress): EngineProbe {
  return {
    reachable: false,
    code: 'NOT_DOCKER',
    error: `what answers at ${where(address)} is not a Docker Engine; check ${key}.address`,
  };
}

function explain(code: string, config: EngineAddress): EngineProbe {
  const { address, tls, key = 'engine' } = config;
  const failed = (error: string): EngineProbe => ({ reachable: false, code, error });
  const place = where(address);
  const local = address.startsWith('unix://');
  switch (code) {
    case 'ENOENT':
      return failed(
        `there is no socket ${place}; start dockerd, or name its socket in ${key}.address${key === 'engine' ? ' or DOCKER_SOCK' : ''}`,
      );
    case 'EACCES':
    case 'EPERM':
      return failed(
        `this user may not open ${place}; add it to the socket's group (usually \`usermod -aG docker USER\`) and log in anew`,
      );
    case 'ECONNREFUSED':
      return failed(
        local
          ? `nobody listens on ${place}, though the socket is there; start dockerd`
          : `nobody listens on ${place}; start dockerd there, or check ${key}.address`,
      );
    case 'NO_ANSWER':
    case 'ETIMEDOUT':
      return failed(
        `${place} does not answer in time; look at dockerd's log, or check ${key}.address and the network`,
      );
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return failed(`the name in ${place} can not be resolved; check ${key}.address`);
    case 'ENOTSOCK':
      return failed(`${place} is not a socket; check ${key}.address`);
    case 'NOT_DOCKER':
      return notDocker(config);
    default:
      if (code.startsWith('HPE_')) return notDocker(config);
      if (!local && tls !== undefined) {
        return failed(
          `${place} can not be reached by TLS (${code}); check ${key}.tls against the Engine's own certificates`,
        );
      }
      return failed(`${place} can not be reached (${code}); check ${key}.address`);
  }
}

function where(address: string): string {
  return address.replace(/^unix:\/\//, '');
}
