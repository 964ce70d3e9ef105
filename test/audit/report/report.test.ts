import { describe, expect, it } from 'vitest';
import { GENESIS, type Head, link } from '../../../src/audit/chain.ts';
import { type AuditEntry, type AuditLine, auditLine } from '../../../src/audit/record.ts';
import { Counts } from '../../../src/audit/report/counts.ts';
import { toHtml, toMarkdown } from '../../../src/audit/report/document.ts';
import { makeReport } from '../../../src/audit/report/report.ts';
import { Summarizer } from '../../../src/audit/report/summary.ts';
import { wordsFor } from '../../../src/audit/report/words.ts';
import { OPERATIONS } from '../../../src/docker/operations.ts';
import { sample } from '../../support/sample-log.ts';

/** Lines a minute apart, from 14:00 on. */
function chain(...entries: readonly AuditEntry[]): AuditLine[] {
  return chainOf('gw-1', entries);
}

function chainOf(gateway: string, entries: readonly AuditEntry[]): AuditLine[] {
  let head: Head = GENESIS;
  return entries.map((entry, index) => {
    const linked = link(entry, {
      time: new Date(Date.parse('2026-11-26T14:00:00Z') + index * 60_000)
        .toISOString()
        .replace('Z', '000000Z'),
      sequence: index + 1,
      gateway,
      previous: head.hash,
    });
    head = linked.head;
    return auditLine.parse(JSON.parse(linked.line));
  });
}

function sumUp(lines: readonly AuditLine[], since?: string, until?: string) {
  const summarizer = new Summarizer(since, until);
  for (const line of lines) summarizer.push(line);
  return summarizer.done();
}

const making = {
  now: '2026-11-27T08:00:00.000Z',
  version: '0.1.0',
  verifications: [{ isGood: true, sentence: 'The log was verified.' }],
};
const KEY = { id: 'b'.repeat(64), algorithm: 'Ed25519' as const };
const start = (policyVersion: string): AuditEntry => ({
  type: 'start',
  version: '0.1.0',
  policyVersion,
  strict: true,
});
const exec = {
  id: 'exec',
  kind: 'exec' as const,
  container: 'c'.repeat(64),
  command: ['sh', '-c', "echo 'hi'"],
  user: 'root',
  tty: true,
};
const recording = {
  file: 'exec.cast',
  sha256: null,
  bytes: null,
  events: null,
  durationMs: null,
  failed: false,
};

const LOG = chain(
  start('policy-1'), // 1, 14:00
  sample({ id: 'a', stage: 'decision' }), // 2
  sample({ id: 'a', stage: 'complete' }), // 3
  sample({ id: 'b', stage: 'decision', operation: 'ContainerDelete' }), // 4
  sample({ id: 'b', stage: 'complete', operation: 'ContainerDelete', status: 409 }), // 5
  sample({ id: 'c', stage: 'refused', principal: 'bob', operation: 'ContainerCreate' }), // 6
  sample({ id: 'd', stage: 'refused', principal: null, reason: 'no-identity', operation: null }), // 7
  { type: 'reload', changed: ['grants.csv'], policyVersion: 'policy-2' }, // 8, 14:07
  sample({ id: 'exec', stage: 'decision', operation: 'ExecStart', session: { ...exec, recording } }), // 9
  sample({ id: 'exec', stage: 'stream-start', operation: 'ExecStart', session: { ...exec, recording } }), // 10
  sample({
    id: 'exec',
    stage: 'stream-end',
    operation: 'ExecStart',
    session: { ...exec, recording: { ...recording, sha256: 'd'.repeat(64) } },
  }), // 11
  sample({ id: 'exec', stage: 'complete', operation: 'ExecStart', session: { ...exec, recording } }), // 12
  { type: 'checkpoint', segment: 1, key: KEY, signature: 'c2ln' }, // 13
  start('policy-2'), // 14, 14:13: without a stop
  { type: 'recovery', file: 'torn-000001-77.part', bytes: 12, sha256: 'e'.repeat(64) }, // 15
  { type: 'gap', lost: 3, since: '2026-11-26T14:10:00.000000000Z', error: 'ENOSPC' }, // 16
  { type: 'stop' }, // 17, 14:16
);

