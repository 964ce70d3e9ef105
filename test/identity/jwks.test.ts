import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { jwtVerify } from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import { Refusal } from '../../src/errors.ts';
import { createRemoteKeys, type RemoteKeysOptions } from '../../src/identity/jwks.ts';
import type { KeySource } from '../../src/identity/keys.ts';
import { createCa } from '../support/pki.ts';
import { createSigner, type Signer } from '../support/tokens.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const first = createSigner('ES256', 'key-1');
const second = createSigner('ES256', 'key-2');
const third = createSigner('ES256', 'key-3');

/** A JWKS endpoint whose answer can be changed, which counts what it is asked. */
class Endpoint {
  requests = 0;
  answer: RequestListener = serving(first);
  readonly server: Server;

  private constructor(server: Server) {
    this.server = server;
  }

  static async start(server: Server = createServer()): Promise<Endpoint> {
    const endpoint = new Endpoint(server);
    server.on('request', (request, response) => {
      endpoint.requests++;
      endpoint.answer(request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(() => endpoint.stop());
    return endpoint;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    if (!this.server.listening) return;
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}

function serving(...signers: readonly Signer[]): RequestListener {
  return (_, response) => response.end(JSON.stringify({ keys: signers.map(({ publicJwk }) => publicJwk) }));
}

interface Remote {
  readonly keys: KeySource;
  readonly warnings: { details: Record<string, unknown>; message: string }[];
  /** Lets the injected clock run. */
  pass(milliseconds: number): void;
  verify(signer: Signer, kid?: string): Promise<unknown>;
}

function remote(endpoint: Endpoint, options: Partial<RemoteKeysOptions> = {}): Remote {
  let clock = 1_000_000_000_000;
  const warnings: Remote['warnings'] = [];
  const keys = createRemoteKeys({
    url: new URL(`http://127.0.0.1:${endpoint.port}/jwks?secret=1`),
    ca: undefined,
    timeoutMs: 2_000,
    cacheMs: 600_000,
    cooldownMs: 30_000,
    now: () => clock,
    log: { warn: (details, message) => void warnings.push({ details: { ...details }, message }) },
    ...options,
  });
  cleanups.push(() => keys.close());
  return {
    keys,
    warnings,
    pass: (milliseconds) => {
      clock += milliseconds;
    },
    verify: async (signer, kid = signer.kid) =>
      (await jwtVerify(signer.mint({}, { kid }), keys.getKey)).payload.sub,
  };
}

async function unavailable(answer: Promise<unknown>): Promise<void> {
  const error: unknown = await answer.catch((thrown: unknown) => thrown);
  if (!(error instanceof Refusal)) throw new Error(`expected a refusal, got ${String(error)}`);
  expect([error.status, error.reason, error.message]).toEqual([
    503,
    'keys-unavailable',
    'the keys to verify this token can not be fetched at the moment; try again shortly, and tell the operator if it lasts',
  ]);
}

/** Waits for what goes on in the background. */
async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !condition(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(condition()).toBe(true);
}

describe('createRemoteKeys', () => {
  it('fetches at the first token and then serves from its cache until it is no longer fresh', async () => {
    const endpoint = await Endpoint.start();
    const { verify, pass } = remote(endpoint);
    expect(endpoint.requests).toBe(0);
    expect(await verify(first)).toBe('alice');
    pass(599_999);
    expect(await verify(first)).toBe('alice');
    expect(endpoint.requests).toBe(1);
    pass(1);
    expect(await verify(first)).toBe('alice');
    expect(endpoint.requests).toBe(2);
  });

  it('lets requests that come at once share one fetch', async () => {
    const endpoint = await Endpoint.start();
    const { verify } = remote(endpoint);
    endpoint.answer = (request, response) => setTimeout(() => serving(first)(request, response), 100);
    expect(await Promise.all(Array.from({ length: 50 }, () => verify(first)))).toEqual(
      Array(50).fill('alice'),
    );
    expect(endpoint.requests).toBe(1);
  });

  it('fetches again for an unknown kid, and lets concurrent requests for it share that', async () => {
    const endpoint = await Endpoint.start();
    const { verify, pass } = remote(endpoint);
    await verify(first);
    endpoint.answer = serving(first, second);
    pass(30_000);
    expect(await Promise.all(Array.from({ length: 20 }, () => verify(second)))).toEqual(
      Array(20).fill('alice'),
    );
    expect(endpoint.requests).toBe(2);
  });

  it('drops a key that its issuer has withdrawn, as soon as it fetches', async () => {
    const endpoint = await Endpoint.start();
    const { verify, pass } = remote(endpoint);
    await verify(first);
    endpoint.answer = serving(second);
    pass(600_000);
    await expect(verify(first)).rejects.toThrow('no applicable key');
    endpoint.answer = (_, response) => response.end('{"keys":[]}');
    pass(600_000);
    await expect(verify(second)).rejects.toThrow('no applicable key');
  });

  it('fetches once in a cooldown however many unknown kids come', async () => {
    const endpoint = await Endpoint.start();
    const { verify, pass } = remote(endpoint);
    await verify(first);
    for (let i = 0; i < 100; i++)
      await expect(verify(second, `flood-${i}`)).rejects.toThrow('no applicable key');
    expect(endpoint.requests).toBe(1);
    pass(30_000);
    for (let i = 0; i < 100; i++)
      await expect(verify(second, `flood-${i}`)).rejects.toThrow('no applicable key');
    expect(endpoint.requests).toBe(2);
    expect(await verify(first)).toBe('alice');
  });

  it('does not fetch more often for unknown kids while the endpoint is down', async () => {
    const endpoint = await Endpoint.start();
    const { verify, pass } = remote(endpoint);
    await verify(first);
    endpoint.answer = (_, response) => response.writeHead(500).end();
    pass(30_000);
    for (let i = 0; i < 20; i++) await expect(verify(second)).rejects.toThrow('no applicable key');
    expect(endpoint.requests).toBe(2);
  });

  it('keeps the last keys while the endpoint is down, warns, and takes new ones when it is back', async () => {
    const endpoint = await Endpoint.start();
    const { verify, pass, warnings } = remote(endpoint);
    await verify(first);
    endpoint.answer = (_, response) => response.writeHead(503).end();
    pass(600_000);
    expect(await verify(first)).toBe('alice');
    expect(warnings).toEqual([
      {
        details: {
          endpoint: `http://127.0.0.1:${endpoint.port}/jwks`,
          fault: 'status 503',
          keptSince: '2001-09-09T01:46:40.000Z',
        },
        message: 'JWKS endpoint failed, the last keys stay in use',
      },
    ]);
    for (let i = 0; i < 20; i++) await verify(first);
    expect(endpoint.requests).toBe(2);
    pass(86_400_000);
    endpoint.answer = serving(third);
    expect(await verify(first)).toBe('alice'); // asks in the background, and does not wait
    await until(() => endpoint.requests === 3);
    expect(await verify(third)).toBe('alice');
    await expect(verify(first)).rejects.toThrow('no applicable key');
  });

  it('does not make requests wait for a slow endpoint once it is known to fail', async () => {
    const endpoint = await Endpoint.start();
    const { verify, pass } = remote(endpoint, { timeoutMs: 1_000 });
    await verify(first);
    endpoint.answer = (_, response) => response.writeHead(200).flushHeaders();
    pass(600_000);
    await verify(first); // this one waits, and learns that it fails
    pass(5_000);
    const started = performance.now();
    expect(await verify(first)).toBe('alice');
    expect(performance.now() - started).toBeLessThan(500);
    await until(() => endpoint.requests === 3);
  });

  it('answers 503 when it never had keys, tries again after 5 s, and then serves', async () => {
    const endpoint = await Endpoint.start();
    endpoint.answer = (_, response) => response.writeHead(404).end();
    const { verify, pass, warnings } = remote(endpoint);
    await unavailable(verify(first));
    await unavailable(verify(first));
    expect(endpoint.requests).toBe(1);
    expect(warnings.map(({ message }) => message)).toEqual([
      'JWKS endpoint failed and there are no keys yet',
    ]);
    pass(5_000);
    endpoint.answer = serving(first);
    expect(await verify(first)).toBe('alice');
  });

  it('answers 503 when nothing listens', async () => {
    const endpoint = await Endpoint.start();
    const { verify, warnings } = remote(endpoint);
    await endpoint.stop();
    await unavailable(verify(first));
    expect(warnings[0]?.details['fault']).toContain('ECONNREFUSED');
  });

  it('takes a clock that was set back for time gone by', async () => {
    const endpoint = await Endpoint.start();
    const { verify, pass } = remote(endpoint);
    await verify(first);
    pass(-3_600_000);
    await verify(first);
    expect(endpoint.requests).toBe(2);
  });

  it('can be closed while a fetch hangs', async () => {
    const endpoint = await Endpoint.start();
    endpoint.answer = () => {};
    const { verify, keys } = remote(endpoint, { timeoutMs: 60_000 });
    const answer = verify(first);
    answer.catch(() => {});
    await until(() => endpoint.requests === 1);
    keys.close();
    await unavailable(answer);
  });
});

describe('an answer of a JWKS endpoint', () => {
  const big = JSON.stringify({ keys: [first.publicJwk], pad: 'x'.repeat(256 * 1024) });
  const elsewhere: RequestListener = (_, response) => response.writeHead(302, { location: '/other' }).end();
  const cases: [string, string, RequestListener][] = [
    ['garbage', 'an answer that is not JSON', (_, response) => response.end('<html>')],
    [
      'invalid UTF-8',
      'an answer that is not JSON',
      (_, response) => response.end(Buffer.from('7b22ff223a317d', 'hex')),
    ],
    ['other JSON', 'JSON that is not a JWKS', (_, response) => response.end('{"keys":{}}')],
    ['more than 256 KiB', 'more than 262144 bytes', (_, response) => response.end(big)],
    ['a redirect', 'status 302; redirects are not followed', elsewhere],
    ['an empty answer', 'an answer that is not JSON', (_, response) => response.end()],
    ['status 204', 'status 204', (_, response) => response.writeHead(204).end()],
    [
      'a compressed answer',
      'a compressed answer',
      (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'),
    ],
    ['silence', 'no full answer within 300 ms', () => {}],
    [
      'one byte after another',
      'no full answer within 300 ms',
      (_, response) => {
        const timer = setInterval(() => response.write(' '), 20);
        response.on('close', () => clearInterval(timer));
      },
    ],
    [
      'a broken connection',
      'aborted',
      (_, response) => response.write('{"keys":[', () => response.destroy()),
    ],
  ];

  it.each(cases)('that is %s gives no keys, and the log says why', async (_, fault, answer) => {
    const endpoint = await Endpoint.start();
    endpoint.answer = answer;
    // Those that answer have the time to.
    const timeoutMs = fault.startsWith('no full answer') ? 300 : 10_000;
    const { verify, warnings } = remote(endpoint, { timeoutMs });
    await unavailable(verify(first));
    expect(endpoint.requests).toBe(1);
    expect(warnings.map(({ details }) => details['fault'])).toEqual([fault]);
    expect(JSON.stringify(warnings)).not.toContain('secret');
  });

  it('that holds private, symmetric, weak and unknown keys is used without them', async () => {
    const endpoint = await Endpoint.start();
    const weak = createSigner('RS256', 'weak', 1024);
    const unfit = [
      second.privateKey.export({ format: 'jwk' }),
      { kty: 'oct', kid: 'oct', k: 'c2VjcmV0' },
      weak.publicJwk,
      { kty: 'XYZ' },
    ];
    endpoint.answer = (_, response) => response.end(JSON.stringify({ keys: [...unfit, first.publicJwk] }));
    const { verify, warnings } = remote(endpoint);
    expect(await verify(first)).toBe('alice');
    expect(warnings).toEqual([
      {
        details: { endpoint: `http://127.0.0.1:${endpoint.port}/jwks`, unfit: 3 },
        message: 'JWKS holds private, symmetric or weak keys, which are ignored',
      },
    ]);
    await expect(verify(second)).rejects.toThrow('no applicable key');
    await expect(verify(weak)).rejects.toThrow('no applicable key');
  });
});

describe('a JWKS endpoint over https', () => {
  it('is trusted by the CA that is given and by no other', async () => {
    const ca = await createCa();
    const { certificate: cert, key } = await ca.issueServer();
    const endpoint = await Endpoint.start(createTlsServer({ cert, key }));
    const url = new URL(`https://localhost:${endpoint.port}/jwks`);
    expect(await remote(endpoint, { url, ca: ca.certificate }).verify(first)).toBe('alice');
    const other = await createCa();
    for (const trust of [undefined, other.certificate]) {
      const { verify, warnings } = remote(endpoint, { url, ca: trust });
      await unavailable(verify(first));
      expect(warnings[0]?.details['fault']).toMatch(/certificate/);
    }
    expect(endpoint.requests).toBe(1);
  });
});
