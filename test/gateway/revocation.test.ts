import { once } from 'node:events';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { soon } from '../fault/client.ts';
import { createCrl, crlPem } from '../support/crl.ts';
import { expectRefused, type FrontDoor, http, json, openFrontDoor } from '../support/front-door.ts';
import { type RawClient, readAnswer } from '../support/http.ts';
import { ocspAnswer, opensslAnswer, type Responder, startResponder } from '../support/ocsp.ts';
import { type Authority, createCa, type Issued } from '../support/pki.ts';
import { audience, createSigner, issuer } from '../support/tokens.ts';

const ping = http('GET /v1.41/_ping');
const start = (...headers: string[]) =>
  json(
    'POST /v1.41/exec/abc/start',
    '{"Detach":false,"Tty":true}',
    'Connection: Upgrade',
    'Upgrade: tcp',
    ...headers,
  );
const operator = { o: 'team-a', ou: 'operator' };

let door: FrontDoor;
let ca: Authority;
const issued = new Map<string, Issued>();

/** A client of the CA of these tests. */
async function client(name: string, by: Authority = ca): Promise<Issued> {
  const made = await by.issue({ cn: name, ...operator });
  issued.set(name, made);
  await door.certPath(name, made);
  return made;
}

const serialOf = (name: string): string => issued.get(name)?.x509.serialNumber ?? '';

/** As a careful operator does it: written beside, then renamed into place. */
function replace(name: string, content: string | Buffer): void {
  writeFileSync(`${door.gateway.dir}/${name}.new`, content);
  renameSync(`${door.gateway.dir}/${name}.new`, `${door.gateway.dir}/${name}`);
}