describe('a summary', () => {
  const summary = sumUp(LOG);

  it('ties the period to the log', () => {
    expect(summary.lines).toBe(17);
    expect(summary.chains.values()).toMatchObject([
      {
        gateway: 'gw-1',
        lines: 17,
        first: { sequence: 1, hash: LOG[0]?.hash },
        last: { sequence: 17, hash: LOG[16]?.hash },
        checkpoints: 1,
        lastCheckpoint: { sequence: 13 },
        keys: new Set([KEY.id]),
      },
    ]);
  });

  it('counts refusals that a record stands for', () => {
    const refused = sample({ stage: 'refused', reason: 'rate-limited', principal: 'carol' });
    const summary = sumUp(chain(start('policy-1'), refused, Object.assign({ ...refused }, { repeated: 40 })));
    expect(summary.refusals.values()).toMatchObject([
      { principal: 'carol', reason: 'rate-limited', count: 42 },
    ]);
    expect(summary.principals.values()).toMatchObject([{ principal: 'carol', refused: 42 }]);
  });

  it('counts requests by who made them, each once', () => {
    expect(summary.principals.values()).toMatchObject([
      { principal: 'alice', tenant: 'team-a', allowed: 3, refused: 0 },
      { principal: 'bob', allowed: 0, refused: 1 },
    ]);
    expect(summary.nameless).toEqual({ allowed: 0, refused: 1 });
    expect(summary.refusals.values()).toMatchObject([
      { principal: 'bob', reason: 'not-granted', count: 1 },
      { principal: '(nobody could be named, from 10.0.0.7)', reason: 'no-identity', count: 1 },
    ]);
  });

  it('tells what was changed, and what was not after all', () => {
    expect(summary.changes.values()).toMatchObject([
      {
        principal: 'alice',
        operation: 'ContainerStop',
        resource: 'container/team-a/web',
        count: 1,
        failed: 0,
      },
      {
        principal: 'alice',
        operation: 'ContainerDelete',
        resource: 'container/team-a/web',
        count: 1,
        failed: 1,
      },
    ]);
  });

  it('has what was only observed, and what users stated, each where there is any', () => {
    const lines = chain(
      sample({ id: 'o1', observed: 'host-path', operation: 'ContainerCreate' }),
      sample({ id: 'o1', stage: 'complete', observed: 'host-path', operation: 'ContainerCreate' }),
      sample({ id: 'o2', observed: 'host-path', operation: 'ContainerUpdate' }),
      sample({ id: 's1', statedReason: 'INC-1 | <b>' }),
      sample({ id: 's2', stage: 'refused', statedReason: 'INC-1 | <b>' }),
    );
    const sum = sumUp(lines);
    expect(sum.observed.values()).toMatchObject([
      {
        principal: 'alice',
        reason: 'host-path',
        count: 2,
        operations: new Set(['ContainerCreate', 'ContainerUpdate']),
      },
    ]);
    expect(sum.stated.values()).toMatchObject([{ reason: 'INC-1 | <b>', allowed: 1, refused: 1 }]);
    const html = toHtml(makeReport(sum, making));
    expect(html).toContain('although the policy refuses');
    expect(html).toContain('INC-1 | &lt;b&gt;');
    const plain = toMarkdown(makeReport(summary, making));
    expect(plain).not.toContain('Reasons that users stated');
    expect(plain).not.toContain('What was allowed although');
  });

  it('leaves no operation out, and names those that do something first', () => {
    const operations = [
      'SystemPing',
      'SystemPingHead',
      'ContainerInspect',
      'ContainerList',
      'ImageList',
      'ContainerLogs',
    ];
    const lines = chain(
      ...[...operations, 'ContainerExec', 'ContainerDelete'].map((operation, index) =>
        sample({ id: `r${index}`, operation, statedReason: 'INC-1' }),
      ),
    );
    const report = toMarkdown(makeReport(sumUp(lines), making));
    const [row = ''] = /^\| alice \| INC-1 .*$/m.exec(report) ?? [];
    const words = ['ContainerExec', 'ContainerDelete', ...operations].map(wordsFor);
    for (const each of words) expect(row).toContain(each);
    expect(row.indexOf(wordsFor('ContainerDelete'))).toBeLessThan(row.indexOf(wordsFor('SystemPing')));
    expect(row.split(wordsFor('SystemPing')).length).toBe(2);
  });

  it('has sessions with their command, recording and end', () => {
    expect(summary.sessions.values()).toMatchObject([
      {
        principal: 'alice',
        session: { command: exec.command, recording: { file: 'exec.cast', sha256: 'd'.repeat(64) } },
        end: { ending: 'finished' },
      },
    ]);
  });

  it('has the container of a session, by its name where the log tells it', () => {
    const id = `0123456789ab${'c'.repeat(52)}`;
    const of = {
      tenant: '-',
      operation: 'ExecStart',
      resource: { kind: 'exec', name: 'e'.repeat(64), id: null },
    };
    const session = { ...exec, container: id, recording: null };
    const attach = { ...session, kind: 'attach' as const, command: null };
    const create = sample({
      ...of,
      id: 'create',
      stage: 'complete',
      status: 201,
      operation: 'ContainerCreate',
      resource: { id },
    });
    const lines = chain(
      sample({ ...of, id: 's1', session: { ...session, id: 's1' } }),
      create,
      sample({ ...of, id: 's2', session: { ...session, id: 's2' } }),
      sample({
        ...of,
        id: 's3',
        operation: 'ContainerAttach',
        resource: { name: id, id },
        session: { ...attach, id: 's3' },
      }),
      sample({
        ...of,
        id: 's4',
        operation: 'ContainerAttach',
        resource: { id: null },
        session: { ...attach, container: null, id: 's4' },
      }),
    );
    const where = (...of: Parameters<typeof sumUp>): string[] =>
      sumUp(...of)
        .sessions.values()
        .map((each) => each.where);
    const web = 'container/-/web (0123456789ab)';
    expect(where(lines)).toEqual(['container/-/0123456789ab', web, web, web]);
    expect(where(lines, '2026-11-26T14:02:00.000000000Z')).toEqual([web, web, web]);
    expect(toMarkdown(makeReport(sumUp(lines), making))).not.toContain('e'.repeat(12));
  });

  it('knows which policies were in force, and what became of the gateway', () => {
    expect(summary.policies).toMatchObject([
      { version: 'policy-1', from: LOG[0]?.time, to: LOG[7]?.time },
      { version: 'policy-2', from: LOG[7]?.time, to: undefined },
    ]);
    expect(summary.events.map(({ kind }) => kind)).toEqual([
      'start',
      'crash',
      'start',
      'recovery',
      'gap',
      'stop',
    ]);
  });

  it('tells what was lost when the gateway crashed', () => {
    const crashed = chain(
      sample({ id: 'a', stage: 'decision' }),
      sample({ id: 's', operation: 'ExecStart', session: { ...exec, recording: null } }),
      start('policy-1'),
      sample({ id: 'b', stage: 'decision', resource: { name: 'db' } }),
    );
    const told = sumUp(crashed);
    expect(told.changes.values()).toMatchObject([
      { resource: 'container/team-a/web', failed: 0, lost: 1 },
      { resource: 'container/team-a/db', failed: 0, lost: 0 },
    ]);
    expect(told.sessions.values()).toMatchObject([{ isLost: true }]);
    expect(told.events.map(({ kind }) => kind)).toEqual(['crash', 'start']);
    const text = toMarkdown(makeReport(told, making));
    expect(text).toContain('| lost: the gateway crashed |');
    expect(text).toContain('| 0, 1 lost |');
  });

  it('names what was asked for where there is no resource', () => {
    const [change] = sumUp(chain(sample({ resource: null }))).changes.values();
    expect(change?.resource).toBe('/v1.51/containers/web/stop');
  });

  it('of a part of the log still knows what was in force when it began', () => {
    const part = sumUp(LOG, '2026-11-26T14:08:00.000000000Z', '2026-11-26T14:13:00.000000000Z');
    expect(part).toMatchObject({ lines: 5, events: [] });
    expect(part.chains.values()).toMatchObject([{ first: { sequence: 9 }, last: { sequence: 13 } }]);
    expect(part.policies).toMatchObject([{ version: 'policy-2', from: LOG[7]?.time, to: undefined }]);
    expect(part.principals.values()).toMatchObject([{ principal: 'alice', allowed: 1 }]);
  });

  it('says how much it has no room for', () => {
    const counts = new Counts<{ n: number }>(2);
    for (const key of ['a', 'b', 'c', 'a', 'd']) counts.at(key, () => ({ n: 0 }));
    expect([counts.values().length, counts.beyond]).toEqual([2, 2]);
  });
});

