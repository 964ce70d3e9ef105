import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configSchema } from '../../src/config/schema.ts';
import { ConfigError, Refusal } from '../../src/errors.ts';
import { createIdentity } from '../../src/identity/identity.ts';
import type { PeerCertificateInput } from '../../src/identity/mtls.ts';
import type { Principal } from '../../src/identity/principal.ts';
import { type Authority, createCa, type Issued } from '../support/pki.ts';
import { audience, createSigner, issuer, type Members, type Signer } from '../support/tokens.ts';

type Mode = 'required' | 'optional' | 'none';

let dir: string;
let ca: Authority;
let alice: Issued;
let signer: Signer;
let keyFile: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'quaywarden-identity-'));
  ca = await createCa({ cn: 'Root CA' });
  alice = await ca.issue({ cn: 'alice', o: 'team-cert', ou: 'from-cert' });
  signer = createSigner();
  keyFile = join(dir, 'key.pem');
  writeFileSync(keyFile, signer.publicPem);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const entry = () => ({ issuer, audience: [audience], algorithms: ['ES256'], keys: { file: keyFile } });
const parse = (settings: object) => configSchema.shape.identity.parse(settings);
const withIssuer = (settings: object = {}) => parse({ jwt: { issuers: [entry()] }, ...settings });
const nobody: PeerCertificateInput = { certificate: undefined, authorized: false, error: undefined };
const peer = (issued: Issued | undefined): PeerCertificateInput =>
  issued === undefined ? nobody : { certificate: issued.x509, authorized: true, error: undefined };
const bearer = (claims: Members = {}) => `Bearer ${signer.mint(claims)}`;
const thumbprint = (issued: Issued) =>
  Buffer.from(issued.x509.fingerprint256.replaceAll(':', ''), 'hex').toString('base64url');

async function authenticate(
  mode: Mode,
  certificate: Issued | undefined,
  authorization?: string,
  settings: object = {},
): Promise<Principal> {
  const identity = await createIdentity(withIssuer(settings), mode);
  return await identity.authenticate({ peer: peer(certificate), authorization });
}

async function refusal(answer: Promise<Principal>): Promise<[string, string]> {
  const error: unknown = await answer.catch((thrown: unknown) => thrown);
  if (!(error instanceof Refusal)) throw new Error(`expected a refusal, got ${JSON.stringify(error)}`);
  expect(error.status).toBe(401);
  return [error.reason, error.message];
}

