import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { openCertificate, parseCertificate, readCertificate } from '../../src/identity/certificate.ts';
import {
  attributeValues,
  commonName,
  formatDistinguishedName,
  organizationalUnit,
} from '../../src/identity/distinguished-name.ts';
import {
  type Authority,
  type CertificateOptions,
  clientAuth,
  createCa,
  createSelfSigned,
} from '../support/pki.ts';

let ca: Authority;
beforeAll(async () => {
  ca = await createCa({ cn: 'Root, Inc.', o: 'Example' });
});

const factsOf = async (options: CertificateOptions) => readCertificate((await ca.issue(options)).x509);

describe('openCertificate', () => {
  it('parses the same bytes once, when they were verified', async () => {
    const { raw } = (await ca.issue()).x509;
    const first = openCertificate(raw, true);
    expect(first.raw).toEqual(raw);
    expect(openCertificate(Buffer.from(raw), true)).toBe(first);
  });

  it('remembers nothing of strangers, nor gives them what it remembers of others', async () => {
    const { raw } = (await ca.issue()).x509;
    const stranger = openCertificate(raw, false);
    expect(openCertificate(raw, false)).not.toBe(stranger);
    expect(openCertificate(raw, true)).not.toBe(stranger);
    expect(openCertificate((await ca.issue()).x509.raw, true).raw).not.toEqual(raw);
  });

  it('forgets the oldest of too many', async () => {
    const { raw } = (await ca.issue()).x509;
    const first = openCertificate(raw, true);
    const many = Array.from({ length: 1_024 }, (_, n) => differing(raw, n));
    for (const der of many) openCertificate(der, true);
    expect(openCertificate(raw, true)).not.toBe(first);
  });
});

/** The certificate with another serial number: nothing here verifies it. */
function differing(der: Buffer, n: number): Buffer {
  const other = Buffer.from(der);
  other.writeUInt16BE(n, 18);
  return other;
}

describe('parseCertificate', () => {
  it('takes bytes for what they are, and for nothing that stands in them', async () => {
    const inner = (await createSelfSigned({ cn: 'admin' })).certificate;
    const { raw } = (
      await ca.issue({
        cn: 'mallory',
        extensions: [new x509.Extension('1.3.6.1.4.1.99999.1', false, Buffer.from(`\n${inner}`))],
      })
    ).x509;
    expect(parseCertificate(raw).raw).toEqual(raw);
    expect(parseCertificate(raw).subject).toBe('CN=mallory');
    for (const isVerified of [true, false])
      expect(openCertificate(raw, isVerified).subject).toBe('CN=mallory');
  });

  it('takes nothing for a certificate that is none, or that has something behind it', async () => {
    const { certificate, x509: whole } = await ca.issue();
    const others = [
      Buffer.alloc(0),
      Buffer.from(certificate),
      whole.raw.subarray(1),
      Buffer.concat([whole.raw, Buffer.of(0)]),
    ];
    for (const bytes of others) expect(() => parseCertificate(bytes)).toThrow();
  });
});

