import 'reflect-metadata';
import { X509Certificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectRefused, type FrontDoor, http, openFrontDoor } from '../support/front-door.ts';
import { type CertificateOptions, createSelfSigned, type Issued } from '../support/pki.ts';

// Node reads bytes as PEM before it reads them as DER, and PEM begins wherever a line says so: a certificate that our CA issued
// to one client can hold the text of another's. Found by a reviewer; each of these was somebody else before the fix.

let door: FrontDoor;
let alice: Issued;
beforeAll(async () => {
  door = await openFrontDoor();
  alice = await door.ca.issue({ cn: 'alice', o: 'team-a', ou: 'operator' });
});
afterAll(() => door.close());

/** Where a client has a say in what its certificate holds. */
const places: Readonly<Record<string, (text: string) => CertificateOptions>> = {
  'an extension': (text) => ({
    extensions: [new x509.Extension('1.3.6.1.4.1.99999.1', false, Buffer.from(text))],
  }),
  'a name of its subject': (text) => ({
    subject: [{ O: ['team-a'] }, { L: [{ utf8String: text }] }, { CN: ['mallory'] }],
  }),
  'an alternative name': (text) => ({ san: [{ type: 'url', value: text }] }),
};

/** As it has to stand: on lines of its own. */
const onItsOwn = ({ certificate }: Issued): string => `\n${certificate.trim()}\n`;

describe.each(Object.entries(places))('a certificate with another one in %s', (where, hiding) => {
  it.each([
    ['that its client made up', () => createSelfSigned({ cn: 'alice', o: 'team-a', ou: 'operator' })],
    ['that is somebody else’s', async () => alice],
  ])('is nobody else for it: %s', async (what, of) => {
    const inner = await of();
    const mallory = await door.ca.issue({ cn: 'mallory', o: 'team-a', ...hiding(onItsOwn(inner)) });
    // What it is about: Node itself takes these bytes for the other certificate.
    expect(new X509Certificate(mallory.x509.raw).fingerprint256).toBe(inner.x509.fingerprint256);
    const name = `mallory, ${where}, ${what}`.replace(/[^a-z]+/g, '-');
    await door.certPath(name, mallory);
    const { record } = await expectRefused(
      door,
      http('GET /v1.41/containers/json'),
      { status: 403, reason: 'not-granted', principal: 'mallory' },
      name,
    );
    expect(record.principal).toMatchObject({
      roles: [],
      certificateThumbprint: thumbprintOf(mallory.x509),
      certificateSerial: mallory.x509.serialNumber,
    });
  });
});

function thumbprintOf({ fingerprint256 }: X509Certificate): string {
  return Buffer.from(fingerprint256.replaceAll(':', ''), 'hex').toString('base64url');
}
