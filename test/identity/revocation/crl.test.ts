import 'reflect-metadata';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { CRLDistributionPointsExtension, Extension } from '@peculiar/x509';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ConfigError } from '../../../src/errors.ts';
import { normalizeSerial } from '../../../src/identity/der-values.ts';
import { der } from '../../../src/identity/der-write.ts';
import { formatDistinguishedName } from '../../../src/identity/distinguished-name.ts';
import { Authorities } from '../../../src/identity/revocation/authorities.ts';
import { readCrl, readSealedCrl } from '../../../src/identity/revocation/crl.ts';
import { CrlSource } from '../../../src/identity/revocation/crl-source.ts';
import { readDenyList } from '../../../src/identity/revocation/deny-list.ts';
import { type CrlOptions, createCrl, crlPem, subjectOf } from '../../support/crl.ts';
import { bitString, extension, integer, oid } from '../../support/der.ts';
import { type Authority, createCa, type Issued } from '../../support/pki.ts';
import { type Lists, openLists } from './support.ts';

const minute = 60_000;
let ca: Authority;
let alice: Issued;
let lists: Lists | undefined;

beforeAll(async () => {
  ca = await createCa({ cn: 'Client CA' });
  alice = await ca.issue();
});
afterEach(() => {
  lists?.close();
  lists = undefined;
});

async function open(crl: string | Buffer, more: object = {}, cas = ca.certificate): Promise<Lists> {
  lists = await openLists(cas, { crl }, { crls: [{ file: 'crl' }], ...more });
  return lists;
}

const scope = (...fields: Buffer[]) => extension('2.5.29.28', der(0x30, ...fields), true);
const yes = Buffer.from([0xff]);
const point = (url: string) => der(0xa0, der(0xa0, der(0x86, url)));