/** One more request on a connection that stays open. */
async function again(on: RawClient): Promise<{ status: number; body: string }> {
  const before = on.received().length;
  on.write(ping);
  await soon(() => /\r\n\r\n(OK|\{.*\n)$/.test(on.received().slice(before))).toBe(true);
  return readAnswer(on.received().slice(before));
}

/** What a client resumes its TLS session with. */
async function ticketOf(as: string): Promise<Buffer> {
  const on = await door.connect(as);
  const ticket = once(on.socket, 'session');
  await again(on);
  on.end();
  return (await ticket)[0] as Buffer;
}

async function session(as: string | null, ...headers: string[]): Promise<RawClient> {
  const opened = await door.connect(as);
  opened.write(start(...headers));
  await opened.until(/welcome/);
  return opened;
}

/** How the request of a session ended, by its last record. */
async function endingOf(on: RawClient): Promise<string | undefined> {
  const id = /quaywarden-request-id: (\S+)/i.exec(on.received())?.[1];
  const last = () =>
    door.gateway
      .auditRecords()
      .filter((record) => record.id === id)
      .at(-1);
  await soon(() => last()?.stage).toBe('complete');
  return last()?.outcome?.ending;
}

describe('a CRL in a file', () => {
  beforeAll(async () => {
    ca = await createCa({ cn: 'Client CA' });
    door = await openFrontDoor({
      prepare: (dir) => {
        mkdirSync(`${dir}/lists`);
        writeFileSync(`${dir}/own-ca.pem`, ca.certificate);
        writeFileSync(`${dir}/lists/clients.crl`, crlPem(ca));
      },
      config: { tls: { clientCa: 'own-ca.pem' }, revocation: { crls: [{ file: 'lists/clients.crl' }] } },
    });
  });
  afterAll(() => door.close());

  it('revokes while the gateway runs: on kept connections, resumed sessions and open streams alike, and nobody else', async () => {
    const mallory = await client('mallory');
    await client('bob');
    const kept = await door.connect('mallory');
    expect((await again(kept)).status).toBe(200);
    const open = await session('mallory');
    const other = await session('bob');
    const ticket = await ticketOf('mallory');

    replace('lists/clients.crl', crlPem(ca, { revoked: [mallory] }));
    await open.closed(20_000);
    open.end();
    expect(await endingOf(open)).toBe('revoked');
    expect(await again(kept)).toMatchObject({
      status: 401,
      body: expect.stringMatching(
        /was revoked on \d{4}-\d\d-\d\d \(keyCompromise\).*\[certificate-revoked\]/,
      ),
    });
    kept.end();
    await expectRefused(door, ping, { status: 401, reason: 'certificate-revoked' }, 'mallory');
    const resumed = await door.connect('mallory', { session: ticket });
    expect([resumed.socket.isSessionReused(), (await again(resumed)).status]).toEqual([true, 401]);
    resumed.end();

    expect((await door.ask(ping, 'bob')).status).toBe(200);
    expect(other.received()).toMatch(/welcome$/);
    other.end();
    await other.closed();
    expect(await endingOf(other)).not.toBe('revoked');
  });

  it('that is forged or no list at all is not taken: the last good one stays', async () => {
    const stranger = await createCa({ cn: 'Client CA' });
    for (const [content, why] of [
      [crlPem(ca, { signer: stranger }), /not signed with the key of CN=Client CA/],
      ['what is this', /holds no CRL/],
    ] as const) {
      replace('lists/clients.crl', content);
      await soon(() => door.gateway.log()).toMatch(why);
    }
    await expectRefused(door, ping, { status: 401, reason: 'certificate-revoked' }, 'mallory');
    expect((await door.ask(ping, 'bob')).status).toBe(200);
  });

  it('that runs out refuses everybody of its issuer until there is a newer one, and ends what they have open', async () => {
    const kept = await door.connect('bob');
    const opened = await session('bob');
    replace('lists/clients.crl', crlPem(ca, { nextUpdate: new Date(Date.now() + 4_000) }));
    await soon(async () => (await again(kept)).body).toContain('[revocation-unknown]');
    await opened.closed(30_000);
    opened.end();
    expect(await endingOf(opened)).toBe('revoked');
    await soon(() => door.gateway.log()).toContain(
      'a CRL is out of date: certificates of its issuer are refused',
    );
    replace('lists/clients.crl', crlPem(ca));
    await soon(async () => (await again(kept)).status).toBe(200);
    kept.end();
  });
});

/** A SPIFFE trust bundle with a CA, and a key that is for tokens. */
function spiffeBundle({ x509 }: Issued): string {
  const key = x509.publicKey.export({ format: 'jwk' });
  const keys = [
    { ...key, use: 'jwt-svid', kid: 'a' },
    { ...key, use: 'x509-svid', x5c: [x509.raw.toString('base64')] },
  ];
  return JSON.stringify({ keys, spiffe_sequence: 1, spiffe_refresh_hint: 300 });
}

async function refusedSoon(as: string, reason: string): Promise<void> {
  await soon(async () => (await door.ask(ping, as)).body).toContain(`[${reason}]`);
}

describe('CRLs of a URL, of a CA in a SPIFFE trust bundle', () => {
  let answer: () => { status: number; body?: Buffer; etag?: string };
  let asked = 0;
  const conditions: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked += 1;
    conditions.push(request.headers['if-none-match']);
    const { status, body, etag } = answer();
    response.writeHead(status, etag === undefined ? {} : { ETag: etag });
    response.end(body);
  });

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ca = await createCa({ cn: 'Client CA' });
    const { port } = server.address() as AddressInfo;
    answer = () => ({ status: 503 });
    door = await openFrontDoor({
      prepare: (dir) => writeFileSync(`${dir}/bundle.json`, spiffeBundle(ca)),
      config: {
        tls: { clientCa: 'bundle.json' },
        revocation: {
          crls: [{ url: `http://127.0.0.1:${port}/crl?secret=s3cr3t`, refreshSeconds: 1, timeoutSeconds: 2 }],
          uncovered: 'allow',
        },
      },
    });
  });
  afterAll(async () => {
    await door.close();
    server.closeAllConnections();
    server.close();
  });

  it('are fetched again and again; what fails or is garbage changes nothing, and before the first one nobody is let in', async () => {
    const mallory = await client('mallory');
    await client('bob');
    await expectRefused(door, ping, { status: 401, reason: 'revocation-unknown' }, 'bob');
    expect(door.gateway.log()).toMatch(/status 503","msg":"a CRL could not be loaded, and there is none yet/);
    answer = () => ({ status: 200, body: createCrl(ca, { revoked: [mallory] }), etag: '"1"' });
    await soon(async () => (await door.ask(ping, 'bob')).status).toBe(200);
    await refusedSoon('mallory', 'certificate-revoked');

    for (const [bytes, why] of [
      [Buffer.from('<html>'), /holds no CRL/],
      [Buffer.alloc(17 * 1_024 * 1_024), /more than 16777216 bytes/],
    ] as const) {
      answer = () => ({ status: 200, body: bytes });
      await soon(() => door.gateway.log()).toMatch(why);
    }
    await expectRefused(door, ping, { status: 401, reason: 'certificate-revoked' }, 'mallory');
    expect((await door.ask(ping, 'bob')).status).toBe(200);
    expect(door.gateway.log()).not.toContain('s3cr3t');

    const before = asked;
    answer = () => ({ status: 304 });
    await soon(() => asked).toBeGreaterThan(before);
    expect(conditions.at(-1)).toBe('"1"');
    await expectRefused(door, ping, { status: 401, reason: 'certificate-revoked' }, 'mallory');
  });
});

