import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certificatesIn, readTrustBundle, TrustBundleError } from '../../src/identity/trust-bundle.ts';
import { type Authority, createCa } from '../support/pki.ts';

const dir = mkdtempSync(`${tmpdir()}/qw-bundle-`);
let ca: Authority;
let other: Authority;
beforeAll(async () => {
  ca = await createCa();
  other = await createCa({ cn: 'Other CA' });
});
afterAll(() => rmSync(dir, { recursive: true }));

function read(content: string): string[] {
  writeFileSync(`${dir}/bundle`, content);
  return certificatesIn(readTrustBundle(`${dir}/bundle`).toString()).map(
    ({ fingerprint256 }) => fingerprint256,
  );
}

const svid = (of: Authority) => ({ use: 'x509-svid', kty: 'EC', x5c: [of.x509.raw.toString('base64')] });

describe('the CAs of clients', () => {
  it('are all of a PEM file, and all keys for X.509-SVIDs of a SPIFFE bundle', () => {
    const both = [ca.x509.fingerprint256, other.x509.fingerprint256];
    expect(read(`# CAs\n${ca.certificate}\n${other.certificate}`)).toEqual(both);
    const keys = [svid(ca), { use: 'jwt-svid', kty: 'EC', kid: 'x' }, svid(other), { kty: 'oct' }];
    expect(read(JSON.stringify({ keys }))).toEqual(both);
  });

  it('are not what stands in the middle of a line', () => {
    const quoted = `${other.certificate.trim().replaceAll(/^/gm, '# ')}\nx ${other.certificate}`;
    expect(read(`${quoted}${ca.certificate.replaceAll('\n', '\r\n')}`)).toEqual([ca.x509.fingerprint256]);
  });

  it.each([
    ['nothing', () => '', /no certificate/],
    ['no JSON', () => '{"keys":', /neither PEM nor JSON/],
    ['no keys', () => '{"a":1}', /no SPIFFE bundle/],
    ['no key for X.509', () => JSON.stringify({ keys: [{ use: 'jwt-svid' }] }), /no certificate/],
    [
      'two certificates for a key',
      () => JSON.stringify({ keys: [{ ...svid(ca), x5c: ['a', 'b'] }] }),
      /exactly one/,
    ],
    ['no certificate for one', () => JSON.stringify({ keys: [{ use: 'x509-svid' }] }), /exactly one/],
    [
      'bytes that are none',
      () => JSON.stringify({ keys: [{ ...svid(ca), x5c: ['QUJD'] }] }),
      /can not be read/,
    ],
    ['a certificate cut short', () => ca.certificate.replace(/\n.{20}/, '\n'), /can not be read/],
  ])('of a file with %s are refused', (_, content, why) => {
    expect(() => read(content())).toThrow(TrustBundleError);
    expect(() => read(content())).toThrow(why);
  });
});
