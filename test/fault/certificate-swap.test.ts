import { X509Certificate } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { reload } from '../support/control.ts';
import { type FrontDoor, http, openFrontDoor } from '../support/front-door.ts';
import { readAnswer } from '../support/http.ts';
import { type Authority, createCa, type Issued } from '../support/pki.ts';

const LIST = http('GET /v1.41/containers/json');
const SWAPS = 8;

let door: FrontDoor;
let ca: Authority;
let certificates: Issued[];

beforeAll(async () => {
  ca = await createCa({ cn: 'Server CA' });
  certificates = [await ca.issueServer({ cn: 'first' }), await ca.issueServer({ cn: 'second' })];
  door = await openFrontDoor({
    prepare: (dir) => put(dir, certificates[0] as Issued),
    config: {
      tls: { clientCa: 'clients/ca.pem', certificate: 'swap/cert.pem', key: 'swap/key.pem' },
      reload: { watchSeconds: 0 },
    },
  });
});
afterAll(() => door.close());

/** As a careful operator does it: written beside, then renamed into place. */
function put(dir: string, { certificate, key }: Issued): void {
  mkdirSync(`${dir}/swap`, { recursive: true });
  writeFileSync(`${dir}/swap/cert.new`, certificate);
  writeFileSync(`${dir}/swap/key.new`, key, { mode: 0o600 });
  renameSync(`${dir}/swap/cert.new`, `${dir}/swap/cert.pem`);
  renameSync(`${dir}/swap/key.new`, `${dir}/swap/key.pem`);
}

it('a server certificate that is swapped under load fails no handshake and no request', async () => {
  let over = false;
  const seen = new Map<string, number>();
  const tls = { ca: ca.certificate };
  const kept = await door.connect('alice', tls);
  const clients = Array.from({ length: 4 }, async () => {
    while (!over) {
      const client = await door.connect('alice', tls);
      const { serialNumber = '' } = client.socket.getPeerX509Certificate() ?? {};
      client.write(LIST);
      const { status } = readAnswer(await client.answered());
      client.socket.destroy();
      const what = `${serialNumber} ${status}`;
      seen.set(what, (seen.get(what) ?? 0) + 1);
    }
  });
  for (let swap = 1; swap <= SWAPS; swap += 1) {
    const next = certificates[swap % 2] as Issued;
    put(door.gateway.dir, next);
    expect((await reload(door.gateway.dir)).outcome).toBe('reloaded');
    // From here on nobody is shown the other one.
    const fresh = await door.connect('alice', tls);
    expect(fresh.socket.getPeerX509Certificate()?.serialNumber).toBe(next.x509.serialNumber);
    fresh.socket.destroy();
  }
  over = true;
  await Promise.all(clients);
  expect(new Set(seen.keys())).toEqual(
    new Set(certificates.map(({ certificate }) => `${new X509Certificate(certificate).serialNumber} 200`)),
  );
  // A key that is none of the certificate's changes nothing.
  writeFileSync(`${door.gateway.dir}/swap/key.pem`, (certificates[1] as Issued).key);
  writeFileSync(`${door.gateway.dir}/swap/cert.pem`, (certificates[0] as Issued).certificate);
  expect((await reload(door.gateway.dir)).outcome).toBe('refused');
  // Who was connected before all that still is.
  kept.write(LIST);
  expect(readAnswer(await kept.answered()).status).toBe(200);
  const before = kept.received().length;
  kept.write(LIST);
  await kept.until(new RegExp(`^[^]{${before}}HTTP/1.1 200`));
  kept.socket.destroy();
});
