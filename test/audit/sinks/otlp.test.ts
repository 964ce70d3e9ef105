import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Feeder } from '../../../src/audit/sinks/feeder.ts';
import { toMessage } from '../../../src/audit/sinks/message.ts';
import { type OtlpOptions, otlpDelivery } from '../../../src/audit/sinks/otlp.ts';
import { waitOf } from '../../../src/audit/sinks/otlp-post.ts';
import { createCa } from '../../support/pki.ts';
import { type Answer, type OtlpReceiver, otlpReceiver } from '../../support/receivers.ts';
import { linesOf, sample } from '../../support/sample-log.ts';
import { caughtUp, closeAfter, feed, freshLog, logged, until } from './bench.ts';

async function receive(answer?: Answer, options?: Parameters<typeof otlpReceiver>[1]): Promise<OtlpReceiver> {
  return closeAfter(await otlpReceiver(answer, options));
}

function send(folder: string, url: string, options: Partial<OtlpOptions> = {}): Feeder {
  const to = { url, headers: {}, timeoutMs: 2_000, tls: {}, version: '0.1.0', ...options };
  return feed(folder, otlpDelivery(to, toMessage('native', '0.1.0')));
}

const bodies = ({ records }: OtlpReceiver): string[] => records.map(({ body }) => body.stringValue);

describe('an OTLP sink', () => {
  it('sends every line once, as log records with what they say', async () => {
    const sent = freshLog(1_200);
    sent.append(sample({ stage: 'refused', principal: 'bob' }));
    const receiver = await receive();
    const feeder = send(sent.folder, receiver.url, { headers: { authorization: 'Bearer planted-secret' } });
    await caughtUp(feeder, sent);
    expect(bodies(receiver)).toEqual(linesOf(sent.folder));
    expect(receiver.headers[0]).toMatchObject({
      authorization: 'Bearer planted-secret',
      'content-type': 'application/json',
    });
    const last = receiver.records.at(-1);
    expect(last).toMatchObject({
      timeUnixNano: `${Date.parse('2026-11-26T14:20:02Z') / 1_000}000000000`,
      severityNumber: 13,
      severityText: 'WARN',
      eventName: 'quaywarden.audit.request',
    });
    const attributes = Object.fromEntries(last?.attributes.map(({ key, value }) => [key, value]) ?? []);
    expect(attributes).toMatchObject({
      'quaywarden.sequence': { intValue: String(sent.head.sequence) },
      'quaywarden.operation': { stringValue: 'ContainerStop' },
      'user.name': { stringValue: 'bob' },
      'http.response.status_code': { intValue: '403' },
      'client.address': { stringValue: '10.0.0.7' },
    });
  });

  it('loses nothing when requests are answered 503 and 429 or break off, and repeats only those that broke off', async () => {
    const sent = freshLog(2_000);
    let broken = 0;
    const receiver = await receive((request, records) => {
      if (request === 1) return { status: 503 };
      if (request === 3) return { status: 429, headers: { 'retry-after': '1' } };
      if (request !== 5) return undefined;
      broken = records.length;
      return 'break';
    });
    const since = Date.now();
    const feeder = send(sent.folder, receiver.url);
    await caughtUp(feeder, sent);
    expect(bodies(receiver)).toEqual(linesOf(sent.folder));
    expect(Date.now() - since).toBeGreaterThan(1_000);
    expect(broken).toBeGreaterThan(0);
  });

  it.each([
    ['is refused', { status: 401 }, /refuses the records \(401\); the sink stops here/],
    [
      'is rejected in part',
      { status: 200, body: '{"partialSuccess":{"rejectedLogRecords":"2","errorMessage":"no"}}' },
      /rejects 2 of the records; the sink stops here/,
    ],
    ['meets no OTLP receiver', { status: 200, body: '<html>' }, /not that of OTLP/],
    [
      'is sent elsewhere',
      { status: 302, headers: { location: 'http://127.0.0.1:1/' } },
      /refuses the records \(302\)/,
    ],
  ])('stops, says so and skips nothing when what it sends %s', async (_, answer, sentence) => {
    const sent = freshLog(5);
    let isPutRight = false;
    const receiver = await receive(() => (isPutRight ? undefined : answer));
    const feeder = send(sent.folder, receiver.url, { headers: { authorization: 'Bearer planted-secret' } });
    await until(() => feeder.state().lastError !== null);
    expect(feeder.state().lastError).toMatch(sentence);
    expect(feeder.state()).toMatchObject({ sequence: 0 });
    isPutRight = true;
    await caughtUp(feeder, sent);
    expect(bodies(receiver)).toEqual(linesOf(sent.folder));
    expect(logged.join('\n')).not.toContain('planted-secret');
  });

  it('takes a warning of the receiver for what it is', async () => {
    const sent = freshLog(5);
    const body = '{"partialSuccess":{"rejectedLogRecords":"0","errorMessage":"deprecated"}}';
    const receiver = await receive(() => ({ status: 200, body }));
    const feeder = send(sent.folder, receiver.url);
    await caughtUp(feeder, sent);
  });

  it('sends less at once to a receiver that takes no large requests', async () => {
    const sent = freshLog(200);
    const receiver = await receive((_, records) => (records.length > 20 ? { status: 413 } : undefined));
    const feeder = send(sent.folder, receiver.url);
    await caughtUp(feeder, sent);
    expect(bodies(receiver)).toEqual(linesOf(sent.folder));
  });

  it('gives up on receivers that do not answer or are not there', async () => {
    const sent = freshLog(5);
    const silent = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const feeder = send(sent.folder, `http://127.0.0.1:${port}/v1/logs`, { timeoutMs: 200 });
    await until(() => feeder.state().lastError !== null);
    expect(feeder.state().lastError).toMatch(/\/v1\/logs can not be reached \(TimeoutError\)/);
    silent.close();
    await until(() => feeder.state().lastError?.includes('ECONNREFUSED') === true);
    expect(feeder.state()).toMatchObject({ sequence: 0 });
  });

  it('sends over TLS to a receiver that the CA vouches for, and to no other', async () => {
    const [ca, other] = [await createCa(), await createCa({ cn: 'Another CA' })];
    const server = await ca.issueServer();
    const sent = freshLog(5);
    const receiver = await receive(undefined, { tls: { cert: server.certificate, key: server.key } });
    const wrong = send(sent.folder, receiver.url, { tls: { ca: Buffer.from(other.certificate) } });
    await until(() => wrong.state().lastError !== null);
    expect(wrong.state().lastError).toMatch(/can not be reached \((UNABLE_TO|SELF_SIGNED)/);
    await wrong.close(0);
    expect(receiver.records).toEqual([]);
    const right = send(sent.folder, receiver.url, { tls: { ca: Buffer.from(ca.certificate) } });
    await caughtUp(right, sent);
    expect(bodies(receiver)).toEqual(linesOf(sent.folder));
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2026-11-26T14:00:00Z');
  it.each([
    ['120', 120_000],
    ['Thu, 26 Nov 2026 14:00:30 GMT', 30_000],
    ['Thu, 26 Nov 2026 13:00:30 GMT', 0],
    ['soon', 0],
    [undefined, 0],
  ])('%s is %i ms', (header, ms) => expect(waitOf(header, now)).toBe(ms));
});
