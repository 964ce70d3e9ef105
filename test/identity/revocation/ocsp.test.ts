import 'reflect-metadata';
import { Extension } from '@peculiar/x509';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { der } from '../../../src/identity/der-write.ts';
import { crlPem } from '../../support/crl.ts';
import { extension } from '../../support/der.ts';
import {
  type OcspOptions,
  ocspAnswer,
  opensslAnswer,
  type Responder,
  startResponder,
} from '../../support/ocsp.ts';
import { type Authority, clientAuth, createCa, type Issued } from '../../support/pki.ts';
import { type Lists, openLists } from './support.ts';

const ocspSigning = '1.3.6.1.5.5.7.3.9';
const minute = 60_000;
let ca: Authority;
let stranger: Authority;
let alice: Issued;
let responder: Responder;
let lists: Lists;

beforeAll(async () => {
  ca = await createCa({ cn: 'Client CA' });
  stranger = await createCa({ cn: 'Client CA' });
  alice = await ca.issue();
  responder = await startResponder();
});
afterAll(() => responder.close());
afterEach(() => lists.close());

async function open(mode: 'prefer' | 'require', more: object = {}, timeoutSeconds = 10): Promise<void> {
  const ocsp = { mode, responder: responder.url, timeoutSeconds, cacheSeconds: 60 };
  lists = await openLists(ca.certificate, { crl: crlPem(ca) }, { ocsp, ...more });
}

describe('a responder that must be asked', () => {
  it('is taken at its word, as OpenSSL gives it', async () => {
    const other = await ca.issue();
    const third = await ca.issue();
    responder.answer = (question) => opensslAnswer(ca, question, [other], [alice]);
    await open('require');
    expect(await lists.verdict(alice)).toBe('taken');
    expect(await lists.verdict(other)).toBe('certificate-revoked');
    expect(await lists.verdict(third)).toBe('revocation-unknown');
    expect(lists.warnings).toEqual([]);
  });

  it.each([
    [
      'of a responder of its own, named by its subject',
      async () => ({ responder: await ca.issue({ cn: 'OCSP', usages: [ocspSigning] }) }),
    ],
    [
      'of a responder of its own, named by its key',
      async () => ({ responder: await ca.issue({ cn: 'OCSP', usages: [ocspSigning] }), byKey: true }),
    ],
    ['without a nonce', async () => ({ nonce: null })],
    [
      'without an end, to our nonce',
      async () => ({ nextUpdate: null, thisUpdate: new Date(Date.now() - 60 * minute) }),
    ],
  ] as [string, () => Promise<OcspOptions>][])('takes an answer %s', async (_, options) => {
    const made = await options();
    responder.answer = (question) => ocspAnswer(ca, question, made);
    await open('require');
    expect([await lists.verdict(alice), lists.warnings]).toEqual(['taken', []]);
  });

  it.each([
    [
      'signed by another CA of the same name',
      async () => ({ responder: stranger, named: ca }),
      /signature is not that/,
    ],
    [
      'signed by a client of the CA',
      async () => ({ responder: await ca.issue({ cn: 'OCSP', usages: [clientAuth] }) }),
      /signed by nobody who may/,
    ],
    [
      'signed by a responder of another CA',
      async () => ({ responder: await stranger.issue({ cn: 'OCSP', usages: [ocspSigning] }) }),
      /signed by nobody who may/,
    ],
    [
      'signed by a responder that has expired',
      async () => ({
        responder: await ca.issue({
          cn: 'OCSP',
          usages: [ocspSigning],
          notAfter: new Date(Date.now() - minute),
        }),
      }),
      /signed by nobody who may/,
    ],
    ['about another certificate', async () => ({ about: '0102' }), /not about this certificate/],
    ['to another question', async () => ({ nonce: Buffer.alloc(32) }), /nonce is another/],
    ['that is out of date', async () => ({ nextUpdate: new Date(Date.now() - minute / 2) }), /out of date/],
    ['from the future', async () => ({ thisUpdate: new Date(Date.now() + 10 * minute) }), /from the future/],
    [
      'without end or nonce that is old',
      async () => ({ nextUpdate: null, nonce: null, thisUpdate: new Date(Date.now() - 10 * minute) }),
      /it is old/,
    ],
    [
      'with a critical extension',
      async () => ({ extensions: [extension('1.2.3.4', der(0x05), true)] }),
      /critical extension .*1\.2\.3\.4/,
    ],
    ['tryLater', async () => ({ responseStatus: 3 }), /answers tryLater/],
  ] as [string, () => Promise<OcspOptions>, RegExp][])(
    'does not take an answer %s, and says so once',
    async (_, options, why) => {
      const made = await options();
      responder.answer = (question) => ocspAnswer(ca, question, made);
      await open('require');
      expect(await lists.verdict(alice)).toBe('revocation-unknown');
      expect(await lists.verdict(alice)).toBe('revocation-unknown');
      expect(lists.warnings).toEqual([expect.stringMatching(why)]);
    },
  );

  it.each([
    ['nothing', () => null],
    ['garbage', () => Buffer.from('<html>')],
    ['too much', () => Buffer.alloc(70_000)],
    ['too late', () => new Promise<null>(() => {})],
  ] as [string, Responder['answer']][])(
    'that answers %s lets nobody in, and is left alone for a while',
    async (_, answer) => {
      responder.answer = answer;
      await open('require', {}, 1);
      expect(await lists.verdict(alice)).toBe('revocation-unknown');
      const before = responder.asked();
      expect(await lists.verdict(alice)).toBe('revocation-unknown');
      expect(responder.asked()).toBe(before);
      expect(lists.revocation.state().ocsp).toEqual({ mode: 'require', fault: expect.any(String) });
      responder.answer = (question) => ocspAnswer(ca, question);
      lists.later = 6_000;
      expect(await lists.verdict(alice)).toBe('taken');
      expect(lists.revocation.state().ocsp).toEqual({ mode: 'require' });
    },
  );
});

