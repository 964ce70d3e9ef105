import { createHash, X509Certificate } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { openCertificate, readCertificate } from '../../src/identity/certificate.ts';
import { otherSpellings, spelledAlike } from '../../src/identity/signature-spellings.ts';
import { type Authority, createCa, spelledOtherwise } from '../support/pki.ts';

const digest = (der: Uint8Array): string => createHash('sha256').update(der).digest('hex');

let ca: Authority;
beforeAll(async () => {
  ca = await createCa({ cn: 'Client CA' });
});

describe('the other spellings of a certificate that is signed by ECDSA', () => {
  it('are those that OpenSSL takes for it: one of the curve of its CA', async () => {
    const { raw } = (await ca.issue({ cn: 'bob' })).x509;
    const others = otherSpellings(raw);
    const good = others.filter((der) => new X509Certificate(der).verify(ca.x509.publicKey));
    expect(good).toHaveLength(1);
    const [other = raw] = good;
    expect(digest(other)).not.toBe(digest(raw));
    // And back.
    expect(otherSpellings(other).map(digest)).toContain(digest(raw));
    expect(spelledAlike(other)).toEqual(spelledAlike(raw));
  });

  it('are known by one another\u2019s digests, and are one certificate to whoever remembers them', async () => {
    const bob = await ca.issue({ cn: 'bob' });
    const { raw } = bob.x509;
    const { raw: other } = spelledOtherwise(bob, ca);
    for (const [one, another] of [
      [raw, other],
      [other, raw],
    ] as const)
      expect(readCertificate(new X509Certificate(one)).fingerprints).toContain(digest(another));
    expect(openCertificate(other, true)).toBe(openCertificate(raw, true));
  });

  it('are not those of another certificate, of the same name or not', async () => {
    const [one, another] = [await ca.issue({ cn: 'bob' }), await ca.issue({ cn: 'bob' })];
    expect(spelledAlike(one.x509.raw)).not.toEqual(spelledAlike(another.x509.raw));
    expect(openCertificate(one.x509.raw, true)).not.toBe(openCertificate(another.x509.raw, true));
  });
});
