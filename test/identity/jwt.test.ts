import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configSchema } from '../../src/config/schema.ts';
import { Refusal } from '../../src/errors.ts';
import type { TokenIdentity } from '../../src/identity/claims.ts';
import { type TrustedIssuer, verifyToken } from '../../src/identity/jwt.ts';
import { loadKeyFile } from '../../src/identity/keys.ts';
import {
  audience,
  compact,
  createSigner,
  goodClaims,
  hmac,
  issuer,
  type Signer,
  signWith,
} from '../support/tokens.ts';

const now = Date.now();
const seconds = Math.floor(now / 1000);
let dir: string;
let signer: Signer;
let other: Signer;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'quaywarden-jwt-'));
  signer = createSigner('ES256');
  other = createSigner('RS256');
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let files = 0;
function trusted(settings: object = {}, keys: readonly Signer[] = [signer]): TrustedIssuer {
  const file = join(dir, `keys-${files++}.json`);
  writeFileSync(file, JSON.stringify({ keys: keys.map(({ publicJwk }) => publicJwk) }));
  const entry = { issuer, audience: [audience], algorithms: ['ES256'], keys: { file }, ...settings };
  const config = configSchema.shape.identity.parse({ jwt: { issuers: [entry] } }).jwt.issuers[0];
  if (config === undefined) throw new Error('no issuer');
  return { config, keys: loadKeyFile(file, config.algorithms) };
}

const verifyWith = (token: string, ...issuers: TrustedIssuer[]): Promise<TokenIdentity> =>
  verifyToken(`Bearer ${token}`, new Map(issuers.map((one) => [one.config.issuer, one])), now);
const verify = (token: string, settings: object = {}) => verifyWith(token, trusted(settings));

async function refusal(answer: Promise<TokenIdentity>): Promise<Refusal> {
  const error: unknown = await answer.catch((thrown: unknown) => thrown);
  if (!(error instanceof Refusal)) throw new Error(`expected a refusal, got ${JSON.stringify(error)}`);
  expect(error.status).toBe(401);
  expect(error.field).toBe('authorization');
  expect(error.cause).toBeUndefined();
  return error;
}

describe('verifyToken', () => {
  it('takes name, tenant, roles, id, binding and expiry from the claims', async () => {
    const claims = { cnf: { 'x5t#S256': 'thumb' }, exp: seconds + 60 };
    expect(await verify(signer.mint(claims))).toEqual({
      name: 'alice',
      tenant: 'team-a',
      roles: ['viewer'],
      issuer,
      tokenId: 'token-1',
      boundTo: 'thumb',
      expiresAt: (seconds + 60) * 1000,
    });
  });

  it.each(['ES256', 'ES384', 'RS256', 'PS256', 'EdDSA', 'Ed25519'])('verifies %s', async (algorithm) => {
    const own = createSigner(algorithm);
    const identity = await verifyWith(own.mint(), trusted({ algorithms: [algorithm] }, [own]));
    expect(identity.name).toBe('alice');
  });

  it.each(['JWT', 'jwt', 'at+jwt', 'application/at+jwt', undefined])(
    'takes a token of type %s',
    async (typ) => {
      expect((await verify(signer.mint({}, { typ }))).name).toBe('alice');
    },
  );

  it('picks the key by kid among several of one kind, and tries all of them for a token without one', async () => {
    const second = createSigner('ES256', 'key-2');
    const issuers = trusted({}, [signer, second]);
    expect((await verifyWith(second.mint(), issuers)).name).toBe('alice');
    expect((await verifyWith(second.mint({}, { kid: undefined }), issuers)).name).toBe('alice');
    const foreign = createSigner('ES256', 'key-1');
    expect((await refusal(verifyWith(foreign.mint({}, { kid: undefined }), issuers))).reason).toBe(
      'token-bad-signature',
    );
    const expired = second.mint({ exp: seconds - 60 }, { kid: undefined });
    expect((await refusal(verifyWith(expired, issuers))).reason).toBe('token-expired');
  });

  it('verifies with the claimed issuer alone: keys, audience and algorithms of another do not count', async () => {
    const first = trusted();
    const second = trusted({ issuer: 'https://second.test', audience: ['second'], algorithms: ['RS256'] }, [
      other,
    ]);
    const claims = { iss: 'https://second.test', aud: 'second' };
    expect((await verifyWith(other.mint(claims), first, second)).issuer).toBe('https://second.test');
    const reason = async (token: string) => (await refusal(verifyWith(token, first, second))).reason;
    expect(await reason(other.mint({ ...claims, aud: audience }))).toBe('token-wrong-audience');
    expect(await reason(signer.mint(claims))).toBe('token-algorithm-forbidden');
    expect(await reason(other.mint())).toBe('token-algorithm-forbidden');
  });
});