describe('an answer', () => {
  it('is asked for once, used until it is old, and then asked for again', async () => {
    responder.answer = (question) => ocspAnswer(ca, question);
    await open('require');
    const before = responder.asked();
    await Promise.all([lists.verdict(alice), lists.verdict(alice)]);
    expect(await lists.verdict(alice)).toBe('taken');
    expect(responder.asked()).toBe(before + 1);
    responder.answer = (question) => ocspAnswer(ca, question, { status: 'revoked' });
    lists.later = 20_000;
    expect(await lists.verdict(alice)).toBe('taken');
    lists.later = 61_000;
    expect(await lists.verdict(alice)).toBe('certificate-revoked');
  });

  it('that is asked for again before it is old tells at once what is worse', async () => {
    responder.answer = (question) => ocspAnswer(ca, question);
    await open('require');
    await lists.verdict(alice);
    const told = new Promise<void>((resolve) => lists.revocation.onChange(resolve));
    responder.answer = (question) => ocspAnswer(ca, question, { status: 'revoked' });
    lists.later = 31_000;
    expect(await lists.verdict(alice)).toBe('taken');
    await told;
    expect(await lists.verdict(alice)).toBe('certificate-revoked');
  });

  it('is not replaced by one that was issued before it', async () => {
    const at = (minutes: number) => ({ nonce: null, thisUpdate: new Date(Date.now() - minutes * minute) });
    const [older, newer, newest] = [at(3), at(2), at(1)];
    responder.answer = (question) => ocspAnswer(ca, question, { ...newer, status: 'revoked' });
    await open('require');
    expect(await lists.verdict(alice)).toBe('certificate-revoked');
    responder.answer = (question) => ocspAnswer(ca, question, older);
    for (lists.later = 61_000; lists.later < 80_000; lists.later += 6_000)
      expect(await lists.verdict(alice)).toBe('certificate-revoked');
    expect(lists.warnings).toEqual([expect.stringContaining('issued before the one in use')]);
    responder.answer = (question) => ocspAnswer(ca, question, newest);
    lists.later = 90_000;
    expect(await lists.verdict(alice)).toBe('taken');
  });

  it('holds to its own end while nobody can be asked, but "revoked" until something else is heard', async () => {
    const ends = { nextUpdate: new Date(Date.now() + 5 * minute) };
    responder.answer = (question) => ocspAnswer(ca, question, ends);
    await open('prefer', { crls: [{ file: 'crl' }], uncovered: 'allow' });
    expect(await lists.verdict(alice)).toBe('taken');
    responder.answer = () => null;
    lists.later = 4 * minute;
    expect(await lists.verdict(alice)).toBe('taken');
    responder.answer = (question) => ocspAnswer(ca, question, { ...ends, status: 'revoked' });
    lists.later += 10_000;
    expect(await lists.verdict(alice)).toBe('certificate-revoked');
    responder.answer = () => null;
    lists.later = 20 * minute;
    expect(await lists.verdict(alice)).toBe('certificate-revoked');
  });
});

describe('a responder that is preferred', () => {
  it('leaves it to the CRLs when it can not be asked', async () => {
    responder.answer = () => null;
    await open('prefer', { crls: [{ file: 'crl' }] });
    expect(await lists.verdict(alice)).toBe('taken');
    lists.later = 2 * 60 * minute;
    expect(await lists.verdict(alice)).toBe('revocation-unknown');
  });

  it('can not be asked about who came by an intermediate CA that is not ours, which is told once', async () => {
    const below = await ca.intermediate({ cn: 'CI CA' });
    const [one, other] = [await below.issue(), await below.issue()];
    responder.answer = (question) => ocspAnswer(ca, question);
    await open('prefer');
    for (const each of [one, alice, other, alice]) expect(await lists.verdict(each)).toBe('taken');
    const fault = expect.stringContaining('nobody can be asked about certificates of CN=CI CA');
    expect(lists.warnings).toEqual([fault]);
    expect(lists.revocation.state().ocsp).toEqual({ mode: 'prefer', fault });
  });

  it('is not needed where there are no CRLs either, but what it does not know is not taken', async () => {
    responder.answer = () => null;
    await open('prefer');
    expect(await lists.verdict(alice)).toBe('taken');
    responder.answer = (question) => ocspAnswer(ca, question, { status: 'unknown' });
    lists.later = 6_000;
    expect(await lists.verdict(alice)).toBe('revocation-unknown');
  });
});

describe('the responder that a certificate names', () => {
  it('is asked where the configuration says so', async () => {
    const access = der(0x30, der(0x30, Buffer.from('06082b06010505073001', 'hex'), der(0x86, responder.url)));
    const named = await ca.issue({ extensions: [new Extension('1.3.6.1.5.5.7.1.1', false, access)] });
    responder.answer = (question) => ocspAnswer(ca, question);
    lists = await openLists(ca.certificate, {}, { ocsp: { mode: 'require', useCertificate: true } });
    expect(await lists.verdict(named)).toBe('taken');
    expect(await lists.verdict(alice)).toBe('revocation-unknown');
    expect(lists.warnings).toEqual([expect.stringContaining('names no responder')]);
  });
});