describe('readCertificate', () => {
  it('agrees with OpenSSL on serial, digest, dates, usage and the CA flag', async () => {
    const { x509: certificate } = await ca.issue({ notAfter: new Date('2099-12-31T23:59:59Z') });
    const facts = readCertificate(certificate);
    expect(facts.serial).toBe(certificate.serialNumber);
    expect(facts.fingerprint).toBe(certificate.fingerprint256.replaceAll(':', '').toLowerCase());
    expect(Buffer.from(facts.thumbprint, 'base64url').toString('hex')).toBe(facts.fingerprint);
    expect(facts.notAfter).toBe(Date.UTC(2099, 11, 31, 23, 59, 59));
    expect(facts.usages).toEqual([clientAuth]);
    expect(facts.isCa).toBe(false);
    expect(readCertificate(ca.x509).isCa).toBe(true);
  });

  it('reads the same object once', async () => {
    const { x509: certificate } = await ca.issue();
    expect(readCertificate(certificate)).toBe(readCertificate(certificate));
  });

  it.each([
    ['a newline and an attribute', 'bob\nOU=operator'],
    ['a comma and an attribute', 'bob, OU=operator'],
    ['a slash and an attribute', 'bob/OU=operator'],
    ['a plus sign and an attribute', 'bob+OU=operator'],
    ['a NUL', 'bob\u0000.example.org'],
    ['a quote', '"bob"'],
    ['a backslash', 'bob\\, OU=operator'],
    ['a byte order mark', '\ufeffbob'],
  ])('reads a CN that holds %s as one value and no further attribute', async (_, cn) => {
    const { subject } = await factsOf({ cn });
    expect(attributeValues(subject, commonName)).toEqual([cn]);
    expect(attributeValues(subject, organizationalUnit)).toEqual([]);
  });

  it('reads any CN as @peculiar/x509 does', async () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(text, async (cn) => {
        const { x509: certificate } = await ca.issue({ cn, ou: ['a', 'b'] });
        const { subject } = readCertificate(certificate);
        const other = new x509.X509Certificate(certificate.raw).subjectName;
        expect(attributeValues(subject, commonName)).toEqual(other.getField('CN'));
        expect(attributeValues(subject, organizationalUnit)).toEqual(['a', 'b']);
      }),
      { numRuns: 50 },
    );
  });

  it('reads every string type that has one reading, and no other', async () => {
    const value = async (raw: string) =>
      attributeValues((await factsOf({ subject: [{ CN: [raw] }] })).subject, commonName);
    expect(await value('#0c02c3a9')).toEqual(['é']); // UTF8String
    expect(await value('#1302626f')).toEqual(['bo']); // PrintableString
    expect(await value('#1e0400e90062')).toEqual(['éb']); // BMPString
    expect(await value('#1402e962')).toEqual([undefined]); // T61String
  });

  it('finds the values of an RDN that has several attributes', async () => {
    const { subject } = await factsOf({ subject: [{ OU: ['a', 'b'], CN: ['alice'] }] });
    expect(attributeValues(subject, organizationalUnit)).toEqual(['a', 'b']);
  });

  it('sorts Subject Alternative Names by kind and never splits them', async () => {
    const { names } = await factsOf({
      san: [
        { type: 'url', value: 'spiffe://example.org/a,DNS:evil,URI:spiffe://example.org/root' },
        { type: 'dns', value: 'a.example.org, email:root@example.org' },
        { type: 'email', value: 'a@example.org' },
        { type: 'ip', value: '10.0.0.1' },
        { type: 'upn', value: 'alice@corp.example.org' },
      ],
    });
    expect(names).toEqual({
      uri: ['spiffe://example.org/a,DNS:evil,URI:spiffe://example.org/root'],
      dns: ['a.example.org, email:root@example.org'],
      email: ['a@example.org'],
    });
  });

  it('is not stopped by kinds of names that it does not know', async () => {
    // SEQUENCE { otherName { 1.2.3.4, [0] NULL }, dNSName "a.b" }
    const extension = new x509.Extension(
      '2.5.29.17',
      false,
      Buffer.from('3010a00906032a0304a00205008203612e62', 'hex'),
    );
    expect((await factsOf({ extensions: [extension] })).names.dns).toEqual(['a.b']);
  });

  it('refuses a certificate with two subjectAltName extensions', async () => {
    const extensions = ['a.example.org', 'b.example.org'].map(
      (value) => new x509.SubjectAlternativeNameExtension([{ type: 'dns', value }]),
    );
    await expect(factsOf({ extensions })).rejects.toThrow('more than one subjectAltName extension');
  });
});

describe('formatDistinguishedName', () => {
  it('prints the last part first and escapes by RFC 4514', async () => {
    const { subject, issuer } = await factsOf({ o: 'Example, Inc.', ou: 'a+b', cn: '#x "y"\n' });
    expect(formatDistinguishedName(subject)).toBe('CN=\\#x \\"y\\"\\0A,OU=a\\+b,O=Example\\, Inc.');
    expect(formatDistinguishedName(issuer)).toBe('CN=Root\\, Inc.,O=Example');
  });

  it('prints unknown types and strings without one reading in hexadecimal', async () => {
    const { subject } = await factsOf({ subject: [{ '1.2.3.4': ['#0c0161'] }, { CN: ['#1402e962'] }] });
    expect(formatDistinguishedName(subject)).toBe('CN=#1402e962,1.2.3.4=#0c0161');
  });
});
