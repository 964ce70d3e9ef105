import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { initialise } from '../../src/cli/init/initialise.ts';
import { loadConfig } from '../../src/config/load.ts';
import { createIdentity } from '../../src/identity/identity.ts';
import { freshFolder, quaywarden } from './command.ts';

const DEV = 'https://quaywarden.local/dev';
const dir = freshFolder();
beforeAll(async () => void (await initialise(dir)));

const issue = (args: readonly string[], cwd = dir) => quaywarden(['token', 'issue', ...args], { cwd });

/** A copy of the folder in which the one issuer is changed. */
async function folderWith(change: object): Promise<string> {
  const copy = freshFolder();
  await initialise(copy);
  const config = parse(readFileSync(`${copy}/quaywarden.yaml`, 'utf8'));
  Object.assign(config.identity.jwt.issuers[0], change);
  writeFileSync(`${copy}/quaywarden.yaml`, stringify(config));
  return copy;
}

/** What the gateway itself makes of a token. */
async function principalOf(token: string, folder = dir) {
  const { identity, tls } = loadConfig(`${folder}/quaywarden.yaml`, {});
  const gate = await createIdentity(identity, tls.clientCertificate);
  const peer = { certificate: undefined, authorized: false, error: undefined };
  return gate.authenticate({ peer, authorization: `Bearer ${token}` });
}