describe('a deny list, and a responder', () => {
  let responder: Responder;
  const signer = createSigner();
  const bearer = (claims: object) =>
    `Authorization: Bearer ${signer.mint({ roles: ['operator'], ...claims })}`;

  beforeAll(async () => {
    ca = await createCa({ cn: 'Client CA' });
    responder = await startResponder();
    responder.answer = (question) => ocspAnswer(ca, question);
    door = await openFrontDoor({
      prepare: (dir) => {
        writeFileSync(`${dir}/own-ca.pem`, ca.certificate);
        writeFileSync(`${dir}/issuer.pem`, signer.publicPem);
        writeFileSync(`${dir}/denied`, '# nobody yet\n');
      },
      config: {
        tls: { clientCa: 'own-ca.pem', clientCertificate: 'optional' },
        identity: {
          jwt: {
            issuers: [{ issuer, audience: [audience], algorithms: ['ES256'], keys: { file: 'issuer.pem' } }],
          },
        },
        revocation: {
          denyList: 'denied',
          ocsp: { mode: 'require', responder: responder.url, cacheSeconds: 1, timeoutSeconds: 2 },
        },
      },
    });
  });
  afterAll(async () => {
    await door.close();
    responder.close();
  });

  it('refuses certificates, tokens and names from one moment to the next, and ends what they have open', async () => {
    for (const name of ['by-serial', 'by-fingerprint', 'by-name', 'bob']) await client(name);
    const one = bearer({ sub: 'tom', jti: 'one' });
    const other = bearer({ sub: 'tom', jti: 'other' });
    const opened = await Promise.all([
      session('by-serial'),
      session('by-fingerprint'),
      session('by-name'),
      session(null, one),
      session(null, other),
      session('bob'),
    ]);
    replace(
      'denied',
      [
        '# 2026-11-26 laptop lost',
        `serial:${serialOf('by-serial').toLowerCase()} CN=Client CA   # stolen`,
        `serial:${serialOf('bob')} CN=Another CA`,
        `fingerprint: ${issued.get('by-fingerprint')?.x509.fingerprint256}`,
        'subject:by-name',
        'token:one # leaked in a log',
      ].join('\n'),
    );
    const gone = opened.slice(0, 4);
    await Promise.all(gone.map((each) => each.closed(20_000)));
    for (const each of gone) {
      each.end();
      expect(await endingOf(each)).toBe('revoked');
    }
    const denied = { status: 401, reason: 'certificate-revoked' };
    await expectRefused(door, ping, denied, 'by-serial');
    await expectRefused(door, ping, denied, 'by-fingerprint');
    await expectRefused(door, ping, { status: 401, reason: 'principal-denied' }, 'by-name');
    await expectRefused(
      door,
      http('GET /v1.41/_ping', one),
      { status: 401, reason: 'token-revoked', principal: 'tom', field: 'authorization' },
      null,
    );
    expect((await door.ask(http('GET /v1.41/_ping', other), null)).status).toBe(200);
    expect((await door.ask(ping, 'bob')).status).toBe(200);
    for (const each of opened.slice(4)) {
      expect(each.received()).toMatch(/welcome$/);
      each.end();
      await each.closed();
    }
  });

  it('with a fault denies what it can read of, and all that it denied before', async () => {
    replace('denied', 'subject:bob\nsubjct:alice\n');
    await refusedSoon('bob', 'principal-denied');
    await expectRefused(door, ping, { status: 401, reason: 'principal-denied' }, 'by-name');
    expect(door.gateway.log()).toContain('line 2: it must begin with serial:');
    expect(door.gateway.log()).not.toContain('subjct');
    replace('denied', 'subject:bob\n');
    await soon(async () => (await door.ask(ping, 'by-name')).status).toBe(200);
  });

  it('revokes by the word of OpenSSL’s responder, and lets nobody in whom it can not be asked about', async () => {
    const carol = await client('carol');
    const opened = await session('carol');
    responder.answer = (question) => opensslAnswer(ca, question, [carol], []);
    await opened.closed(30_000);
    opened.end();
    expect(await endingOf(opened)).toBe('revoked');
    await expectRefused(door, ping, { status: 401, reason: 'certificate-revoked' }, 'carol');
    responder.answer = () => null;
    await client('dave');
    await expectRefused(door, ping, { status: 401, reason: 'revocation-unknown' }, 'dave');
  });
});
