import { beforeAll, describe, expect, it } from 'vitest';
import { configSchema } from '../../src/config/schema.ts';
import { Refusal } from '../../src/errors.ts';
import { readCertificate } from '../../src/identity/certificate.ts';
import { mapCertificate } from '../../src/identity/certificate-mapping.ts';
import { type Authority, type CertificateOptions, createCa, type Issued } from '../support/pki.ts';

let ca: Authority;
beforeAll(async () => {
  ca = await createCa({ cn: 'Root CA' });
});

const config = (certificate: object = {}) => configSchema.shape.identity.parse({ certificate }).certificate;
const mapped = (issued: Issued, settings: object = {}) =>
  mapCertificate(readCertificate(issued.x509), config(settings));
const map = async (options: CertificateOptions, settings: object = {}) =>
  mapped(await ca.issue(options), settings);

async function refusalOf(options: CertificateOptions, settings: object = {}): Promise<[string, string]> {
  const error: unknown = await map(options, settings).catch((thrown: unknown) => thrown);
  if (!(error instanceof Refusal)) throw new Error('expected a refusal');
  expect(error.status).toBe(401);
  return [error.reason, error.message];
}

describe('mapCertificate', () => {
  it('takes the name from CN, the tenant from O and the roles from OU by default', async () => {
    expect(await map({ cn: 'alice', o: 'team-a', ou: ['viewer', 'ci', 'viewer'] })).toEqual({
      name: 'alice',
      tenant: 'team-a',
      roles: ['viewer', 'ci'],
    });
  });

  it('gives no roles and the default tenant to a certificate with neither O nor OU', async () => {
    expect(await map({ cn: 'alice' })).toEqual({ name: 'alice', tenant: 'default', roles: [] });
  });

  it.each([
    ['uri', { type: 'url', value: 'spiffe://example.org/ns/ci/sa/builder' }],
    ['dns', { type: 'dns', value: 'build-1.example.org' }],
    ['email', { type: 'email', value: 'alice@example.org' }],
  ] as const)('takes the name from the one %s SAN', async (name, san) => {
    const other = [{ type: 'ip', value: '10.0.0.1' } as const, san];
    expect((await map({ cn: 'ignored', san: other }, { name })).name).toBe(san.value);
  });

  it('takes a SAN with commas whole', async () => {
    const value = 'spiffe://example.org/a,URI:spiffe://example.org/root';
    expect((await map({ san: [{ type: 'url', value }] }, { name: 'uri' })).name).toBe(value);
  });

  it('can take the tenant from OU, the roles from O, or neither', async () => {
    const options = { cn: 'alice', o: ['viewer', 'ci'], ou: 'team-a' };
    expect(await map(options, { tenant: 'ou', roles: 'o' })).toMatchObject({
      tenant: 'team-a',
      roles: ['viewer', 'ci'],
    });
    const none = { tenant: 'none', roles: 'none', defaultTenant: 'shared' };
    expect(await map(options, none)).toMatchObject({ tenant: 'shared', roles: [] });
  });

  it.each([
    ['no CN', { cn: undefined }, 'certificate-name-missing'],
    ['an empty CN', { subject: [{ CN: ['#0c00'] }] }, 'certificate-name-invalid'],
    ['two CNs', { cn: ['alice', 'bob'] }, 'certificate-name-ambiguous'],
    ['a newline in the CN', { cn: 'alice\nOU=operator' }, 'certificate-name-invalid'],
    ['a NUL in the CN', { cn: 'alice\u0000.example.org' }, 'certificate-name-invalid'],
    ['an escape sequence in the CN', { cn: 'alice\u001b[2J' }, 'certificate-name-invalid'],
    ['a right-to-left override in the CN', { cn: 'alice\u202egnp' }, 'certificate-name-invalid'],
    ['a zero-width space in the CN', { cn: 'ali\u200bce' }, 'certificate-name-invalid'],
    ['a Hangul filler in the CN', { cn: 'alice\u3164' }, 'certificate-name-invalid'],
    ['a variation selector in the CN', { cn: 'alice\ufe0f' }, 'certificate-name-invalid'],
    ['a Braille pattern without dots in the CN', { cn: 'ali\u2800ce' }, 'certificate-name-invalid'],
    ['a space that is not the plain one in the CN', { cn: 'alice\u00a0a' }, 'certificate-name-invalid'],
    ['a decomposed letter in the CN', { cn: 'ame\u0301lie' }, 'certificate-name-invalid'],
    ['a blank at the end of the CN', { cn: 'alice ' }, 'certificate-name-invalid'],
    ['a CN of 257 characters', { cn: 'a'.repeat(257) }, 'certificate-name-invalid'],
    ['a CN in T61String', { subject: [{ CN: ['#1402e962'] }] }, 'certificate-name-invalid'],
  ] as [string, CertificateOptions, string][])('refuses %s', async (_, options, expected) => {
    const [reason, sentence] = await refusalOf(options);
    expect(reason).toBe(expected);
    expect(sentence).toMatch(/^the client certificate.*commonName \(CN\)/);
  });

  it('keeps a CN with commas, slashes and equal signs as the whole name', async () => {
    expect(await map({ cn: 'bob, OU=operator/OU=operator' })).toEqual({
      name: 'bob, OU=operator/OU=operator',
      tenant: 'default',
      roles: [],
    });
  });

  it('refuses several SANs of the kind that names, and none', async () => {
    const two = ['a', 'b'].map((part) => ({ type: 'url', value: `spiffe://example.org/${part}` }) as const);
    expect(await refusalOf({ san: two }, { name: 'uri' })).toEqual([
      'certificate-name-ambiguous',
      'the client certificate has more than one URI in its subjectAltName; use one that has exactly one',
    ]);
    expect(await refusalOf({}, { name: 'email' })).toEqual([
      'certificate-name-missing',
      'the client certificate has no email address in its subjectAltName, which names its holder here',
    ]);
  });

  it.each(['-', '*', '../a', 'team a', 'team/a', 'a,b', 'a\nb', '', 'é', 'a'.repeat(257)])(
    'refuses %j as a tenant and as a role',
    async (value) => {
      expect((await refusalOf({ o: value }))[0]).toBe('certificate-tenant-invalid');
      expect((await refusalOf({ ou: ['viewer', value] }))[0]).toBe('certificate-role-invalid');
    },
  );

  it('refuses two tenants', async () => {
    const [reason, sentence] = await refusalOf({ o: ['team-a', 'team-b'] });
    expect(reason).toBe('certificate-tenant-invalid');
    expect(sentence).toContain('organization (O) can not name a tenant; it must be one value');
  });
});