describe('authenticate', () => {
  it('makes a frozen principal of a certificate', async () => {
    const principal = await authenticate('required', alice);
    expect(principal).toMatchObject({
      name: 'alice',
      tenant: 'team-cert',
      roles: ['from-cert'],
      method: 'certificate',
    });
    expect([principal, principal.roles, principal.certificate].every(Object.isFrozen)).toBe(true);
  });

  it('makes a frozen principal of a token', async () => {
    const exp = Math.floor(Date.now() / 1000) + 60;
    const principal = await authenticate('optional', undefined, bearer({ exp }));
    expect(principal).toEqual({
      name: 'alice',
      tenant: 'team-a',
      roles: ['viewer'],
      method: 'jwt',
      issuer,
      tokenId: 'token-1',
      expiresAt: exp * 1000,
    });
    expect([principal, principal.roles].every(Object.isFrozen)).toBe(true);
  });

  it('leaves tokenId out for a token without jti', async () => {
    expect(await authenticate('optional', undefined, bearer({ jti: undefined }))).not.toHaveProperty(
      'tokenId',
    );
  });

  it('lets the token name a principal that both name, records the certificate, and ends with the earlier', async () => {
    const principal = await authenticate('required', alice, bearer());
    expect(principal).toMatchObject({
      name: 'alice',
      tenant: 'team-a',
      roles: ['viewer'],
      method: 'both',
      issuer,
      certificate: { thumbprint: thumbprint(alice), subject: 'CN=alice,OU=from-cert,O=team-cert' },
    });
    expect(principal.expiresAt).toBeLessThan(Date.parse(alice.x509.validTo));
    const far = await authenticate('required', alice, bearer({ exp: 4_000_000_000 }));
    expect(far.expiresAt).toBe(Date.parse(alice.x509.validTo));
  });

  it('needs a certificate where it is required, whatever the token', async () => {
    expect((await refusal(authenticate('required', undefined, bearer())))[0]).toBe('certificate-missing');
    expect((await refusal(authenticate('required', undefined)))[0]).toBe('certificate-missing');
  });

  it('tells both ways where either will do', async () => {
    expect(await refusal(authenticate('optional', undefined))).toEqual([
      'no-identity',
      'neither a client certificate nor a token was sent; set DOCKER_CERT_PATH to the folder with ca.pem, cert.pem and key.pem, or send Authorization: Bearer <token>',
    ]);
  });

  it('does not look at certificates where they are not asked for', async () => {
    expect(await refusal(authenticate('none', alice))).toEqual([
      'token-missing',
      'no token was sent; send Authorization: Bearer <token>',
    ]);
    const identity = await createIdentity(withIssuer(), 'none');
    const expired: PeerCertificateInput = {
      certificate: alice.x509,
      authorized: false,
      error: 'CERT_HAS_EXPIRED',
    };
    const principal = await identity.authenticate({ peer: expired, authorization: bearer({ sub: 'bob' }) });
    expect(principal).toMatchObject({ name: 'bob', method: 'jwt' });
    expect(principal).not.toHaveProperty('certificate');
  });

  it('never passes over a certificate that is invalid because the token is good, nor the other way round', async () => {
    const serverOnly = await ca.issue({ usages: ['1.3.6.1.5.5.7.3.1'] });
    for (const mode of ['required', 'optional'] as const) {
      expect((await refusal(authenticate(mode, serverOnly, bearer())))[0]).toBe('certificate-wrong-usage');
      expect((await refusal(authenticate(mode, alice, bearer({ exp: 1 }))))[0]).toBe('token-expired');
      expect((await refusal(authenticate(mode, alice, 'Basic YTpi')))[0]).toBe('authorization-scheme');
      expect((await refusal(authenticate(mode, alice, '')))[0]).toBe('authorization-scheme');
    }
  });

  it('is not taken in by a connection that claims authorization without a certificate', async () => {
    const identity = await createIdentity(withIssuer(), 'required');
    const resumed = { certificate: undefined, authorized: true, error: undefined };
    const answer = (async () => identity.authenticate({ peer: resumed, authorization: undefined }))();
    expect((await refusal(answer))[0]).toBe('certificate-missing');
  });

  it('refuses a chain fault it does not know', async () => {
    const identity = await createIdentity(withIssuer(), 'required');
    const odd = { certificate: alice.x509, authorized: false, error: 'CERT_REVOKED_BY_MOONLIGHT' };
    expect(
      await refusal((async () => identity.authenticate({ peer: odd, authorization: undefined }))()),
    ).toEqual([
      'certificate-invalid',
      'the client certificate did not verify; check it with `openssl verify -purpose sslclient -CAfile ca.pem cert.pem`',
    ]);
  });

  it('takes no token at all where no issuer is configured', async () => {
    const identity = await createIdentity(parse({}), 'optional');
    const answer = (async () => identity.authenticate({ peer: nobody, authorization: bearer() }))();
    expect((await refusal(answer))[0]).toBe('token-unknown-issuer');
  });

  it('judges tokens by the injected clock', async () => {
    let now = Date.now();
    const identity = await createIdentity(withIssuer(), 'optional', { now: () => now });
    const credentials = { peer: nobody, authorization: bearer() };
    expect((await identity.authenticate(credentials)).name).toBe('alice');
    now += 331_000;
    expect((await refusal((async () => identity.authenticate(credentials))()))[0]).toBe('token-expired');
  });
});

describe('a certificate and a token on one request (attack D026)', () => {
  it('are refused when they name two principals', async () => {
    expect(await refusal(authenticate('required', alice, bearer({ sub: 'bob' })))).toEqual([
      'identity-conflict',
      'the client certificate and the token name two different principals; use a pair that names one, or a token bound to the certificate',
    ]);
    expect((await refusal(authenticate('optional', alice, bearer({ sub: 'bob' }))))[0]).toBe(
      'identity-conflict',
    );
    expect((await refusal(authenticate('optional', alice, bearer({ sub: 'Alice' }))))[0]).toBe(
      'identity-conflict',
    );
  });

  it('may name two where the configuration lets the token name the principal', async () => {
    const settings = { both: 'token-names' };
    expect(await authenticate('required', alice, bearer({ sub: 'bob' }), settings)).toMatchObject({
      name: 'bob',
      method: 'both',
      certificate: { thumbprint: thumbprint(alice) },
    });
  });

  it('may name two where the token is bound to the certificate', async () => {
    const cnf = { 'x5t#S256': thumbprint(alice) };
    const principal = await authenticate('required', alice, bearer({ sub: 'bob', cnf }));
    expect(principal).toMatchObject({ name: 'bob', method: 'both' });
  });

  it('are refused when the token is bound to another certificate, even with one name and by any setting', async () => {
    const twin = await ca.issue({ cn: 'alice', o: 'team-cert' });
    const cnf = { 'x5t#S256': thumbprint(twin) };
    for (const settings of [{}, { both: 'token-names' }]) {
      expect(await refusal(authenticate('required', alice, bearer({ cnf }), settings))).toEqual([
        'token-bound-to-other-certificate',
        'the token is bound to a client certificate that this connection does not use; connect with that certificate',
      ]);
    }
  });

  it('are both needed when the token is bound', async () => {
    const authorization = bearer({ cnf: { 'x5t#S256': thumbprint(alice) } });
    expect((await refusal(authenticate('optional', undefined, authorization)))[0]).toBe(
      'token-bound-to-other-certificate',
    );
    expect((await refusal(authenticate('none', alice, authorization)))[0]).toBe(
      'token-bound-to-other-certificate',
    );
  });

  it('must both be mapped: onlyRules holds for the certificate beside a token too', async () => {
    const settings = { certificate: { onlyRules: true } };
    expect((await refusal(authenticate('required', alice, bearer(), settings)))[0]).toBe(
      'certificate-not-mapped',
    );
  });
});

