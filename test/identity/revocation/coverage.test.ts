import { describe, expect, it } from 'vitest';
import { readCertificate } from '../../../src/identity/certificate.ts';
import { Authorities } from '../../../src/identity/revocation/authorities.ts';
import { lookUp } from '../../../src/identity/revocation/coverage.ts';
import { readDenyList } from '../../../src/identity/revocation/deny-list.ts';
import { createCa, type Issued, spelledOtherwise } from '../../support/pki.ts';

/** Why a client's certificate is revoked, with these CAs and this deny list. */
function revoked(of: Issued['x509'], cas: readonly string[], denied: string) {
  const lists = {
    authorities: new Authorities(Buffer.from(cas.join('\n'))),
    crls: new Map(),
    denied: readDenyList(denied).denied,
  };
  return lookUp(of, lists, Date.now()).revoked;
}

const fingerprintOf = ({ x509 }: Issued): string => `fingerprint:${readCertificate(x509).fingerprint}`;

describe('a CA that is denied denies what it issued', () => {
  it('when it is the root that issued it itself', async () => {
    const root = await createCa({ cn: 'Root' });
    const { x509 } = await root.issue({ cn: 'bob' });
    const expected = { by: 'deny list', isCa: true };
    expect(revoked(x509, [root.certificate], fingerprintOf(root))).toMatchObject(expected);
    expect(revoked(x509, [root.certificate], `serial:${root.x509.serialNumber}`)).toMatchObject(expected);
    expect(revoked(x509, [root.certificate], 'serial:00')).toBeUndefined();
  });

  it('when it is the root above the CA that did', async () => {
    const root = await createCa({ cn: 'Root' });
    const between = await root.intermediate({ cn: 'Between' });
    const { x509 } = await between.issue({ cn: 'bob' });
    expect(revoked(x509, [root.certificate, between.certificate], fingerprintOf(root))).toMatchObject({
      by: 'deny list',
      isCa: true,
    });
  });

  it('whichever of its certificates is denied, wherever that stands in the file', async () => {
    const root = await createCa({ cn: 'Root' });
    const between = await root.intermediate({ cn: 'Between' });
    const renewed = await root.renew(between);
    const { x509 } = await between.issue({ cn: 'bob' });
    for (const cas of [
      [root.certificate, between.certificate, renewed.certificate],
      [renewed.certificate, between.certificate, root.certificate],
    ])
      for (const each of [between, renewed])
        expect(revoked(x509, cas, fingerprintOf(each))).toMatchObject({ by: 'deny list', isCa: true });
  });
});

it('a certificate that is denied by its fingerprint is so in its other spelling', async () => {
  const ca = await createCa({ cn: 'Client CA' });
  const bob = await ca.issue({ cn: 'bob' });
  const other = spelledOtherwise(bob, ca);
  expect(other.fingerprint256).not.toBe(bob.x509.fingerprint256);
  for (const each of [bob.x509, other])
    expect(revoked(each, [ca.certificate], fingerprintOf(bob))).toMatchObject({
      by: 'deny list',
      isCa: false,
    });
});
