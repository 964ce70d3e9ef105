import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, type SecureVersion, type Server, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkCertificate, peerOf } from '../../src/identity/mtls.ts';
import { certificateIn } from '../../src/identity/tls-session.ts';
import { type Authority, createCa, createSelfSigned, type Issued } from '../support/pki.ts';

let ca: Authority;
let server: Server;
let rsa: Pick<Issued, 'certificate' | 'key'>;

beforeAll(async () => {
  ca = await createCa({ cn: 'Root CA' });
  rsa = selfSignedRsa();
  const { certificate: cert, key } = await ca.issueServer();
  server = createServer({
    ...{ cert, key, ca: ca.certificate, requestCert: true, rejectUnauthorized: false },
    minVersion: 'TLSv1.2',
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());

function selfSignedRsa(): Pick<Issued, 'certificate' | 'key'> {
  const dir = mkdtempSync(join(tmpdir(), 'qw-rsa-'));
  try {
    const [certificate, key] = [join(dir, 'cert.pem'), join(dir, 'key.pem')];
    const made = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=rsa', '-days', '2'];
    execFileSync('openssl', ['req', ...made, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
    return { certificate: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') };
  } finally {
    rmSync(dir, { recursive: true });
  }
}

interface Ends {
  /** As the server sees it. */
  readonly seen: TLSSocket;
  readonly client: TLSSocket;
}

async function meet(
  version: SecureVersion,
  shown: Pick<Issued, 'certificate' | 'key'> | undefined,
  session?: Buffer,
): Promise<Ends> {
  const client = connect({
    host: '127.0.0.1',
    servername: 'localhost',
    port: (server.address() as AddressInfo).port,
    ca: ca.certificate,
    minVersion: version,
    maxVersion: version,
    ...(shown && { cert: shown.certificate, key: shown.key }),
    ...(session && { session }),
  });
  const [[seen]] = await Promise.all([once(server, 'secureConnection'), once(client, 'secureConnect')]);
  return { seen, client };
}

/** What it takes to resume a session. */
async function ticketOf({ seen, client }: Ends): Promise<Buffer> {
  const told = once(client, 'session');
  // TLS 1.3 tickets come with what is read next.
  seen.write('x');
  client.resume();
  const [ticket] = client.getProtocol() === 'TLSv1.2' ? [client.getSession()] : await told;
  return ticket as Buffer;
}

const sessionOf = (socket: TLSSocket): Buffer => {
  const session = socket.getSession();
  if (session === undefined) throw new Error('there is no session');
  return session;
};

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('the certificate in a session of %s', (version) => {
  it.each(['ours', "a stranger's", 'RSA', 'one with its chain'])(
    'is the one that was shown: %s',
    async (which) => {
      const own = await ca.issue({ cn: 'alice' });
      const shown =
        which === 'ours'
          ? own
          : which === 'RSA'
            ? rsa
            : which === 'one with its chain'
              ? { ...own, certificate: `${own.certificate}\n${ca.certificate}` }
              : await createSelfSigned({ cn: 'alice' });
      const first = await meet(version, shown);
      const { raw } = new X509Certificate(shown.certificate);
      expect(Buffer.from(certificateIn(sessionOf(first.seen)) ?? [])).toEqual(raw);
      expect(first.seen.getPeerCertificate().raw).toEqual(raw);
      expect(peerOf(first.seen).certificate?.raw).toEqual(raw);

      const ticket = await ticketOf(first);
      const again = await meet(version, shown, ticket);
      expect(again.seen.isSessionReused()).toBe(true);
      expect(Buffer.from(certificateIn(sessionOf(again.seen)) ?? [])).toEqual(raw);
      expect(peerOf(again.seen).certificate?.raw).toEqual(raw);
      for (const { client } of [first, again]) client.destroy();
    },
  );

  it('is none where none was shown', async () => {
    const { seen, client } = await meet(version, undefined);
    expect(certificateIn(sessionOf(seen))).toBeUndefined();
    expect(peerOf(seen).certificate).toBeUndefined();
    client.destroy();
  });
});

it('is none of a connection that is gone', async () => {
  const { seen, client } = await meet('TLSv1.3', await ca.issue());
  client.destroy();
  seen.destroy();
  await once(seen, 'close');
  expect(peerOf(seen).certificate).toBeUndefined();
});

it('is asked for in another way where the session does not tell, and no secret of a session is left behind', async () => {
  const shown = await ca.issue();
  const { raw } = new X509Certificate(shown.certificate);
  for (const tell of [(session: Buffer) => session, (session: Buffer) => session.fill(0x30, 0, 4)]) {
    const { seen, client } = await meet('TLSv1.3', shown);
    const session = tell(sessionOf(seen));
    seen.getSession = () => session as Buffer<ArrayBuffer>;
    expect(peerOf(seen).certificate?.raw).toEqual(raw);
    expect(session.every((byte) => byte === 0)).toBe(true);
    client.destroy();
  }
});

it('is refused where it can not be read, and ends nothing but the request', async () => {
  const { seen, client } = await meet('TLSv1.3', await ca.issue());
  seen.getSession = () => undefined;
  seen.getPeerCertificate = () => ({ raw: Buffer.from('no certificate') }) as never;
  const peer = peerOf(seen);
  expect(peer).toMatchObject({ certificate: undefined, isUnreadable: true });
  expect(() => checkCertificate(peer, Date.now())).toThrow(
    expect.objectContaining({ status: 401, reason: 'certificate-invalid' }),
  );
  client.destroy();
});

describe('a session that is written otherwise', () => {
  const PEER = 0xa3;
  const value = (tag: number, ...content: number[]): number[] => [tag, content.length, ...content];
  const certificate = value(0x30, 1, 2, 3);
  const before = value(0x02, 1);
  const tell = (...bytes: number[]) => certificateIn(Uint8Array.from(bytes));

  it('is understood where nothing is wrong with it', () => {
    expect(tell(...value(0x30, ...before, ...value(PEER, ...certificate), ...before))).toEqual(
      Uint8Array.from(certificate),
    );
  });

  it.each([
    ['nothing', []],
    ['no SEQUENCE', value(0x31, ...value(PEER, ...certificate))],
    ['something behind it', [...value(0x30, ...value(PEER, ...certificate)), 0]],
    ['an empty member', value(0x30, ...value(PEER))],
    ['no SEQUENCE in the member', value(0x30, ...value(PEER, ...value(0x04, 1, 2)))],
    ['two values in the member', value(0x30, ...value(PEER, ...certificate, ...certificate))],
    ['a member that ends too late', [0x30, 4, PEER, 5, 0x30, 0]],
    ['a certificate that ends too late', value(0x30, PEER, 2, 0x30, 3)],
    ['a deeper member of that name', value(0x30, ...value(0x30, ...value(PEER, ...certificate)))],
  ])('is not read: %s', (_, bytes) => {
    expect(tell(...bytes)).toBeUndefined();
  });

  it('is never more than what there is, wherever it is cut off', async () => {
    const { seen, client } = await meet('TLSv1.3', await ca.issue());
    const session = sessionOf(seen);
    for (let length = 0; length < session.length; length += 1)
      expect(certificateIn(session.subarray(0, length))).toBeUndefined();
    client.destroy();
  });
});
