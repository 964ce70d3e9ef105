import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { soon } from '../fault/client.ts';
import { adminOf, scrape } from '../observe/scrape.ts';
import { type FrontDoor, openFrontDoor } from '../support/front-door.ts';
import { ocspAnswer, opensslAnswer, type Responder, startResponder } from '../support/ocsp.ts';
import { type Authority, createCa, type Issued } from '../support/pki.ts';

let door: FrontDoor;
let ca: Authority;
let first: Issued;
let second: Issued;
let responder: Responder;
const SHORT_MS = 4_000;

beforeAll(async () => {
  ca = await createCa({ cn: 'Server CA' });
  [first, second] = await Promise.all([ca.issueServer(), ca.issueServer()]);
  responder = await startResponder();
  // OpenSSL's own answer first.
  responder.answer = (question) => opensslAnswer(ca, question, [], [first]);
  door = await openFrontDoor({
    config: {
      admin: { listen: '127.0.0.1:0' },
      limits: { headersSeconds: 3 },
      reload: { watchSeconds: 0 },
      tls: {
        clientCa: 'clients/ca.pem',
        certificate: 'server.pem',
        key: 'server.key',
        stapling: { enabled: true, responder: responder.url, issuer: 'server-ca.pem' },
      },
    },
    prepare: (dir) => {
      writeFileSync(`${dir}/server-ca.pem`, ca.certificate);
      put(dir, first);
    },
  });
});
afterAll(async () => {
  await door?.close();
  responder?.close();
});

function put(dir: string, server: Issued): void {
  for (const [name, text] of [
    ['server.pem', server.certificate],
    ['server.key', server.key],
  ] as const) {
    writeFileSync(`${dir}/${name}.new`, text, { mode: 0o600 });
    renameSync(`${dir}/${name}.new`, `${dir}/${name}`);
  }
}

/** What `openssl s_client -status` says of the staple, verified with the CA: its answer and about which certificate. */
async function stapled(): Promise<string> {
  const { gateway } = door;
  const { stdout } = await promisify(execFile)('sh', [
    '-c',
    'openssl s_client -connect "127.0.0.1:$0" -CAfile "$1" -status </dev/null 2>&1 || true',
    String(gateway.port),
    `${gateway.dir}/server-ca.pem`,
  ]);
  if (stdout.includes('OCSP response: no response sent') && stdout.includes('Verify return code: 0 (ok)'))
    return 'none';
  const [, serial = '', status = 'unclear'] =
    /Serial Number: ([0-9A-F]+)\s+Cert Status: (\w+)/.exec(stdout) ?? [];
  const shown = new X509Certificate(
    /Server certificate\s+(-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----)/.exec(stdout)?.[1] ??
      '',
  );
  return shown.serialNumber === serial ? `${status} ${serial}` : `unclear ${stdout}`;
}
const good = (server: Issued): string => `good ${server.x509.serialNumber}`;

async function told(): Promise<{ status?: string; fault?: string; until?: string }> {
  const answer = await fetch(`${adminOf(door.gateway)}/readyz`);
  return ((await answer.json()) as { stapling: object }).stapling;
}

const staple = async (): Promise<number> =>
  (await scrape(door.gateway)).values.get('quaywarden_ocsp_staple_expiry_timestamp_seconds') ?? -1;

it('staples what the responder says, verified, and once for all who ask', async () => {
  await soon(stapled).toBe(good(first));
  const asked = responder.asked();
  await stapled();
  expect(responder.asked()).toBe(asked);
  expect(await staple()).toBeGreaterThan(Date.now() / 1_000);
  expect(await told()).toMatchObject({ status: 'good' });
});

it('another certificate gets another staple, and never that of the one before', async () => {
  responder.answer = (question) => ocspAnswer(ca, question, { nextUpdate: new Date(Date.now() + SHORT_MS) });
  put(door.gateway.dir, second);
  door.gateway.signal('SIGHUP');
  const seen = new Set<string>();
  await soon(async () => {
    const now = await stapled();
    seen.add(now);
    return now;
  }).toBe(good(second));
  // With the new certificate a client verifies no answer about the old one.
  expect([...seen].filter((each) => each.startsWith('unclear'))).toEqual([]);
});

it('asks again before the answer runs out, and staples none that has or that is not of the CA', async () => {
  const before = responder.asked();
  await soon(() => responder.asked()).toBeGreaterThan(before);
  const other = await createCa({ cn: 'Server CA' });
  responder.answer = (question) => ocspAnswer(other, question);
  await soon(stapled).toBe('none');
  expect(await staple()).toBe(0);
  expect(await told()).toMatchObject({ fault: expect.stringContaining('signature') });
});