describe('a summary of several gateways', () => {
  const session = { ...exec, recording: null };
  const one = chainOf('gw-1', [
    start('policy-1'), // 14:00
    sample({ id: 'a', stage: 'decision' }),
    sample({ id: 's', operation: 'ExecStart', session: { ...session, id: 's1' } }),
    { type: 'checkpoint', segment: 1, key: KEY, signature: 'c2ln' },
    sample({ id: 'a', stage: 'complete' }),
    { type: 'reload', changed: [], policyVersion: 'policy-2' }, // 14:05
  ]);
  const two = chainOf('gw-1.2', [
    start('policy-1'),
    sample({ id: 'a', stage: 'decision', resource: { name: 'db' } }),
    sample({ id: 's', operation: 'ExecStart', session: { ...session, id: 's2' } }),
    start('policy-1'), // 14:03, without a stop
    { type: 'stop' }, // 14:04
  ]);
  const mixed = [...one, ...two].sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
  const summary = sumUp(mixed);

  it('loses by a crash of one what went on there, and nothing else', () => {
    expect(summary.changes.values()).toMatchObject([
      { resource: 'container/team-a/web', lost: 0, failed: 0 },
      { resource: 'container/team-a/db', lost: 1 },
    ]);
    expect(summary.sessions.values()).toMatchObject([
      { id: 's1', isLost: false },
      { id: 's2', isLost: true },
    ]);
    expect(summary.events.map(({ gateway, kind }) => `${gateway} ${kind}`)).toEqual([
      'gw-1 start',
      'gw-1.2 start',
      'gw-1.2 crash',
      'gw-1.2 start',
      'gw-1.2 stop',
    ]);
  });

  it('ties each chain by itself', () => {
    expect(summary.chains.values()).toMatchObject([
      {
        gateway: 'gw-1',
        lines: 6,
        first: { hash: one[0]?.hash },
        last: { hash: one[5]?.hash },
        checkpoints: 1,
      },
      {
        gateway: 'gw-1.2',
        lines: 5,
        first: { hash: two[0]?.hash },
        last: { hash: two[4]?.hash },
        checkpoints: 0,
        lastCheckpoint: undefined,
      },
    ]);
  });

  it('knows the policy of each, until it stops', () => {
    const text = toMarkdown(makeReport(summary, making));
    for (const row of [
      '| gw-1 | policy-1 | 2026-11-26 14:00:00 | 2026-11-26 14:05:00 |',
      '| gw-1.2 | policy-1 | 2026-11-26 14:00:00 | 2026-11-26 14:04:00 |',
      '| gw-1 | policy-2 | 2026-11-26 14:05:00 | still in force at the end |',
    ])
      expect(text).toContain(row);
    const later = sumUp(mixed, '2026-11-26T14:04:30.000000000Z');
    expect(later.policies.map(({ gateway }) => gateway)).toEqual(['gw-1', 'gw-1']);
  });

  it('is a report with the hashes and the verification of each', () => {
    const verifications = [
      { isGood: true, sentence: 'One was verified.' },
      { isGood: false, sentence: 'Two was not.' },
    ];
    const text = toMarkdown(makeReport(summary, { ...making, verifications }));
    expect(text).toContain('**One was verified.**\n\n**Two was not.**');
    expect(text).toContain('| Gateways | gw-1, gw-1.2 |');
    for (const [gateway, lines] of [
      ['gw-1', one],
      ['gw-1.2', two],
    ] as const) {
      expect(text).toContain(`| Hash of the last record of ${gateway} | ${lines.at(-1)?.hash} |`);
      expect(text).toContain(
        `The chain of ${gateway}:\n\n|  |  |\n| --- | --- |\n| Records of the period | ${lines.length} |\n| First record | number 1, hash ${lines[0]?.hash} |`,
      );
    }
    expect(text).toContain('| 2026-11-26 14:03:00 | gw-1.2 | end without a stop |');
  });
});