describe('createIdentity', () => {
  async function faults(settings: object, mode: Mode = 'optional'): Promise<readonly string[]> {
    const error: unknown = await createIdentity(parse(settings), mode).catch((thrown: unknown) => thrown);
    if (!(error instanceof ConfigError)) throw new Error('expected a ConfigError');
    return error.faults;
  }
  const issuers = (...list: object[]) => ({ jwt: { issuers: list.map((one) => ({ ...entry(), ...one })) } });

  it('names every unusable setting at once', async () => {
    const missing = join(dir, 'missing.pem');
    const settings = {
      ...issuers(
        { keys: { file: missing } },
        { issuer: 'https://b.test', keys: { url: 'http://keys.example.org/' } },
      ),
      certificate: { rules: [{ match: { fingerprint: 'abc' } }] },
    };
    expect(await faults(settings)).toEqual([
      'identity.certificate.rules[0].match.fingerprint: give the SHA-256 of the certificate, 64 hex digits',
      `identity.jwt.issuers[0].keys.file: ${missing}: it can not be read (ENOENT); check the path and its permissions`,
      'identity.jwt.issuers[1].keys.url: keys fetched over http can be forged on the way; use https, or http on loopback only',
    ]);
  });

  it('refuses a key file with a private key', async () => {
    const file = join(dir, 'private.pem');
    writeFileSync(file, signer.privateKey.export({ format: 'pem', type: 'pkcs8' }));
    expect((await faults(issuers({ keys: { file } })))[0]).toContain('it holds a private or symmetric key');
  });

  it('refuses one issuer twice', async () => {
    expect(await faults(issuers({}, {}))).toEqual([
      'identity.jwt.issuers[1].issuer: this issuer is configured twice; merge the two entries',
    ]);
  });

  it('refuses to serve nobody: no certificates and no issuer', async () => {
    expect(await faults({}, 'none')).toEqual([
      'identity.jwt.issuers: without client certificates (tls.clientCertificate: none) name an issuer',
    ]);
  });

  it.each([
    'http://localhost:8080/jwks',
    'http://127.0.0.1/jwks',
    'http://127.9.9.9/jwks',
    'http://[::1]:1/jwks',
    'https://x.test/',
  ])('takes %s for a JWKS URL, and fetches nothing yet', async (url) => {
    const identity = await createIdentity(parse(issuers({ keys: { url } })), 'optional');
    identity.close();
  });

  it.each([
    'http://localhost.example.org/',
    'http://127.0.0.1.example.org/',
    'http://10.0.0.1/',
    'http://[::2]/',
    'http://0.0.0.0/',
  ])('refuses plain http to %s', async (url) => {
    expect((await faults(issuers({ keys: { url } })))[0]).toContain('use https, or http on loopback only');
  });

  it('refuses a password in a JWKS URL without repeating it, a CA that is unreadable or of no use, and no time', async () => {
    const [fault] = await faults(issuers({ keys: { url: 'https://user:hunter2@x.test/' } }));
    expect(fault).toBe(
      'identity.jwt.issuers[0].keys.url: a JWKS is public; leave the user name and password out of the URL',
    );
    const broken = join(dir, 'broken.pem');
    writeFileSync(broken, 'x');
    expect((await faults(issuers({ keys: { url: 'https://x.test/', ca: broken } })))[0]).toContain(
      `keys.ca: ${broken}: it can not be read as a PEM certificate`,
    );
    expect((await faults(issuers({ keys: { url: 'https://x.test/', ca: join(dir, 'no') } })))[0]).toContain(
      '(ENOENT)',
    );
    const good = join(dir, 'ca.pem');
    writeFileSync(good, ca.certificate);
    expect(
      await faults(issuers({ keys: { url: 'http://localhost/', ca: good, timeoutSeconds: 0 } })),
    ).toEqual([
      'identity.jwt.issuers[0].keys.ca: a CA is of use for an https URL only; remove it or use https',
      'identity.jwt.issuers[0].keys.timeoutSeconds: a fetch needs at least 1 second',
    ]);
  });
});
