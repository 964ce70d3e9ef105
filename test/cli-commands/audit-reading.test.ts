import { generateKeyPairSync } from 'node:crypto';
import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { segmentFile } from '../../src/audit/segments.ts';
import { linesOf, SampleLog, sample } from '../support/sample-log.ts';
import { freshFolder, quaywarden, start } from './command.ts';

describe('reading an audit log', () => {
  const folder = freshFolder();
  const log = new SampleLog(`${folder}/audit`);
  beforeAll(() => {
    log.append({ type: 'start', version: '0.1.0', policyVersion: 'p', strict: true });
    for (const [index, principal] of ['alice', 'bob', 'mal\u001b[31mlory'].entries()) {
      const id = `id-${index}`;
      log.append(sample({ id, principal }), sample({ id, principal, stage: 'complete' }));
    }
    log.append(sample({ id: 'no', principal: 'bob', stage: 'refused', operation: 'ContainerDelete' }));
    appendFileSync(segmentFile(log.folder, 1), 'this is no line of a log\n');
  });

  it('query prints a table in which a request is one row, and nothing that moves the cursor', async () => {
    const { code, stdout, stderr } = await quaywarden(['audit', 'query', log.folder]);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringMatching(/^quaywarden: segment 1 holds what is no line of an audit log/),
    });
    const rows = stdout.trimEnd().split('\n');
    expect(rows[0]).toMatch(
      /^TIME \(UTC\) +PRINCIPAL +TENANT +OPERATION +RESOURCE +EFFECT +REASON +STATUS +TAKEN$/,
    );
    expect(rows.slice(1).map((row) => row.slice(21, 60).trim().split(/ {2,}/)[0])).toEqual([
      '-',
      'alice',
      'bob',
      'mal\\u{1b}[31mlory',
      'bob',
    ]);
    expect(rows[4]).toMatch(/allow +granted +204 +13ms$/);
    expect(stdout).not.toContain('\u001b');
  });

  it('query prints the lines as they are with --json, those that are asked for', async () => {
    const { code, stdout } = await quaywarden(
      ['audit', 'query', 'audit', '--json', '--effect', 'deny', '--principal', 'b*', '--since', '2026-11-26'],
      { cwd: folder },
    );
    expect(code).toBe(0);
    expect(stdout).toBe(`${linesOf(log.folder).find((line) => line.includes('"id":"no"'))}\n`);
  });

  it('query knows by which id a name goes from what lies before the period', async () => {
    const own = new SampleLog(`${freshFolder()}/audit`);
    const web = 'd'.repeat(64);
    const of = { tenant: '-', stage: 'complete' as const };
    own.append(
      sample({ ...of, id: '1', operation: 'ContainerCreate', status: 201, resource: { id: web } }),
      sample({ ...of, id: '2', time: '2026-11-26T15:00:00.000000000Z', resource: { name: web, id: web } }),
    );
    const query = ['audit', 'query', own.folder, '--resource', 'container/-/web'];
    for (const form of [[], ['--json']]) {
      const { stdout } = await quaywarden([...query, '--since', '2026-11-26T14:30:00Z', ...form]);
      expect(stdout).toContain('ContainerStop');
      expect(stdout).not.toContain('ContainerCreate');
    }
  });

  it('says what can not be used', async () => {
    const unusable = await quaywarden(['audit', 'query', log.folder, '--operation', 'ContainerStopp']);
    expect(unusable).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('did you mean ContainerStop?'),
    });
    const until = await quaywarden(['audit', 'tail', '-f', '--until', '2026-11-26', log.folder]);
    expect(until).toMatchObject({ code: 2, stderr: expect.stringContaining('leave one of them out') });
    const empty = await quaywarden(['audit', 'tail', folder]);
    expect(empty).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no segment-000001.jsonl'),
    });
  });

  it('tail follows, and shows a request when it ends', async () => {
    const tail = start(['audit', 'tail', '-f', '-n', '1', log.folder]);
    await tail.said(/bob .*ContainerDelete/);
    expect(tail.stdout()).not.toContain('alice');
    log.append(sample({ id: 'late', principal: 'carol' }));
    log.nextSegment();
    log.append(sample({ id: 'late', principal: 'carol', stage: 'complete' }));
    await tail.said(/carol .*204/);
    tail.child.kill('SIGINT');
    await tail.ended;
  });

  it('report writes a page, and says that nothing is proved without a key', async () => {
    const { code } = await quaywarden(
      ['audit', 'report', log.folder, '--format', 'html', '--output', 'report.html'],
      { cwd: folder },
    );
    expect(code).toBe(1);
    const html = readFileSync(`${folder}/report.html`, 'utf8');
    expect(html).toContain('as no public key was given: nothing in this report is proved');
    expect(html).toContain('<td>mal\\u{1b}[31mlory</td>');
    expect(statSync(`${folder}/report.html`).mode & 0o777).toBe(0o600);
  });

  it('report writes over no file unless it is told to', async () => {
    const own = freshFolder();
    writeFileSync(`${own}/report.md`, 'mine');
    const report = ['audit', 'report', log.folder, '--output', 'report.md'];
    const refused = await quaywarden(report, { cwd: own });
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('--force writes over it') });
    expect(readFileSync(`${own}/report.md`, 'utf8')).toBe('mine');
    expect((await quaywarden([...report, '--force'], { cwd: own })).code).toBe(1);
    expect(readFileSync(`${own}/report.md`, 'utf8')).toContain('# Who did what');
  });

  it('report says that a log is not what was written', async () => {
    const { publicKey } = generateKeyPairSync('ed25519');
    writeFileSync(`${folder}/public.pem`, publicKey.export({ type: 'spki', format: 'pem' }));
    const { code, stdout } = await quaywarden([
      'audit',
      'report',
      log.folder,
      '--key',
      `${folder}/public.pem`,
    ]);
    expect(code).toBe(1);
    expect(stdout).toContain('**The log is not what was written: ');
  });
});