describe('a token that is wrong', () => {
  const cases: [string, string, RegExp, () => string][] = [
    [
      'is unsigned',
      'token-algorithm-forbidden',
      /unsigned and HMAC/,
      () => compact({ alg: 'none' }, goodClaims()),
    ],
    [
      'is unsigned in odd case',
      'token-algorithm-forbidden',
      /unsigned/,
      () => compact({ alg: 'nOnE' }, goodClaims()),
    ],
    [
      'is signed by HMAC with the public key',
      'token-algorithm-forbidden',
      /unsigned and HMAC/,
      () => compact({ alg: 'HS256', kid: 'key-1' }, goodClaims(), hmac(signer.publicPem)),
    ],
    [
      'has its signature removed',
      'token-bad-signature',
      /signature/,
      () => signer.mint().replace(/[^.]*$/, ''),
    ],
    [
      'has a changed payload',
      'token-bad-signature',
      /signature does not verify/,
      () => {
        const [header, , signature] = signer.mint().split('.');
        const forged = Buffer.from(JSON.stringify({ ...goodClaims(), sub: 'root' })).toString('base64url');
        return [header, forged, signature].join('.');
      },
    ],
    [
      'is signed by another key under a known kid',
      'token-bad-signature',
      /signature/,
      () => createSigner().mint(),
    ],
    [
      'names an unknown kid',
      'token-unknown-key',
      /does not publish/,
      () => signer.mint({}, { kid: 'key-9' }),
    ],
    [
      'has an algorithm that is not pinned',
      'token-algorithm-forbidden',
      /not signed with/,
      () => other.mint(),
    ],
    [
      'comes from an unknown issuer',
      'token-unknown-issuer',
      /"iss"/,
      () => signer.mint({ iss: `${issuer}/` }),
    ],
    ['has no issuer', 'token-claim-missing', /"iss"/, () => signer.mint({ iss: undefined })],
    ['has several issuers', 'token-malformed', /"iss"/, () => signer.mint({ iss: [issuer] })],
    ['is for another audience', 'token-wrong-audience', /"aud"/, () => signer.mint({ aud: 'other' })],
    ['has no audience', 'token-wrong-audience', /"aud"/, () => signer.mint({ aud: undefined })],
    ['has expired', 'token-expired', /"exp"/, () => signer.mint({ exp: seconds - 31 })],
    ['never expires', 'token-claim-missing', /"exp"/, () => signer.mint({ exp: undefined })],
    ['expires at a text', 'token-claim-invalid', /"exp".*seconds/, () => signer.mint({ exp: '2099-01-01' })],
    [
      'expires in all eternity',
      'token-claim-invalid',
      /"exp"/,
      () =>
        compact(
          { alg: 'ES256', kid: 'key-1' },
          JSON.stringify({ ...goodClaims(), exp: 0 }).replace('"exp":0', '"exp":1e999'),
          (input) => signWith('ES256', signer.privateKey, input),
        ),
    ],
    ['is not valid yet', 'token-not-yet-valid', /"nbf"/, () => signer.mint({ nbf: seconds + 31 })],
    ['was issued in the future', 'token-not-yet-valid', /"iat"/, () => signer.mint({ iat: seconds + 31 })],
    ['was issued at a text', 'token-claim-invalid', /"iat"/, () => signer.mint({ iat: 'now' })],
    ['has no subject', 'token-claim-missing', /"sub"/, () => signer.mint({ sub: undefined })],
    ['has a number as subject', 'token-claim-invalid', /"sub"/, () => signer.mint({ sub: 7 })],
    [
      'has a newline in its subject',
      'token-claim-invalid',
      /"sub"/,
      () => signer.mint({ sub: 'alice\nbob' }),
    ],
    ['has an empty subject', 'token-claim-invalid', /"sub"/, () => signer.mint({ sub: '' })],
    ['has no tenant', 'token-claim-missing', /"tenant"/, () => signer.mint({ tenant: undefined })],
    [
      'has a null tenant and no default',
      'token-claim-invalid',
      /"tenant"/,
      () => signer.mint({ tenant: null }),
    ],
    ['has "-" as tenant', 'token-claim-invalid', /"tenant"/, () => signer.mint({ tenant: '-' })],
    [
      'has roles that are an object',
      'token-claim-invalid',
      /"roles"/,
      () => signer.mint({ roles: { admin: true } }),
    ],
    [
      'has a role with a comma',
      'token-claim-invalid',
      /"roles"/,
      () => signer.mint({ roles: ['viewer', 'a,b'] }),
    ],
    ['has a number as id', 'token-claim-invalid', /"jti"/, () => signer.mint({ jti: 1 })],
    ['is bound by DPoP', 'token-binding-unsupported', /"cnf"/, () => signer.mint({ cnf: { jkt: 'x' } })],
    [
      'is bound twice over',
      'token-binding-unsupported',
      /"x5t#S256"/,
      () => signer.mint({ cnf: { 'x5t#S256': 'x', jkt: 'x' } }),
    ],
    ['has an empty binding', 'token-binding-unsupported', /"cnf"/, () => signer.mint({ cnf: {} })],
    ['has a null binding', 'token-binding-unsupported', /"cnf"/, () => signer.mint({ cnf: null })],
    ['is of another type', 'token-wrong-type', /"typ"/, () => signer.mint({}, { typ: 'logout+jwt' })],
    ['has a kid that is a number', 'token-malformed', /"kid"/, () => signer.mint({}, { kid: 1 })],
    ['has no algorithm', 'token-malformed', /"alg"/, () => signer.mint({}, { alg: undefined })],
    [
      'has a payload that is no object',
      'token-malformed',
      /JSON object/,
      () => compact({ alg: 'ES256' }, '[]'),
    ],
    ['has a payload that is no JSON', 'token-malformed', /not JSON/, () => compact({ alg: 'ES256' }, '{')],
    ['has four parts', 'token-malformed', /three base64url parts/, () => `${signer.mint()}.x`],
    ['is encrypted (JWE, five parts)', 'token-malformed', /signed JWT/, () => 'a.b.c.d.e'],
    ['has base64 padding', 'token-malformed', /three base64url/, () => `${signer.mint()}=`],
    ['is opaque', 'token-malformed', /three base64url/, () => '0123456789abcdef'],
    [
      'is longer than 16 KiB',
      'token-too-long',
      /16384 bytes/,
      () => signer.mint({ more: 'x'.repeat(16_384) }),
    ],
  ];

  it.each(cases)('that %s is refused as %s', async (_, reason, sentence, mint) => {
    const error = await refusal(verify(mint()));
    expect(error.reason).toBe(reason);
    expect(error.message).toMatch(sentence);
  });

  it.each([
    ['crit', ['exp']],
    ['jku', 'https://evil.test/jwks'],
    ['jwk', { kty: 'EC' }],
    ['x5u', 'https://evil.test/cert'],
    ['x5c', ['MIIB']],
    ['b64', true],
    ['enc', 'A256GCM'],
    ['zip', 'DEF'],
  ])('whose header holds %s is refused', async (member, value) => {
    const error = await refusal(verify(signer.mint({}, { [member]: value })));
    expect(error.reason).toBe('token-header-forbidden');
    expect(error.message).toBe(
      `the token's header holds "${member}", which is not accepted here; have its issuer leave it out`,
    );
  });

  it('whose signature is spelled with other trailing bits is refused', async () => {
    const token = signer.mint(); // 64 bytes leave four bits of the last character unused
    const last = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.indexOf(token.slice(-1));
    const twin = `${token.slice(0, -1)}${String.fromCharCode(token.slice(-1).charCodeAt(0) + (last % 16 === 0 ? 1 : -1))}`;
    const error = await refusal(verify(twin));
    expect(error.reason).toBe('token-malformed');
    expect(error.message).toContain('canonical base64url');
  });

  it('never comes back in the sentence', async () => {
    const secret = 'S3cretSubject';
    for (const claims of [
      { exp: 1 },
      { aud: secret },
      { iss: secret },
      { tenant: `${secret}/` },
      { cnf: { [secret]: 1 } },
    ]) {
      const { publicMessage } = await refusal(verify(signer.mint({ sub: secret, ...claims })));
      expect(publicMessage).not.toContain(secret);
      expect(publicMessage).not.toContain(issuer);
    }
  });
});

