import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectRefused, type FrontDoor, http, openFrontDoor } from '../support/front-door.ts';
import { type CertificateOptions, createCa, createSelfSigned, serverAuth } from '../support/pki.ts';
import { audience, compact, createSigner, goodClaims, hmac, issuer } from '../support/tokens.ts';

const signer = createSigner();
const stranger = createSigner();
let door: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor({
    prepare: (dir) => writeFileSync(`${dir}/issuer.pem`, signer.publicPem),
    config: {
      tls: { clientCa: 'clients/ca.pem', clientCertificate: 'optional' },
      identity: {
        jwt: {
          issuers: [{ issuer, audience: [audience], algorithms: ['ES256'], keys: { file: 'issuer.pem' } }],
        },
      },
    },
  });
});
afterAll(() => door.close());

const day = 86_400_000;
const ping = (token?: string): string =>
  http('GET /v1.41/_ping', ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]));

describe('a client without an identity', () => {
  it('is told both ways to have one, on every path', async () => {
    for (const line of [
      'GET /_ping',
      'GET /v1.41/containers/json',
      'POST /v1.41/containers/x/attach',
      'GET /nothing',
    ]) {
      await expectRefused(
        door,
        http(line),
        { status: 401, reason: 'no-identity', message: /DOCKER_CERT_PATH .* Authorization: Bearer/ },
        null,
      );
    }
  });
});

describe('a client certificate', () => {
  it.each([
    ['expired', { notAfter: new Date(Date.now() - day / 2) }, 'certificate-expired', /expired/],
    [
      'not valid yet',
      { notBefore: new Date(Date.now() + day) },
      'certificate-not-yet-valid',
      /not valid yet|begins/,
    ],
    ['for servers only', { usages: [serverAuth] }, 'certificate-wrong-usage', /client/],
    ['without usage', { usages: null }, 'certificate-wrong-usage', /client/],
    ['of a CA', { ca: true }, /^certificate-/, /certificate/],
  ] as [string, CertificateOptions, string | RegExp, RegExp][])(
    'that is %s is refused with a sentence that says so, and recorded',
    async (what, options, reason, message) => {
      const name = what.replaceAll(' ', '-');
      await door.certPath(name, { cn: 'alice', o: 'team-a', ou: 'operator', ...options });
      await refusedAs(name, reason, message);
    },
  );

  it('of another CA, and one signed by itself, are refused', async () => {
    const other = await createCa({ cn: 'Client CA' });
    await door.certPath('foreign', await other.issue({ cn: 'alice', o: 'team-a', ou: 'operator' }));
    await refusedAs('foreign', 'certificate-untrusted', /CA this gateway trusts/);
    await door.certPath('self', await createSelfSigned({ cn: 'alice', o: 'team-a', ou: 'operator' }));
    await refusedAs('self', 'certificate-untrusted', /CA this gateway trusts/);
  });

  async function refusedAs(name: string, reason: string | RegExp, message: RegExp): Promise<void> {
    door.engine.taken();
    await door.records();
    const answer = await door.ask(ping(), name);
    expect(answer.status).toBe(401);
    const [record, ...more] = await door.records(1);
    expect(more).toEqual([]);
    expect(record).toMatchObject({ stage: 'refused', principal: null, decision: { effect: 'deny' } });
    expect(record?.decision.reason).toMatch(reason);
    expect(record?.decision.message).toMatch(message);
    expect(answer.body).toContain(`[${record?.decision.reason}]`);
    expect(door.engine.taken()).toEqual([]);
  }
});

describe('a token', () => {
  it('that is good names the principal', async () => {
    await door.records();
    expect((await door.ask(ping(signer.mint()), null)).status).toBe(200);
    const [decision] = await door.records(2);
    expect(decision?.principal).toMatchObject({
      name: 'alice',
      tenant: 'team-a',
      roles: ['viewer'],
      method: 'jwt',
      issuer,
      tokenId: 'token-1',
      certificateSerial: null,
    });
  });

  const now = Math.floor(Date.now() / 1_000);
  it.each([
    ['has expired', () => signer.mint({ exp: now - 3_600 }), 'token-expired'],
    ['is not valid yet', () => signer.mint({ nbf: now + 3_600 }), 'token-not-yet-valid'],
    ['is for somebody else', () => signer.mint({ aud: 'other' }), 'token-wrong-audience'],
    ['is of another issuer', () => signer.mint({ iss: 'https://evil.test' }), 'token-unknown-issuer'],
    ['is signed by another key', () => stranger.mint(), 'token-bad-signature'],
    ['never expires', () => signer.mint({ exp: undefined }), /^token-/],
    ['names nobody', () => signer.mint({ sub: undefined }), /^token-/],
    ['is not signed (none)', () => compact({ alg: 'none' }, goodClaims()), 'token-algorithm-forbidden'],
    [
      'is signed by HMAC with the public key',
      () => compact({ alg: 'HS256', kid: 'key-1' }, goodClaims(), hmac(signer.publicPem)),
      'token-algorithm-forbidden',
    ],
    ['brings its key (jwk)', () => stranger.mint({}, { jwk: stranger.publicJwk }), 'token-header-forbidden'],
    [
      'brings a URL of keys (jku)',
      () => stranger.mint({}, { jku: 'https://evil.test/' }),
      'token-header-forbidden',
    ],
    [
      'brings a URL of certificates (x5u)',
      () => stranger.mint({}, { x5u: 'https://evil.test/' }),
      'token-header-forbidden',
    ],
    ['is cut', () => signer.mint().slice(0, -10), /^token-/],
    ['is no token', () => 'garbage', 'token-malformed'],
    [
      'is bound to a certificate that is not there',
      () => signer.mint({ cnf: { 'x5t#S256': 'x'.repeat(43) } }),
      /^token-bound/,
    ],
  ] as [string, () => string, string | RegExp][])(
    'that %s is refused with a sentence, recorded, and not repeated anywhere',
    async (_, mint, reason) => {
      const token = mint();
      door.engine.taken();
      await door.records();
      const answer = await door.ask(ping(token), null);
      const [record, ...more] = await door.records(1);
      expect(answer.status).toBe(401);
      expect(more).toEqual([]);
      expect(record).toMatchObject({ stage: 'refused', principal: null });
      expect(record?.decision.reason).toMatch(reason);
      expect(record?.decision.message?.length).toBeGreaterThan(20);
      const told = answer.body + JSON.stringify(record) + door.gateway.log();
      for (const part of token.split('.')) if (part.length > 20) expect(told).not.toContain(part);
      expect(told).not.toContain('issuer.pem');
      expect(door.engine.taken()).toEqual([]);
    },
  );

  it('D026: for another than the certificate names is two identities', async () => {
    await expectRefused(
      door,
      ping(signer.mint({ sub: 'bob' })),
      { status: 401, reason: 'identity-conflict', principal: null },
      'viewer',
    );
  });
});