describe('the rules of mapCertificate', () => {
  it('let the first match decide and fill in from the certificate what it leaves out', async () => {
    const rules = [
      { match: { name: 'bob' }, tenant: 'team-b' },
      { match: { name: 'alice' }, roles: ['operator'] },
      { match: { name: 'alice' }, name: 'never' },
    ];
    expect(await map({ cn: 'alice', o: 'team-a', ou: 'viewer' }, { rules })).toEqual({
      name: 'alice',
      tenant: 'team-a',
      roles: ['operator'],
    });
  });

  it('match only if every given key matches', async () => {
    const issued = await ca.issue({ cn: 'alice', san: [{ type: 'url', value: 'spiffe://example.org/ci' }] });
    const all = {
      name: 'alice',
      uri: 'spiffe://example.org/ci',
      fingerprint: issued.x509.fingerprint256,
      issuer: 'Root CA',
    };
    const named = (match: object) => mapped(issued, { rules: [{ match, name: 'matched' }] }).name;
    expect(named(all)).toBe('matched');
    expect(named({ fingerprint: all.fingerprint.replaceAll(':', '').toLowerCase() })).toBe('matched');
    expect(named({ ...all, name: 'bob' })).toBe('alice');
    expect(named({ ...all, uri: 'spiffe://example.org/ci/x' })).toBe('alice');
    expect(named({ ...all, fingerprint: '00'.repeat(32) })).toBe('alice');
    expect(named({ ...all, issuer: 'Other CA' })).toBe('alice');
  });

  it('do not match by URI a certificate that has two', async () => {
    const san = ['ci', 'root'].map(
      (part) => ({ type: 'url', value: `spiffe://example.org/${part}` }) as const,
    );
    const rules = [{ match: { uri: 'spiffe://example.org/root' }, roles: ['operator'] }];
    expect((await map({ cn: 'alice', san }, { rules })).roles).toEqual([]);
  });

  it('can name the holder of a certificate that has no name of its own', async () => {
    const issued = await ca.issue({ cn: undefined, o: 'Some Corp, Inc.' });
    const match = { fingerprint: issued.x509.fingerprint256 };
    expect(mapped(issued, { rules: [{ match, name: 'scanner', tenant: 'infra' }] })).toEqual({
      name: 'scanner',
      tenant: 'infra',
      roles: [],
    });
  });

  it('refuse whom they do not name when onlyRules is set', async () => {
    const settings = { onlyRules: true, rules: [{ match: { name: 'bob' } }] };
    expect((await map({ cn: 'bob' }, settings)).name).toBe('bob');
    expect(await refusalOf({ cn: 'alice' }, settings)).toEqual([
      'certificate-not-mapped',
      'the client certificate is valid, but no rule of this gateway names its holder; ask its operator for one',
    ]);
  });
});