describe('a report', () => {
  const evil = sample({
    stage: 'refused',
    principal: '<script>alert(1)</script> | [x](https://evil.example) `code` \u202e\n# heading',
  });
  const report = makeReport(sumUp([...LOG, ...chain(evil)]), making);

  it('says in Markdown what happened', () => {
    const text = toMarkdown(report);
    expect(text).toContain(
      '| alice | stop a container | container/team-a/web | 1 | 0 | 2026-11-26 14:01:00 |',
    );
    expect(text).toContain("sh -c 'echo '\\\\''hi'\\\\'''");
    expect(text).toContain('exec.cast, SHA-256 dddd');
    expect(text).toContain('**The log was verified.**');
    expect(text).toContain('| Last record | number 1, hash ');
    expect(text).toContain('Times that the gateway ended without saying so | 1 |');
  });

  it('counts who could not be named as no user', () => {
    const text = toMarkdown(report);
    expect(text).toContain('| Requests of which nobody could be named | 1 |');
    expect(text).toContain('| Users and programs | 3 |');
    expect(text).toContain('nobody could be named: 0 allowed, 1 refused.');
    expect(text).not.toContain('unknown');
  });

  it('escapes dots that make a list, and not those of numbers', () => {
    const texts = ['3.1s, finished', '10.0.0.7', '1. first', '7.', '-x'];
    const text = toMarkdown({ title: 't', blocks: texts.map((each) => ({ type: 'paragraph', text: each })) });
    expect(text).toBe('# t\n\n3.1s, finished\n\n10.0.0.7\n\n1\\. first\n\n7\\.\n\n\\-x\n');
  });

  it.each(['HTTPS://evil.example', 'ftp://evil.example', 'WWW.evil.example'])(
    'makes no link of %s',
    (text) => {
      expect(toMarkdown({ title: 't', blocks: [{ type: 'paragraph', text }] })).not.toMatch(/:\/\/|www\./i);
    },
  );

  it('that is made before its period ends says so', () => {
    const early = /made before its period ends: what happens from 2026-11-27 08:00:00 to 2026-11-28 00:00:00/;
    const until = (time: string): string => toMarkdown(makeReport(sumUp(LOG, undefined, time), making));
    expect(until('2026-11-28T00:00:00.000000000Z').replaceAll('\\', '')).toMatch(early);
    expect(until('2026-11-27T00:00:00.000000000Z')).not.toContain('made before its period');
  });

  it('lets no name be anything but text', () => {
    const text = toMarkdown(report);
    expect(text).not.toMatch(/<script|\]\(http|\n# heading|[^\\]`code/);
    const html = toHtml(report);
    expect(html).not.toMatch(/<script|<a |javascript:|\u202e/);
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    for (const line of text.split('\n').filter((each) => each.startsWith('| '))) {
      const table = line.replaceAll('\\|', '');
      expect(table.split('|').length).toBeGreaterThan(2);
    }
  });

  it('is one HTML file that loads nothing', () => {
    const html = toHtml(report);
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(html).not.toMatch(/\b(?:src|href)=|url\(|@import/);
    const tags = html.match(/<(\/?)(table|tr|td|th|tbody|thead)\b/g) ?? [];
    const open = tags.filter((tag) => !tag.startsWith('</')).length;
    expect(open * 2).toBe(tags.length);
  });

  it('of a period without records says so', () => {
    const text = toMarkdown(makeReport(sumUp([]), making));
    expect(text).toContain('The log has no record of this period.');
  });

  it('has words for every operation', () => {
    for (const { id } of OPERATIONS.filter(({ id }) => !id.startsWith('Debug'))) {
      expect(wordsFor(id), id).toMatch(/^[a-z][a-zA-Z ]+$/);
    }
    expect(wordsFor('ImageList')).toBe('list images');
    expect(wordsFor('NetworkPrune')).toBe('delete all unused networks');
    expect(wordsFor('(not understood)')).toBe('(not understood)');
  });
});
