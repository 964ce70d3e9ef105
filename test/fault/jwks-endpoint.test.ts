import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FrontDoor, http, openFrontDoor } from '../support/front-door.ts';
import { audience, createSigner, issuer, type Signer } from '../support/tokens.ts';

const CACHE_SECONDS = 1;

const [first, second, third] = ['one', 'two', 'three'].map((kid) => createSigner('ES256', kid)) as [
  Signer,
  Signer,
  Signer,
];

const serving =
  (...signers: readonly Signer[]): RequestListener =>
  (_, response) =>
    void response.end(JSON.stringify({ keys: signers.map(({ publicJwk }) => publicJwk) }));

/** What goes wrong at an issuer, from no answer at all to an answer that never ends. */
const FAULTS: readonly [string, RequestListener][] = [
  ['breaks off', (request) => request.socket.destroy()],
  ['hangs', () => {}],
  ['answers 500', (_, response) => void response.writeHead(500).end()],
  ['answers what is no JSON', (_, response) => void response.end('<html>')],
  ['answers no list', (_, response) => void response.end('{"keys":"none"}')],
  ['answers half a list', (_, response) => void response.end('{"keys":[{"kty"')],
  [
    'never ends',
    (_, response) => {
      const more = setInterval(() => response.write(' '.repeat(65_536)), 5);
      response.on('error', () => {}).once('close', () => clearInterval(more));
    },
  ],
];

describe('an issuer whose JWKS endpoint is at fault', () => {
  let answer: RequestListener = serving(first);
  let asked = 0;
  let server: Server;
  let door: FrontDoor;

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked += 1;
      answer(request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    door = await openFrontDoor({
      config: {
        tls: { clientCa: 'clients/ca.pem', clientCertificate: 'optional' },
        identity: {
          jwt: {
            issuers: [
              {
                issuer,
                audience: [audience],
                algorithms: ['ES256'],
                keys: {
                  url: `http://127.0.0.1:${port}/jwks`,
                  cacheSeconds: CACHE_SECONDS,
                  cooldownSeconds: 1,
                  timeoutSeconds: 1,
                },
              },
            ],
          },
        },
      },
    });
  });
  beforeEach(() => {
    answer = serving(first);
  });
  afterAll(async () => {
    await door.close();
    server.closeAllConnections();
    server.close();
  });

  const ask = async (signer: Signer): Promise<string> => {
    const token = signer.mint({ roles: ['operator'] });
    const told = await door.ask(http('GET /v1.41/info', `Authorization: Bearer ${token}`), null);
    return `${told.status}${/ \[[\w-]+\]/.exec(told.body)?.[0] ?? ''}`;
  };
  const pass = (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds * 1_000));

  it('that was never there: 503 and not 401, others are served, and it works as soon as it is there', async () => {
    answer = (request) => request.socket.destroy();
    expect(await ask(first)).toBe('503 [keys-unavailable]');
    expect((await door.ask(http('GET /v1.41/info'), 'alice')).status).toBe(200);
    answer = serving(first);
    await expect.poll(() => ask(first), { timeout: 15_000 }).toBe('200');
  });

  it.each(FAULTS)(
    'that %s: the keys there were stay, nobody waits long, no stranger gets in',
    async (_, fault) => {
      await expect.poll(() => ask(first), { timeout: 15_000 }).toBe('200');
      answer = fault;
      const before = asked;
      await pass(CACHE_SECONDS + 0.2);
      const all = await Promise.all(Array.from({ length: 20 }, () => ask(first)));
      expect(new Set(all)).toEqual(new Set(['200']));
      expect(await ask(third)).toMatch(/^401 \[token-/);
      // Twenty who need the keys and a stranger are no reason to ask more often.
      expect(asked - before).toBeLessThanOrEqual(4);
    },
  );

  it('that changes its keys: tokens of the new one are good at once, those of the old one no more', async () => {
    await expect.poll(() => ask(first), { timeout: 15_000 }).toBe('200');
    answer = serving(second);
    await pass(1);
    await expect.poll(() => ask(second), { timeout: 15_000 }).toBe('200');
    expect(await ask(first)).toMatch(/^401 \[token-/);
    // An empty list is no fault: the issuer has taken all of its keys back.
    answer = serving();
    await expect.poll(() => ask(second), { timeout: 15_000 }).toBe('401 [token-unknown-key]');
  });
});
