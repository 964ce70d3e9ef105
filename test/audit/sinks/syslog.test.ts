import { beforeAll, describe, expect, it } from 'vitest';
import type { Feeder } from '../../../src/audit/sinks/feeder.ts';
import { toMessage } from '../../../src/audit/sinks/message.ts';
import { type SyslogOptions, syslogDelivery } from '../../../src/audit/sinks/syslog.ts';
import { type Authority, createCa, type Issued } from '../../support/pki.ts';
import { type SyslogReceiver, type SyslogReceiverOptions, syslogReceiver } from '../../support/receivers.ts';
import { linesOf, sample } from '../../support/sample-log.ts';
import { caughtUp, closeAfter, feed, freshLog, logged, until } from './bench.ts';

async function receive(options: SyslogReceiverOptions = {}): Promise<SyslogReceiver> {
  return closeAfter(await syslogReceiver(options));
}

function send(folder: string, port: number, options: Partial<SyslogOptions> = {}): Feeder {
  const to = {
    host: '127.0.0.1',
    port,
    tls: undefined,
    hostname: 'gateway.example.org',
    facility: 13,
    maxMessageBytes: 8_192,
    closeMs: 2_000,
    sessionMs: 200,
    ...options,
  };
  return feed(folder, syslogDelivery(to, toMessage('native', '0.1.0')));
}

/** The lines of the log that messages carry. */
const carried = (messages: readonly string[]): string[] =>
  messages.map((text) => text.slice(text.indexOf('{')));

describe('a syslog sink', () => {
  let [ca, other]: [Authority?, Authority?] = [];
  let server: Issued;
  beforeAll(async () => {
    [ca, other] = [await createCa(), await createCa({ cn: 'Another CA' })];
    server = await ca.issueServer();
  });

  it('sends every line once over TCP, and moves on when the receiver has closed', async () => {
    const sent = freshLog(2_000);
    const receiver = await receive();
    const feeder = send(sent.folder, receiver.port);
    await caughtUp(feeder, sent);
    expect(carried(receiver.messages)).toEqual(linesOf(sent.folder));
    expect(receiver.messages[0]).toMatch(
      /^<110>1 2026-11-26T14:00:01\.000000Z gateway\.example\.org quaywarden - segment - \{"schema":2,/,
    );
  });

  it('sends over TLS', async () => {
    const sent = freshLog(100);
    const receiver = await receive({ tls: { cert: server.certificate, key: server.key } });
    const feeder = send(sent.folder, receiver.port, { tls: { ca: ca?.certificate } });
    await caughtUp(feeder, sent);
    expect(carried(receiver.messages)).toEqual(linesOf(sent.folder));
  });

  it('sends nothing to a receiver that another CA vouches for, and says why', async () => {
    const sent = freshLog(10);
    const receiver = await receive({ tls: { cert: server.certificate, key: server.key } });
    const feeder = send(sent.folder, receiver.port, { tls: { ca: other?.certificate } });
    await until(() => feeder.state().lastError !== null);
    expect(feeder.state().lastError).toMatch(/UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED|UNABLE_TO_GET/);
    expect(receiver.messages).toEqual([]);
    expect(feeder.state()).toMatchObject({ sequence: 0 });
  });

  it('sends nothing to a receiver of another name', async () => {
    const sent = freshLog(10);
    const receiver = await receive({ tls: { cert: server.certificate, key: server.key } });
    const feeder = send(sent.folder, receiver.port, {
      tls: { ca: ca?.certificate, servername: 'siem.example.org' },
    });
    await until(() => feeder.state().lastError !== null);
    expect(feeder.state().lastError).toMatch(/ERR_TLS_CERT_ALTNAME_INVALID/);
    expect(receiver.messages).toEqual([]);
  });

  it('loses nothing when connections break off, and repeats no more than they carried', async () => {
    const sent = freshLog(1_000);
    const bytes = 60_000;
    const receiver = await receive({ breaksAfter: { bytes, times: 3 } });
    const feeder = send(sent.folder, receiver.port);
    await caughtUp(feeder, sent);
    const [got, want] = [carried(receiver.messages), linesOf(sent.folder)];
    expect([...new Set(got)].sort()).toEqual([...want].sort());
    const repeated = got.length - want.length;
    const perBreak = bytes / Math.min(...want.map(({ length }) => length));
    expect(repeated).toBeLessThanOrEqual(3 * perBreak);
  });

  it('resumes when a receiver comes back after an outage', async () => {
    const sent = freshLog(50);
    const first = await receive();
    const feeder = send(sent.folder, first.port);
    await caughtUp(feeder, sent);
    await first.close();
    sent.append(...Array.from({ length: 200 }, (_, i) => sample({ id: `later-${i}` })));
    await until(() => feeder.state().lastError !== null);
    expect(feeder.state().lastError).toMatch(
      /127\.0\.0\.1:\d+ broke off or could not be reached \(ECONNREFUSED\)/,
    );
    const second = await receive({ port: first.port });
    await caughtUp(feeder, sent);
    expect([...carried(first.messages), ...carried(second.messages)]).toEqual(linesOf(sent.folder));
    expect(feeder.state()).toMatchObject({ lastError: null, since: null });
  });

  it('counts on nothing that a receiver has not closed, says so, and repeats ever less', async () => {
    const sent = freshLog(300);
    const receiver = await receive({ closes: false });
    const feeder = send(sent.folder, receiver.port, { closeMs: 100 });
    await until(() => receiver.connections() >= 3);
    expect(feeder.state()).toMatchObject({ sequence: 0 });
    expect(feeder.state().lastError).toMatch(
      /did not close the connection within 0.1 s.*all of it is sent again/,
    );
    expect(logged).toHaveLength(1);
  });

  it('reaches a receiver that is too slow for much at once', async () => {
    const sent = freshLog(100);
    const receiver = await receive({ bytesPerSecond: 100_000 });
    const feeder = send(sent.folder, receiver.port, { closeMs: 300 });
    await caughtUp(feeder, sent, 40_000);
    expect(new Set(carried(receiver.messages))).toEqual(new Set(linesOf(sent.folder)));
  });
});
