import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KeyFileError, loadKeyFile } from '../../src/identity/keys.ts';
import { createSelfSigned } from '../support/pki.ts';
import { compact, createSigner, goodClaims, signWith } from '../support/tokens.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'quaywarden-keys-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function load(content: string | object, algorithms: readonly string[] = ['ES256']) {
  const path = join(dir, 'keys');
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return loadKeyFile(path, algorithms);
}

function faultOf(content: string | object, algorithms?: readonly string[]): string {
  try {
    load(content, algorithms);
  } catch (error) {
    if (error instanceof KeyFileError) return error.message;
    throw error;
  }
  throw new Error('expected a fault');
}

const subject = async (content: string | object, token: string, algorithm = 'ES256') =>
  (await jwtVerify(token, load(content, [algorithm]).getKey)).payload.sub;

describe('loadKeyFile', () => {
  it('reads a PEM public key, which answers to every kid', async () => {
    const signer = createSigner('ES256');
    expect(await subject(signer.publicPem, signer.mint({}, { kid: 'whatever' }))).toBe('alice');
    expect(await subject(signer.publicPem, signer.mint({}, { kid: undefined }))).toBe('alice');
  });

  it('reads a PEM certificate', async () => {
    const { certificate, key } = await createSelfSigned();
    const token = compact({ alg: 'ES256', kid: 'x' }, goodClaims(), (input) =>
      signWith('ES256', createPrivateKey(key), input),
    );
    expect(await subject(certificate, token)).toBe('alice');
  });

  it('reads several PEM keys of different kinds and picks by algorithm', async () => {
    const [ec, rsa] = [createSigner('ES256'), createSigner('RS256')];
    const pem = `a comment\n${ec.publicPem}\n${rsa.publicPem}`;
    expect(await subject(pem, rsa.mint(), 'RS256')).toBe('alice');
    expect(await subject(pem, ec.mint())).toBe('alice');
  });

  it('reads a JWK and a JWKS, where the kid must match', async () => {
    const signer = createSigner('EdDSA');
    expect(await subject(signer.publicJwk, signer.mint(), 'EdDSA')).toBe('alice');
    const jwks = { keys: [createSigner('ES256', 'key-2').publicJwk, signer.publicJwk] };
    expect(await subject(jwks, signer.mint(), 'EdDSA')).toBe('alice');
    await expect(subject(jwks, signer.mint({}, { kid: 'key-2' }), 'EdDSA')).rejects.toThrow(
      'no applicable key',
    );
  });

  it('passes over keys for other ends in a JWKS that has one it can use', async () => {
    const signer = createSigner();
    const odd = [
      { kty: 'AKP', kid: 'x' },
      { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' },
      { ...createSigner('RS256').publicJwk, use: 'enc' },
    ];
    expect(await subject({ keys: [...odd, signer.publicJwk] }, signer.mint())).toBe('alice');
  });

  it('refuses private and symmetric keys in every form', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const sentence = /^it holds a private or symmetric key/;
    expect(faultOf(privateKey.export({ format: 'pem', type: 'pkcs8' }).toString())).toMatch(sentence);
    expect(faultOf(privateKey.export({ format: 'pem', type: 'sec1' }).toString())).toMatch(sentence);
    expect(faultOf(privateKey.export({ format: 'jwk' }))).toMatch(sentence);
    expect(faultOf({ keys: [createSigner().publicJwk, privateKey.export({ format: 'jwk' })] })).toMatch(
      sentence,
    );
    expect(faultOf({ keys: [createSigner().publicJwk, { kty: 'oct', k: 'c2VjcmV0' }] })).toMatch(sentence);
    expect(faultOf({ ...createSigner().publicJwk, kty: 'oct' })).toMatch(sentence);
  });

  it('refuses RSA keys of fewer than 2048 bits', () => {
    const weak = createSigner('RS256', 'weak', 1024);
    expect(faultOf(weak.publicJwk, ['RS256'])).toBe(
      'it holds an RSA key of fewer than 2048 bits; have the issuer use a longer one',
    );
    expect(faultOf(weak.publicPem, ['RS256'])).toContain('fewer than 2048 bits');
  });

  it('refuses a file without a key for any pinned algorithm', () => {
    const rsa = createSigner('RS256');
    const sentence = 'it holds no key for ES256, EdDSA; name the algorithm of its keys, or other keys';
    expect(faultOf(rsa.publicPem, ['ES256', 'EdDSA'])).toBe(sentence);
    expect(faultOf({ keys: [] }, ['ES256', 'EdDSA'])).toBe(sentence);
    expect(faultOf(createSigner('ES384').publicPem, ['ES256', 'EdDSA'])).toBe(sentence);
    expect(faultOf({ ...createSigner().publicJwk, use: 'enc' })).toContain('no key for ES256');
    expect(faultOf({ ...rsa.publicJwk, alg: 'RSA-OAEP' }, ['RS256'])).toContain('no key for RS256');
  });

  it.each([
    ['', 'it holds neither PEM nor JSON; give a PEM public key, a PEM certificate, a JWK or a JWKS'],
    ['{"keys":', 'it starts like JSON but is none'],
    ['{"keys":[1]}', 'it is JSON but neither a JWK (`kty`) nor a JWKS (`keys`)'],
    ['{"a":1}', 'it is JSON but neither a JWK (`kty`) nor a JWKS (`keys`)'],
    [
      '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----',
      'its PEM block "PUBLIC KEY" can not be read or holds a key of a kind that is not supported',
    ],
  ])('says what is wrong with %j', (content, sentence) => {
    expect(faultOf(content)).toBe(sentence);
  });

  it('says how to convert another kind of PEM block', () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = publicKey.export({ format: 'pem', type: 'pkcs1' }).toString();
    expect(faultOf(pem, ['RS256'])).toMatch(/^it holds a PEM block "RSA PUBLIC KEY"; only .*`openssl/);
  });

  it('refuses a key type that JWS does not have', () => {
    const { publicKey } = generateKeyPairSync('rsa-pss', { modulusLength: 2048 });
    const pem = publicKey.export({ format: 'pem', type: 'spki' }).toString();
    expect(faultOf(pem, ['PS256'])).toContain('a key of a kind that is not supported');
  });

  it('names the system error of a file that is not there', () => {
    expect(() => loadKeyFile(join(dir, 'missing'), ['ES256'])).toThrow(
      'it can not be read (ENOENT); check the path and its permissions',
    );
  });
});
