import { createPublicKey } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { workerFolder, workerInstance } from '../../src/audit/log-folders.ts';
import { headFile, segmentFile } from '../../src/audit/segments.ts';
import { open, PEM, record } from '../audit/log.ts';
import { linesOf, SampleLog, sample } from '../support/sample-log.ts';
import { freshFolder, quaywarden, start } from './command.ts';

const begin = { type: 'start', version: '0.1.0', policyVersion: 'p', strict: true } as const;
const done = (id: string, seconds: number) =>
  sample({
    id,
    principal: id,
    stage: 'complete',
    time: `2026-11-26T14:00:${String(seconds).padStart(2, '0')}.000000000Z`,
  });

/** What stands in the second column of each row. */
const names = (stdout: string): (string | undefined)[] =>
  stdout
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((row) => row.split(/ {2,}/)[1]);

describe('reading the log of several workers', () => {
  const folder = `${freshFolder()}/audit`;
  const logs = [1, 2].map((n) => new SampleLog(workerFolder(folder, n), workerInstance('gw', n)));
  const [one, two] = logs as [SampleLog, SampleLog];
  beforeAll(() => {
    // Of the second worker all is older than the last file of the first.
    one.append(begin, done('a', 10), done('c', 30));
    two.append(begin, done('b', 20), done('d', 40));
    one.nextSegment();
    one.append(done('e', 50), done('g', 55));
    two.append(done('f', 51));
  });

  it('query mixes their lines by time', async () => {
    const table = await quaywarden(['audit', 'query', folder]);
    expect(names(table.stdout)).toEqual(['-', '-', 'a', 'b', 'c', 'd', 'e', 'f', 'g']);
    expect(table.stdout).toContain('the gateway started, version 0.1.0 (gw.2)');
    const json = await quaywarden(['audit', 'query', folder, '--json', '--principal', '*']);
    const lines = [folder, two.folder].flatMap(linesOf).filter((line) => line.includes('"request"'));
    const time = (line: string): string => line.slice(0, 60);
    expect(json.stdout.trimEnd().split('\n')).toEqual(lines.sort((x, y) => (time(x) < time(y) ? -1 : 1)));
  });

  it('tail shows the last of all, though the last files of one begin later than those of another', async () => {
    const three = new SampleLog(`${freshFolder()}/audit`, 'gw');
    const other = new SampleLog(workerFolder(three.folder, 2), 'gw.2');
    three.append(done('older', 9), done('old', 10));
    other.append(done('x', 20));
    other.nextSegment('2026-11-26T14:00:25.000000000Z');
    other.append(done('y', 30));
    expect(names((await quaywarden(['audit', 'tail', three.folder, '-n', '3'])).stdout)).toEqual([
      'old',
      'x',
      'y',
    ]);
  });

  it('tail follows each of them, those that begin later too', async () => {
    const tail = start(['audit', 'tail', '-f', '-n', '2', folder]);
    await tail.said(/ g .*204/);
    expect(names(tail.stdout())).toEqual(['f', 'g']);
    two.append(sample({ id: 'x', principal: 'second' }));
    one.append(
      sample({ id: 'x', principal: 'first' }),
      sample({ id: 'x', principal: 'first', stage: 'complete' }),
    );
    await tail.said(/ first .*204/);
    two.nextSegment();
    two.append(begin);
    await tail.said(/ second .*lost/);
    await tail.said(/\(crash\).*\(gw\.2\)/);
    const three = new SampleLog(workerFolder(folder, 3), 'gw.3');
    three.append(done('third', 58));
    await tail.said(/ third .*204/);
    tail.child.kill('SIGINT');
    await tail.ended;
  });
});

describe('verifying the log of several workers', () => {
  const dir = freshFolder();
  const folder = `${dir}/audit`;
  const key = ['--key', `${dir}/public.pem`];
  beforeAll(async () => {
    writeFileSync(`${dir}/public.pem`, createPublicKey(PEM).export({ type: 'spki', format: 'pem' }));
    for (const worker of [1, 2, 3]) {
      const options = { gateway: workerInstance('gw', worker) };
      const log = await open(workerFolder(folder, worker), options);
      await log.commit(record(`r${worker}`));
      await log.close();
    }
  });

  it('tells of each chain, and is good when all are', async () => {
    const { code, stdout } = await quaywarden(['audit', 'verify', folder, ...key]);
    expect(code).toBe(0);
    for (const name of ['', '/worker-2', '/worker-3']) {
      expect(stdout).toContain(`${folder}${name}\nOK: 5 records (1 of requests) in 1 segment`);
    }
    expect(stdout).toMatch(/\n\nOK: all 3 chains\n$/);
    const report = await quaywarden(['audit', 'report', folder, ...key]);
    expect(report.code).toBe(0);
    expect(report.stdout).toContain(
      `Chain of gw.3, in ${folder}/worker-3: The log was verified when this report was made: its records 1 to 5`,
    );
  });

  it('says whose they are, and is not good when they are another gateway’s than --instance says', async () => {
    const { code, stdout } = await quaywarden(['audit', 'verify', folder, ...key, '--instance', 'gw']);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/, of the gateway gw\.3\n/)]);
    for (const command of ['verify', 'report']) {
      const other = await quaywarden(['audit', command, folder, ...key, '--instance', 'gw2']);
      expect([other.code, other.stdout]).toEqual([1, expect.stringContaining('segment-missing')]);
    }
  });

  it('is not good when one is not, or one is gone that a kept checkpoint tells of', async () => {
    writeFileSync(`${dir}/kept.jsonl`, readFileSync(headFile(workerFolder(folder, 3))));
    rmSync(workerFolder(folder, 3), { recursive: true });
    const file = segmentFile(workerFolder(folder, 2), 1);
    const text = readFileSync(file, 'latin1');
    rmSync(file);
    writeFileSync(file, text.replace('alice', 'malic'));
    const verify = ['audit', 'verify', folder, ...key, '--checkpoints', `${dir}/kept.jsonl`];
    const { code, stdout } = await quaywarden(verify);
    expect(code).toBe(1);
    expect(stdout).toContain(`${folder}\nOK: 5 records`);
    expect(stdout).toContain(`${folder}/worker-2\nNOT OK: changed at record 3`);
    expect(stdout).toContain(`${folder}/worker-3\nNOT OK: segment-missing`);
    expect(stdout).toMatch(/\nNOT OK: 2 of 3 chains\n$/);
    const json = await quaywarden([...verify, '--json']);
    expect({ code: json.code, said: JSON.parse(json.stdout) }).toMatchObject({
      code: 1,
      said: {
        ok: false,
        logs: [
          { folder, ok: true, gateway: 'gw', lines: 5 },
          { folder: `${folder}/worker-2`, ok: false, fault: { kind: 'changed' } },
          { folder: `${folder}/worker-3`, ok: false, fault: { kind: 'segment-missing' } },
        ],
      },
    });
    const report = await quaywarden(['audit', 'report', folder, ...key]);
    expect(report.code).toBe(1);
    expect(report.stdout).toContain(`worker-2: The log is not what was written`);
  });
});