describe('quaywarden token issue', () => {
  it('prints a token and nothing else, which verifies against the JWKS and holds for an hour', async () => {
    const { code, stdout, stderr } = await issue([
      '--name',
      'alice',
      '--role',
      'viewer',
      '--role',
      'ci',
      '--tenant',
      'team-a',
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const jwks = JSON.parse(readFileSync(`${dir}/certs/token/jwks.json`, 'utf8')) as JSONWebKeySet;
    const { payload, protectedHeader } = await jwtVerify(stdout.trim(), createLocalJWKSet(jwks), {
      issuer: DEV,
      audience: 'quaywarden',
      algorithms: ['ES256'],
    });
    expect(protectedHeader).toEqual({ alg: 'ES256', typ: 'JWT', kid: jwks.keys[0]?.kid });
    expect(payload).toEqual({
      iss: DEV,
      aud: 'quaywarden',
      sub: 'alice',
      tenant: 'team-a',
      roles: ['viewer', 'ci'],
      iat: expect.any(Number),
      exp: (payload.iat ?? 0) + 3_600,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(Math.abs(Date.now() / 1_000 - (payload.iat ?? 0))).toBeLessThan(60);
  });

  it('makes tokens that the gateway takes', async () => {
    const { stdout } = await issue(['--name', 'Älice Ö', '--role', 'viewer']);
    expect(await principalOf(stdout.trim())).toMatchObject({
      name: 'Älice Ö',
      tenant: 'default',
      roles: ['viewer'],
      method: 'jwt',
    });
  });

  it('prints token, claims, key id and expiry with --json', async () => {
    const { stdout } = await issue(['--name', 'a', '--role', 'ci', '--ttl', '7d', '--json']);
    const printed = JSON.parse(stdout) as {
      token: string;
      claims: { iat: number; exp: number };
      expiresAt: string;
    };
    expect(Object.keys(printed)).toEqual(['token', 'algorithm', 'kid', 'claims', 'expiresAt']);
    expect(printed.claims.exp - printed.claims.iat).toBe(7 * 86_400);
    expect(Date.parse(printed.expiresAt)).toBe(printed.claims.exp * 1_000);
    expect(await principalOf(printed.token)).toMatchObject({
      name: 'a',
      expiresAt: printed.claims.exp * 1_000,
    });
  });

  it('warns of a token that holds for long or has no role, on standard error alone', async () => {
    const { code, stdout, stderr } = await issue(['--name', 'a', '--ttl', '31d']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^[\w.-]+\n$/);
    expect(stderr).toBe(
      'quaywarden: the token holds for more than 30 days and can not be called back; prefer a shorter --ttl\n' +
        'quaywarden: the token has no role, so only grants to its name or tenant apply; give --role\n',
    );
  });

  it('warns of a role that the grants do not know', async () => {
    const { code, stdout, stderr } = await issue(['--name', 'a', '--role', 'develper', '--role', 'ci']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^[\w.-]+\n$/);
    expect(stderr).toBe(
      `quaywarden: ${dir}/policies/grants.csv grants nothing to the role develper; did you mean developer?\n`,
    );
  });

  it('binds a token to a certificate by the digest that openssl prints', async () => {
    const { stdout } = await issue([
      '--name',
      'admin',
      '--role',
      'ci',
      '--bind',
      'certs/admin/cert.pem',
      '--json',
    ]);
    const { cnf } = (JSON.parse(stdout) as { claims: { cnf: Record<string, string> } }).claims;
    const der = execFileSync('openssl', ['x509', '-in', `${dir}/certs/admin/cert.pem`, '-outform', 'der']);
    const digest = execFileSync('openssl', ['dgst', '-sha256', '-binary'], { input: der });
    expect(cnf).toEqual({ 'x5t#S256': digest.toString('base64url') });
    // The same in DER.
    writeFileSync(`${dir}/cert.der`, der);
    const again = await issue(['--name', 'admin', '--role', 'ci', '--bind', 'cert.der', '--json']);
    expect(JSON.parse(again.stdout)).toMatchObject({ claims: { cnf } });
  });

  it.each([
    [['--name', ' a'], '--name must be 1 to 256 visible characters without white space at its ends'],
    [
      ['--name', 'a', '--role', 'x y'],
      '"x y" can name neither tenant nor role: use letters, digits and ._@:+-, a letter or digit first',
    ],
    [
      ['--name', 'a', '--tenant', ''],
      '"" can name neither tenant nor role: use letters, digits and ._@:+-, a letter or digit first',
    ],
    [['--name', 'a', '--ttl', '400d'], '--ttl must be at most 366d: nobody can call a token back'],
    [
      ['--name', 'a', '--issuer', 'x'],
      `quaywarden.yaml: there is no issuer x in identity.jwt.issuers; known: ${DEV}`,
    ],
    [
      ['--name', 'a', '--audience', 'x'],
      `--audience x: ${DEV} is good for quaywarden only; the gateway would refuse the token`,
    ],
    [
      ['--name', 'a', '--bind', 'quaywarden.yaml'],
      '--bind quaywarden.yaml: can not be read as a certificate (ERR_OSSL_PEM_NO_START_LINE); give a PEM certificate',
    ],
    [
      ['--name', 'a', '--key', 'nowhere'],
      'nowhere: the signing key can not be read (ENOENT); name it with --key',
    ],
    [
      ['--name', 'a', '--key', 'certs/ca/cert.pem'],
      'certs/ca/cert.pem: is not an unencrypted private key in PEM',
    ],
    [
      ['--name', 'a', '--config', 'no.yaml'],
      'no.yaml: there is no such file; make one with `quaywarden init`, or name yours with --config',
    ],
    [
      ['--name', 'a', '--ttl', '5'],
      "option '--ttl <time>' argument '5' is invalid. It must be a number and a unit: 90s, 30m, 1h or 7d.",
    ],
    [
      ['--name', 'a', '--ttl', '0h'],
      "option '--ttl <time>' argument '0h' is invalid. It must be a number and a unit: 90s, 30m, 1h or 7d.",
    ],
    [[], "required option '--name <name>' not specified"],
  ])('refuses %j with code 2 and a sentence', async (args, sentence) => {
    const { code, stdout, stderr } = await issue(args);
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: `quaywarden: ${sentence}\n` });
  });

  it('refuses a key that the gateway would not know', async () => {
    const copy = await folderWith({});
    const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
    });
    writeFileSync(`${copy}/other.pem`, key);
    const { code, stderr } = await issue(['--name', 'a', '--key', 'other.pem'], copy);
    expect(code).toBe(2);
    expect(stderr).toBe(
      `quaywarden: other.pem: ${copy}/certs/token/jwks.json does not list this key, so the gateway would refuse its tokens; name another with --key\n`,
    );
  });

  it('refuses a key of another kind than the issuer pins', async () => {
    const copy = await folderWith({ algorithms: ['EdDSA', 'RS256'] });
    const { code, stderr } = await issue(['--name', 'a'], copy);
    expect(code).toBe(2);
    expect(stderr).toBe(
      `quaywarden: ${copy}/certs/token/key.pem: the key does not fit the signature algorithm (EdDSA, RS256); name another with --key\n`,
    );
  });

  it('puts name, tenant and roles where the configuration reads them', async () => {
    const copy = await folderWith({
      claims: { name: 'preferred_username', tenant: 'https://x.example/org', roles: 'realm_access.roles' },
      requiredClaims: ['jti'],
    });
    const { stdout, stderr } = await issue(['--name', 'bob', '--tenant', 't', '--role', 'ci'], copy);
    expect(stderr).toBe('');
    expect(await principalOf(stdout.trim(), copy)).toMatchObject({ name: 'bob', tenant: 't', roles: ['ci'] });
  });

  it('warns when the gateway will refuse the token, or will before it expires', async () => {
    const copy = await folderWith({ requiredClaims: ['email', 'jti'], maxTokenAgeSeconds: 60 });
    const { code, stderr } = await issue(['--name', 'bob', '--role', 'ci'], copy);
    expect(code).toBe(0);
    expect(stderr).toBe(
      'quaywarden: the gateway takes tokens of this issuer for 60 seconds only (maxTokenAgeSeconds)\n' +
        'quaywarden: the gateway will refuse this token: its issuer requires the claim "email"\n',
    );
  });

  it('says so when no private key is at hand', async () => {
    const copy = await folderWith({});
    rmSync(`${copy}/certs/token/key.pem`);
    expect((await issue(['--name', 'a'], copy)).stderr).toBe(
      'quaywarden: quaywarden.yaml: no issuer has its private key (key.pem) beside its public keys; name the key with --key, or ask your identity provider for a token\n',
    );
    expect((await issue(['--name', 'a', '--issuer', DEV], copy)).stderr).toBe(
      `quaywarden: quaywarden.yaml: no private key lies beside the keys of ${DEV}; name it with --key\n`,
    );
  });

  const kinds = [
    ['ES384', generateKeyPairSync('ec', { namedCurve: 'P-384' })],
    ['EdDSA', generateKeyPairSync('ed25519')],
    ['PS256', generateKeyPairSync('rsa', { modulusLength: 2_048 })],
  ] as const;
  it.each(kinds)(
    'needs no configuration when key, issuer and audience are given: %s',
    async (algorithm, keys) => {
      const folder = freshFolder();
      writeFileSync(`${folder}/k.pem`, keys.privateKey.export({ type: 'pkcs8', format: 'pem' }));
      const { code, stdout } = await issue(
        ['--name', 'a', '--role', 'r', '--key', 'k.pem', '--issuer', 'https://i', '--audience', 'b'],
        folder,
      );
      expect(code).toBe(0);
      expect(decodeProtectedHeader(stdout.trim()).alg).toBe(algorithm);
      await jwtVerify(stdout.trim(), keys.publicKey, {
        issuer: 'https://i',
        audience: 'b',
        algorithms: [algorithm],
      });
    },
  );
});