describe('a CRL', () => {
  it.each([
    ['in PEM', () => crlPem(ca, { revoked: [alice] })],
    ['in DER', () => createCrl(ca, { revoked: [alice] })],
    ['beside others in one file', () => `${crlPem(ca)}${crlPem(ca, { revoked: [alice] })}`],
    ['with entries that say no reason', () => crlPem(ca, { revoked: [alice], entryExtensions: [] })],
    [
      'with a number and an unknown extension',
      () =>
        crlPem(ca, {
          revoked: [alice],
          extensions: [extension('2.5.29.20', integer('07')), extension('1.2.3', Buffer.from('?'))],
        }),
    ],
    [
      'for user certificates only',
      () => crlPem(ca, { revoked: [alice], extensions: [scope(der(0x81, yes))] }),
    ],
    [
      'for another point, as it names the certificate',
      () => crlPem(ca, { revoked: [alice], extensions: [scope(point('http://other/'))] }),
    ],
  ])('%s revokes what it names', async (_, crl) => {
    const { verdict } = await open(crl(), { uncovered: 'allow' });
    expect([await verdict(alice), await verdict(await ca.issue())]).toEqual(['certificate-revoked', 'taken']);
  });

  it('as OpenSSL makes it revokes what it names', async () => {
    const dir = mkdtempSync(`${tmpdir()}/qw-crl-`);
    try {
      const file = (name: string, text: string) => writeFileSync(`${dir}/${name}`, text);
      file('ca.pem', ca.certificate);
      file('key.pem', ca.key);
      file('number', '01\n');
      file(
        'index',
        `R\t350101000000Z\t260101000000Z,superseded\t${alice.x509.serialNumber}\tunknown\t/CN=alice\n`,
      );
      file(
        'conf',
        '[ca]\ndefault_ca=it\n[it]\ndatabase=index\ncrlnumber=number\ndefault_md=sha384\ndefault_crl_days=1\ncrl_extensions=more\n[more]\nauthorityKeyIdentifier=keyid\n',
      );
      const signer = ['-cert', 'ca.pem', '-keyfile', 'key.pem'];
      execFileSync('openssl', ['ca', '-gencrl', '-config', 'conf', ...signer, '-out', 'crl'], {
        cwd: dir,
        stdio: 'ignore',
      });
      const { verdict, revocation } = await open(readFileSync(`${dir}/crl`));
      expect([await verdict(alice), await verdict(await ca.issue())]).toEqual([
        'certificate-revoked',
        'taken',
      ]);
      expect(revocation.state().crls[0]).toMatchObject({
        issuer: 'CN=Client CA',
        entries: 1,
        isStale: false,
      });
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it.each([
    [
      'that is forged',
      async () => ({ signer: await createCa({ cn: 'Client CA' }) }),
      /not signed with the key of CN=Client CA/,
    ],
    ['without nextUpdate', async () => ({ nextUpdate: null }), /no nextUpdate/],
    ['from the future', async () => ({ thisUpdate: new Date(Date.now() + 10 * minute) }), /not valid before/],
    [
      'that is a delta',
      async () => ({ extensions: [extension('2.5.29.27', integer('01'), true)] }),
      /delta CRL/,
    ],
    ['that is indirect', async () => ({ extensions: [scope(der(0x84, yes))] }), /indirect CRL/],
    [
      'with entries of other issuers',
      async () => ({ revoked: [alice], entryExtensions: [extension('2.5.29.29', der(0x30), true)] }),
      /indirect CRL/,
    ],
    [
      'for some reasons only',
      async () => ({ extensions: [scope(der(0x83, Buffer.from([6, 0x40])))] }),
      /some reasons/,
    ],
    [
      'with an unknown critical extension',
      async () => ({ extensions: [extension('1.2.3.4', der(0x05), true)] }),
      /critical extension that is not known here \(1\.2\.3\.4\)/,
    ],
    [
      'with an unknown critical extension of an entry',
      async () => ({ revoked: [alice], entryExtensions: [extension('1.2.3.4', der(0x05), true)] }),
      /an entry of it has a critical extension/,
    ],
    [
      'with an extension twice',
      async () => ({ extensions: [extension('1.2.3', der(0x05)), extension('1.2.3', der(0x05))] }),
      /an extension twice/,
    ],
  ] as [string, () => Promise<CrlOptions>, RegExp][])(
    '%s stops the start, and later leaves the last good one',
    async (_, options, why) => {
      const bad = crlPem(ca, await options());
      await expect(open(bad)).rejects.toThrow(why);
      await expect(open(bad)).rejects.toThrow(ConfigError);
      const { verdict, revocation, write } = await open(crlPem(ca, { revoked: [alice] }));
      write('crl', bad);
      await revocation.reload();
      expect(revocation.state().crls[0]).toMatchObject({ entries: 1, fault: expect.stringMatching(why) });
      expect(await verdict(alice)).toBe('certificate-revoked');
    },
  );

  it.each([
    ['its tbs', der(0x30, Buffer.alloc(2_000_000, Buffer.from('0500', 'hex'))), /strict DER/],
    [
      'its issuer',
      der(0x30, oid('1.2'), der(0x30, der(0x31, der(0x30, der(0x06, Buffer.alloc(64_000, 0xff)))))),
      /more than 4096 bytes/,
    ],
    [
      'an object identifier of its issuer',
      der(0x30, oid('1.2'), der(0x30, der(0x31, der(0x30, der(0x06, Buffer.alloc(65, 1)))))),
      /more than 64 bytes/,
    ],
  ])('without a signature is not read further than that takes: %s is long', async (_, tbs, why) => {
    await expect(open(der(0x30, tbs, oid('1.2'), bitString(Buffer.alloc(64))))).rejects.toThrow(why);
  });

  it('is not read before its signature is verified', async () => {
    const options = { signer: await createCa({ cn: 'Client CA' }), nextUpdate: null };
    await expect(open(crlPem(ca, options))).rejects.toThrow(/not signed with the key of/);
    const later = createCrl(ca, { extensions: [extension('1.2.3.4', der(0x05), true)] });
    later[later.length - 1] = (later.at(-1) ?? 0) ^ 1;
    await expect(open(later)).rejects.toThrow(/not signed with the key of/);
  });

  it('in PEM is looked for in one go, however often it begins', async () => {
    await expect(open('-----BEGIN X509 CRL-----\n'.repeat(40_000))).rejects.toThrow(
      /ends in the middle of a CRL/,
    );
    await expect(open(crlPem(ca).repeat(1_001))).rejects.toThrow(/more than 1000 CRLs/);
  });

  it('of a CA that may not sign any is not taken', async () => {
    const mute = await createCa({ cn: 'Client CA', crlSign: false });
    await expect(open(crlPem(mute), {}, mute.certificate)).rejects.toThrow(/does not let it sign CRLs/);
  });

  it('of which a byte is another is not taken', async () => {
    const good = createCrl(ca, { revoked: [alice] });
    for (let at = 0; at < good.length; at += 7) {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] ?? 0) ^ 0x11;
      await expect(open(bad)).rejects.toThrow(ConfigError);
    }
  });

  it('that could not be used is tried again without a change of the file', async () => {
    const lists = await open(crlPem(ca));
    lists.write('crl', crlPem(ca, { thisUpdate: new Date(Date.now() + 10 * minute), revoked: [alice] }));
    await lists.revocation.reload();
    expect([await lists.verdict(alice), lists.revocation.state().crls[0]?.fault]).toEqual([
      'taken',
      expect.stringContaining('not valid before'),
    ]);
    lists.later = 11 * minute;
    await expect.poll(() => lists.verdict(alice), { timeout: 20_000 }).toBe('certificate-revoked');
  });

  it('that was issued before the one in use is not taken, nor one that leaves a CA out', async () => {
    const other = await createCa({ cn: 'Other CA' });
    const { verdict, revocation, write } = await open(
      crlPem(ca, { revoked: [alice] }),
      {},
      `${ca.certificate}${other.certificate}`,
    );
    write('crl', crlPem(ca, { thisUpdate: new Date(Date.now() - 10 * minute) }));
    await revocation.reload();
    expect([await verdict(alice), revocation.state().crls[0]?.fault]).toEqual([
      'certificate-revoked',
      expect.stringContaining('before the one in use'),
    ]);
    write('crl', crlPem(other));
    await revocation.reload();
    expect([await verdict(alice), revocation.state().crls[0]?.fault]).toEqual([
      'certificate-revoked',
      expect.stringContaining('no CRL of CN=Client CA'),
    ]);
  });

  it('for other certificates does not make up for one that is older than the one in use, or gone', async () => {
    const users = (options: CrlOptions = {}) =>
      crlPem(ca, { ...options, extensions: [scope(der(0x81, yes))] });
    const cas = (options: CrlOptions = {}) => crlPem(ca, { ...options, extensions: [scope(der(0x82, yes))] });
    const { verdict, revocation, write } = await open(users({ revoked: [alice] }) + cas(), {
      uncovered: 'allow',
    });
    const now = { thisUpdate: new Date() };
    const old = { thisUpdate: new Date(Date.now() - 10 * minute) };
    const told = async (crl: string) => {
      write('crl', crl);
      await revocation.reload();
      return [await verdict(alice), revocation.state().crls[0]?.fault];
    };
    expect(await told(users(old) + cas(now))).toEqual([
      'certificate-revoked',
      expect.stringContaining('before the one in use'),
    ]);
    expect(await told(cas(now))).toEqual([
      'certificate-revoked',
      expect.stringContaining('none for the same certificates'),
    ]);
    expect(await told(crlPem(ca, now))).toEqual(['taken', undefined]);
  });

  it('that is long is read in many turns, in which others have theirs', async () => {
    const serials = Array.from({ length: 20_000 }, (_, index) => `4${index.toString(16).padStart(31, '0')}`);
    const bytes = createCrl(ca, { revoked: [...serials, alice] });
    let turns = 0;
    let isRead = false;
    const turn = (): void => {
      turns += 1;
      if (!isRead) setImmediate(turn);
    };
    setImmediate(turn);
    const { revoked } = await readCrl(readSealedCrl(bytes));
    isRead = true;
    expect([revoked.size, turns >= 20]).toEqual([20_001, true]);
    expect(revoked.get(normalizeSerial(alice.x509.serialNumber))?.reason).toBe('keyCompromise');
  });
});

describe('a certificate that no list in date is for', () => {
  it.each([
    [{}, 'taken', 'revocation-unknown'],
    [{ staleCrl: 'warn' }, 'taken', 'taken'],
  ])('with %j', async (config, before, after) => {
    const { verdict, warnings } = await open(
      crlPem(ca, { nextUpdate: new Date(Date.now() + minute) }),
      config,
    );
    expect(await verdict(alice)).toBe(before);
    if (lists !== undefined) lists.later = 2 * minute;
    expect(await verdict(alice)).toBe(after);
    expect(warnings).toEqual([]);
  });

  it('is told in the log once, and revoked all the same when it is on it', async () => {
    const stale = { revoked: [alice], nextUpdate: new Date(Date.now() - 1_000) };
    const { verdict, warnings } = await open(crlPem(ca, stale), { staleCrl: 'warn' });
    expect([await verdict(alice), await verdict(await ca.issue())]).toEqual(['certificate-revoked', 'taken']);
    expect(warnings).toEqual([expect.stringContaining('a CRL is out of date')]);
  });

  it.each([
    [{}, 'revocation-unknown'],
    [{ uncovered: 'allow' }, 'taken'],
  ])('of another CA, with %j', async (config, expected) => {
    const other = await createCa({ cn: 'Other CA' });
    const { verdict } = await open(crlPem(ca), config, `${ca.certificate}${other.certificate}`);
    expect([await verdict(await other.issue()), await verdict(alice)]).toEqual([expected, 'taken']);
  });

  it('is one that a CA of the same name with another key issued', async () => {
    const other = await createCa({ cn: 'Client CA' });
    const { verdict } = await open(crlPem(ca), {}, `${ca.certificate}${other.certificate}`);
    expect(await verdict(await other.issue())).toBe('revocation-unknown');
  });

  it('is one that names another distribution point, or none', async () => {
    const url = 'http://pki.example.org/1.crl';
    const { verdict } = await open(crlPem(ca, { extensions: [scope(point(url))] }));
    const at = (where: string) => ca.issue({ extensions: [new CRLDistributionPointsExtension([where])] });
    expect(await verdict(await at(url))).toBe('taken');
    expect(await verdict(await at(`${url}2`))).toBe('revocation-unknown');
    expect(await verdict(alice)).toBe('revocation-unknown');
  });

  it('is a client’s where the list is of CAs only', async () => {
    const { verdict } = await open(crlPem(ca, { extensions: [scope(der(0x82, yes))] }));
    expect(await verdict(alice)).toBe('revocation-unknown');
  });
});

describe('a CA below another', () => {
  it('needs the list of the CA above it, which can revoke it with all that it issued', async () => {
    const below = await ca.intermediate({ cn: 'CI CA' });
    const builder = await below.issue();
    const cas = `${ca.certificate}${below.certificate}`;
    const { verdict, revocation, write } = await open(`${crlPem(below)}${crlPem(ca)}`, {}, cas);
    expect(await verdict(builder)).toBe('taken');
    write('crl', `${crlPem(below)}${crlPem(ca, { revoked: [below] })}`);
    await revocation.reload();
    expect(await verdict(builder)).toBe('certificate-revoked');
    lists?.close();
    const half = await open(crlPem(below), {}, cas);
    expect(await half.verdict(builder)).toBe('revocation-unknown');
    lists?.close();
    const sentAlong = await open(crlPem(ca));
    expect(await sentAlong.verdict(builder)).toBe('revocation-unknown');
  });

  it('that was renewed with its key is known by any of its certificates', async () => {
    const dir = mkdtempSync(`${tmpdir()}/qw-crl-`);
    writeFileSync(`${dir}/key.pem`, ca.key);
    const request = ['req', '-new', '-x509', '-key', 'key.pem', '-subj', '/CN=Client CA', '-set_serial', '7'];
    const renewed = execFileSync('openssl', request, { cwd: dir, encoding: 'utf8' });
    rmSync(dir, { recursive: true });
    const serial = der(0x82, integer(ca.x509.serialNumber).subarray(2));
    const named = der(0x30, der(0xa1, der(0xa4, subjectOf(ca))), serial);
    const leaf = await ca.issue({
      keyIdentifiers: false,
      extensions: [new Extension('2.5.29.35', false, named)],
    });
    const { verdict } = await open(
      crlPem(ca, { revoked: [leaf] }),
      { uncovered: 'allow' },
      `${renewed}${ca.certificate}`,
    );
    expect([await verdict(leaf), await verdict(alice)]).toEqual(['certificate-revoked', 'taken']);
  });

  it('that is gone from tls.clientCa counts no more', async () => {
    const other = await createCa({ cn: 'Other CA' });
    const { verdict, reopen, write } = await open(crlPem(ca), {}, `${ca.certificate}${other.certificate}`);
    write('crl', crlPem(other));
    await reopen(other.certificate);
    expect([await verdict(alice), await verdict(await other.issue())]).toEqual([
      'revocation-unknown',
      'taken',
    ]);
  });
});

describe('a URL that no longer answers', () => {
  it('leaves its last list in force over a reload', async () => {
    let answer: Buffer | null = createCrl(ca, { revoked: [alice] });
    const server = createServer((request, response) => {
      if (answer === null) request.socket.destroy();
      else response.end(answer);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      const other = await createCa({ cn: 'Other CA' });
      lists = await openLists(ca.certificate, {}, { crls: [{ url }] });
      answer = null;
      const revocation = await lists.reopen(`${ca.certificate}${other.certificate}`);
      expect(revocation.state().crls[0]).toMatchObject({ entries: 1, fault: expect.any(String) });
      expect([await lists.verdict(alice), await lists.verdict(await ca.issue())]).toEqual([
        'certificate-revoked',
        'taken',
      ]);
    } finally {
      server.close();
    }
  });
});

describe('URLs that differ in their query only', () => {
  it('keep each its own last list over a reload', async () => {
    const other = await createCa({ cn: 'Other CA' });
    const cas = `${ca.certificate}${other.certificate}`;
    const answers: Record<string, Buffer> = {
      '/?of=1': createCrl(ca),
      '/?of=2': createCrl(other, { revoked: [alice.x509.serialNumber] }),
    };
    const server = createServer((request, response) => void response.end(answers[request.url ?? '']));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      lists = await openLists(cas, {}, { crls: [{ url: `${url}?of=1` }, { url: `${url}?of=2` }] });
      const issuers = ['CN=Client CA', 'CN=Other CA'];
      expect(lists.revocation.state().crls.map(({ issuer }) => issuer)).toEqual(issuers);
      for (const of of Object.keys(answers)) answers[of] = Buffer.from('gone');
      const { crls } = (await lists.reopen(cas)).state();
      expect(crls.map(({ issuer, name }) => [issuer, name])).toEqual(issuers.map((each) => [each, url]));
    } finally {
      server.close();
    }
  });
});

describe('a URL that takes a request and says nothing', () => {
  let answer: Buffer | undefined;
  let asked = 0;
  const server = createServer((_, response) => {
    asked += 1;
    if (answer !== undefined) response.end(answer);
  });
  let url: string;

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it('holds up no other list, whoever waits for it', async () => {
    answer = createCrl(ca);
    lists = await openLists(
      ca.certificate,
      { crl: crlPem(ca), denied: '' },
      { crls: [{ url, timeoutSeconds: 60 }, { file: 'crl' }], denyList: 'denied' },
    );
    answer = undefined;
    asked = 0;
    const { revocation, verdict, write } = lists;
    write('denied', 'subject:bob');
    for (let i = 0; i < 10; i += 1) void revocation.reload();
    await vi.waitFor(async () => expect(await verdict(alice, 'bob')).toBe('principal-denied'));
    write('crl', crlPem(ca, { revoked: [alice] }));
    await vi.waitFor(async () => expect(await verdict(alice)).toBe('certificate-revoked'), 6_000);
    expect(asked).toBe(1);
  });

  it('is asked once more for all who wanted it meanwhile', async () => {
    answer = undefined;
    asked = 0;
    const source = new CrlSource({ url: new URL(url), caFile: undefined, timeoutMs: 1_000 });
    const load = () =>
      source.load(new Authorities(Buffer.from(ca.certificate)), Date.now, new AbortController().signal);
    await Promise.all(Array.from({ length: 10 }, load));
    expect([asked, source.fault]).toEqual([2, 'no full answer within 1000 ms']);
    answer = createCrl(ca);
    expect([await load(), source.fault, asked]).toEqual([true, undefined, 3]);
  });
});

describe('a deny list', () => {
  it('stops the start with each of its faults, by line and without its text', async () => {
    const bad = 'serial:xyz\nfingerprint:12\ntoken:\nsubject: \nbob\n';
    await expect(openLists(ca.certificate, { denied: bad }, { denyList: 'denied' })).rejects.toMatchObject({
      faults: [1, 2, 3, 4, 5].map((line) => expect.stringMatching(new RegExp(`denied: line ${line}: `))),
    });
    await expect(openLists(ca.certificate, {}, { denyList: 'denied' })).rejects.toThrow(
      /denied: it can not be read \(ENOENT\)/,
    );
  });

  it('takes serial numbers and fingerprints as they are printed elsewhere', async () => {
    const { serialNumber, fingerprint256 } = alice.x509;
    const colons = serialNumber.match(/../g)?.join(':').toLowerCase() ?? '';
    const thumbprint = Buffer.from(fingerprint256.replaceAll(':', ''), 'hex').toString('base64url');
    for (const line of [
      `serial:${colons}`,
      `serial: 00${serialNumber} CN=Client CA # lost`,
      `fingerprint:${thumbprint}`,
    ]) {
      lists?.close();
      lists = await openLists(ca.certificate, { denied: `# a remark\n\n${line}\n` }, { denyList: 'denied' });
      expect([await lists.verdict(alice), await lists.verdict(await ca.issue())]).toEqual([
        'certificate-revoked',
        'taken',
      ]);
    }
  });

  it.each([
    ['CN=Client CA,O=Example\\, Inc.+OU=\\#1,1.2.3=#0c0161,C=#1301', 'taken'],
    ['CN=Zürich \\C2\\A0 "', 'fault'],
    ['CN=Client CA, O=Example', 'fault'],
    ['CN = Client CA', 'fault'],
    ['/CN=Client CA', 'fault'],
    ['Client CA', 'fault'],
    ['emailAddress=a@example.org', 'fault'],
  ])('with the issuer %s is %s', (issuer, expected) => {
    const { faults, entries } = readDenyList(`serial:0A ${issuer}\n`);
    expect([faults.length === 0 ? 'taken' : 'fault', entries]).toEqual([
      expected,
      expected === 'taken' ? 1 : 0,
    ]);
  });

  it('takes the issuer as it is printed for any name', () => {
    const value = 'a, "b"+c\\<d>;e=#f\u0000\u00a0ü ';
    const name = ['1.2.3', '2.5.4.3', '2.5.4.10'].map((type) => [
      { type, value, encoding: Buffer.from('05', 'hex') },
    ]);
    expect(readDenyList(`serial:0A ${formatDistinguishedName(name)}`).faults).toEqual([]);
  });

  it('takes a CA in tls.clientCa with all that it issued, and none that is sent along', async () => {
    const below = await ca.intermediate({ cn: 'CI CA' });
    const builder = await below.issue();
    const denied = `fingerprint:${below.x509.fingerprint256}`;
    const answers: string[] = [];
    for (const cas of [`${ca.certificate}${below.certificate}`, ca.certificate]) {
      lists?.close();
      lists = await openLists(cas, { denied }, { denyList: 'denied' });
      answers.push(await lists.verdict(builder));
    }
    expect(answers).toEqual(['certificate-revoked', 'taken']);
  });

  it('that is gone keeps denying what it denied', async () => {
    lists = await openLists(ca.certificate, { denied: 'subject:bob\n' }, { denyList: 'denied' });
    lists.remove('denied');
    await lists.revocation.reload();
    expect([await lists.verdict(alice, 'bob'), await lists.verdict(alice)]).toEqual([
      'principal-denied',
      'taken',
    ]);
    expect(lists.revocation.state().denyList).toMatchObject({
      entries: 1,
      fault: expect.stringContaining('ENOENT'),
    });
  });
});