describe('the settings of an issuer', () => {
  it('give the clock the tolerance they name', async () => {
    const token = () => signer.mint({ exp: seconds - 31, nbf: seconds + 31, iat: seconds + 31 });
    expect((await verify(token(), { clockToleranceSeconds: 60 })).name).toBe('alice');
    expect((await refusal(verify(token(), { clockToleranceSeconds: 0 }))).reason).toBe('token-not-yet-valid');
  });

  it('refuse tokens issued too long ago, and those that do not say when', async () => {
    const settings = { maxTokenAgeSeconds: 600 };
    expect((await verify(signer.mint({ iat: seconds - 620 }), settings)).name).toBe('alice');
    const old = await refusal(verify(signer.mint({ iat: seconds - 700 }), settings));
    expect([old.reason, old.message]).toEqual([
      'token-expired',
      'the token was issued too long ago ("iat"); get a new one',
    ]);
    const silent = await refusal(verify(signer.mint({ iat: undefined }), settings));
    expect([silent.reason, silent.message]).toEqual([
      'token-claim-missing',
      'the token has no "iat" claim, which is needed here; have its issuer add it',
    ]);
  });

  it('accept any one of several audiences', async () => {
    const settings = { audience: ['a', 'b'] };
    expect((await verify(signer.mint({ aud: ['x', 'b'] }), settings)).name).toBe('alice');
    expect((await refusal(verify(signer.mint({ aud: ['x', 'ab'] }), settings))).reason).toBe(
      'token-wrong-audience',
    );
  });

  it('take a claim that is null for none that is needed, and for no tenant of the default', async () => {
    const needed = { requiredClaims: ['azp'] };
    expect((await refusal(verify(signer.mint({ azp: null }), needed))).reason).toBe('token-claim-missing');
    const defaulting = { defaultTenant: 'team-a' };
    expect((await verify(signer.mint({ tenant: undefined }), defaulting)).tenant).toBe('team-a');
    expect((await refusal(verify(signer.mint({ tenant: null }), defaulting))).reason).toBe(
      'token-claim-invalid',
    );
  });

  it('require claims, nested ones too', async () => {
    const settings = { requiredClaims: ['azp', 'realm.name'] };
    expect((await verify(signer.mint({ azp: 'x', realm: { name: 'y' } }), settings)).name).toBe('alice');
    const error = await refusal(verify(signer.mint({ azp: 'x', realm: 'name' }), settings));
    expect([error.reason, error.message]).toEqual([
      'token-claim-missing',
      'the token has no "realm.name" claim, which is needed here; have its issuer add it',
    ]);
  });

  it('are not found where they stand twice, by name and by path', async () => {
    const claims = { name: 'sub', tenant: 'tenant', roles: 'realm_access.roles' };
    const roles = { 'realm_access.roles': ['operator'] };
    expect((await verify(signer.mint(roles), { claims })).roles).toEqual(['operator']);
    const error = await refusal(
      verify(signer.mint({ ...roles, realm_access: { roles: ['ci'] } }), { claims }),
    );
    expect([error.reason, error.message]).toEqual([
      'token-claim-invalid',
      'the token\'s "realm_access.roles" claim can not be used: it must be there once, by its name or by its path',
    ]);
  });

  it('find name, tenant and roles where they say, a whole name before a path', async () => {
    const claims = {
      name: 'preferred_username',
      tenant: 'https://example.org/tenant',
      roles: 'realm_access.roles',
    };
    const token = signer.mint({
      preferred_username: 'Ámbar',
      'https://example.org/tenant': 'team-b',
      realm_access: { roles: ['ci', 'ci', 'viewer'] },
    });
    expect(await verify(token, { claims })).toMatchObject({
      name: 'Ámbar',
      tenant: 'team-b',
      roles: ['ci', 'viewer'],
    });
  });

  it('do not find claims on the prototype of an object', async () => {
    const error = await refusal(verify(signer.mint(), { claims: { name: 'constructor.name' } }));
    expect(error.reason).toBe('token-claim-missing');
  });

  it('read roles from a string too, and fall back on defaults only where the claim is absent', async () => {
    const settings = { defaultRoles: ['viewer'], defaultTenant: 'shared' };
    const rolesOf = async (roles: unknown) =>
      (await verify(signer.mint({ roles, tenant: undefined }), settings)).roles;
    expect(await rolesOf('ci  operator ci')).toEqual(['ci', 'operator']);
    expect(await rolesOf(undefined)).toEqual(['viewer']);
    expect(await rolesOf([])).toEqual([]);
    expect(await rolesOf('')).toEqual([]);
    expect((await verify(signer.mint({ tenant: undefined }), settings)).tenant).toBe('shared');
  });
});

describe('the Authorization header', () => {
  const read = (authorization: string) => verifyToken(authorization, new Map([[issuer, trusted()]]), now);

  it('may spell the scheme in any case', async () => {
    expect((await read(`bEARER ${signer.mint()}`)).name).toBe('alice');
  });

  it.each([
    'Basic YTpi',
    'Negotiate x',
    'BearerX a.b.c',
    'Token a.b.c',
    '',
    ' Bearer a.b.c',
    'Bearer\ta.b.c',
    'Bearer, x',
  ])('is refused for its scheme when it is %j', async (authorization) => {
    const error = await refusal(read(authorization));
    expect([error.reason, error.message]).toEqual([
      'authorization-scheme',
      'only the Bearer scheme is accepted; send Authorization: Bearer <token>',
    ]);
  });

  it('is refused as malformed with other than one space before the token or anything behind it', async () => {
    const token = signer.mint();
    for (const value of [
      'Bearer',
      'Bearer ',
      `Bearer  ${token}`,
      `Bearer ${token} `,
      `Bearer ${token}, ${token}`,
      `Bearer ${token}\n`,
    ]) {
      expect((await refusal(read(value))).reason).toBe('token-malformed');
    }
  });
});
