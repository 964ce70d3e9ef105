import { appendFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { logFolders, workerFolder, workerInstance } from '../../src/audit/log-folders.ts';
import { headFile, segmentFile } from '../../src/audit/segments.ts';
import { type VerifyLogOptions, verifyLog } from '../../src/audit/verify-log.ts';
import { firstSegments } from '../../src/cli/audit/first-segments.ts';
import { freshFolder } from '../cli-commands/command.ts';
import { keys, open, record } from './log.ts';

const made = freshFolder();
let root: string;

beforeAll(async () => {
  for (const worker of [1, 2, 3]) {
    const folder = workerFolder(made, worker);
    const log = await open(folder, { gateway: workerInstance('test', worker) });
    for (let i = 0; i < 5; i += 1) await log.commit(record(`r${worker}-${i}`));
    await log.close();
  }
});

beforeEach(() => {
  root = `${freshFolder()}/audit`;
  cpSync(made, root, { recursive: true });
});

/** What becomes of each chain: `ok`, or what is wrong with it. */
function verdicts(options: Partial<VerifyLogOptions> = {}): Record<string, string> {
  const chains = verifyLog(root, { keys: keys(), ...options });
  return Object.fromEntries(
    chains.map(({ folder, verdict }) => [
      folder.slice(root.length + 1),
      verdict.ok ? `ok ${verdict.gateway}` : (verdict.fault?.kind ?? ''),
    ]),
  );
}

const good = { '': 'ok test', 'worker-2': 'ok test.2', 'worker-3': 'ok test.3' };
const head = (worker: number): string => readFileSync(headFile(workerFolder(made, worker)), 'latin1').trim();

describe('the chains of several workers', () => {
  it('are verified each by itself', () => {
    expect(verdicts()).toEqual(good);
  });

  it('are found by the number of their worker, where they hold what a log has', () => {
    for (const name of ['worker-10', 'worker-1', 'worker-02', 'worker-x', 'worker-4'])
      mkdirSync(`${root}/${name}`);
    for (const name of ['worker-10', 'worker-1', 'worker-02', 'worker-x'])
      writeFileSync(segmentFile(`${root}/${name}`, 1), '');
    const folders = ['', '/worker-2', '/worker-3', '/worker-10'].map((name) => `${root}${name}`);
    expect(logFolders(root)).toEqual(folders);
    rmSync(segmentFile(root, 1));
    rmSync(headFile(root));
    expect(logFolders(root)).toEqual(folders.slice(1));
  });

  it('of which one was changed are told apart from it', () => {
    const file = segmentFile(`${root}/worker-2`, 1);
    const text = readFileSync(file, 'latin1');
    rmSync(file);
    writeFileSync(file, text.replace('alice', 'malic'));
    expect(verdicts()).toEqual({ ...good, 'worker-2': 'changed' });
  });

  it('of which the first is gone are not good', () => {
    rmSync(segmentFile(root, 1));
    expect(verdicts()).toMatchObject({ '': 'segment-missing' });
    rmSync(headFile(root));
    expect(verdicts()).toMatchObject({ '': 'segment-missing' });
  });

  it('are missed by what was kept elsewhere, and by nothing else, when a folder is gone', () => {
    rmSync(`${root}/worker-3`, { recursive: true });
    const { 'worker-3': _, ...rest } = good;
    expect(verdicts()).toEqual(rest);
    expect(verdicts({ checkpoints: [head(1), head(3), head(2)] })).toEqual({
      ...rest,
      'worker-3': 'segment-missing',
    });
    expect(verdicts({ from: new Map([[3, 1]]) })).toEqual({ ...rest, 'worker-3': 'segment-missing' });
  });

  it('are missed when files are gone and the newest checkpoint is left', () => {
    rmSync(segmentFile(`${root}/worker-3`, 1));
    expect(verdicts()).toEqual({ ...good, 'worker-3': 'segment-missing' });
  });

  it('can not stand in for each other', () => {
    rmSync(`${root}/worker-3`, { recursive: true });
    cpSync(`${root}/worker-2`, `${root}/worker-3`, { recursive: true });
    expect(verdicts()).toEqual({ ...good, 'worker-3': 'segment-missing' });
    rmSync(headFile(`${root}/worker-3`));
    expect(verdicts()).toEqual({ ...good, 'worker-3': 'inserted' });
  });

  it('can not stand in for the first one where it is known whose log it is', () => {
    expect(verdicts({ instance: 'test' })).toEqual(good);
    for (const file of [segmentFile, () => headFile(root)]) rmSync(file(root, 1));
    cpSync(`${root}/worker-2`, root, { recursive: true });
    for (const worker of [2, 3]) rmSync(`${root}/worker-${worker}`, { recursive: true });
    expect(verdicts()).toEqual({ '': 'ok test.2' });
    expect(verdicts({ instance: 'test' })).toEqual({ '': 'segment-missing' });
    rmSync(headFile(root));
    expect(verdicts({ instance: 'test' })).toEqual({ '': 'inserted' });
  });

  it('take each the kept checkpoints of its own gateway', () => {
    expect(verdicts({ checkpoints: [head(3), head(1), head(2)] })).toEqual(good);
    const lines = readFileSync(segmentFile(`${root}/worker-2`, 1), 'latin1').split('\n');
    const file = segmentFile(`${root}/worker-2`, 1);
    rmSync(file);
    rmSync(headFile(`${root}/worker-2`));
    writeFileSync(file, `${lines.slice(0, 4).join('\n')}\n`);
    expect(verdicts({ open: true })).toEqual(good);
    expect(verdicts({ open: true, checkpoints: [head(1), head(2)] })).toEqual({
      ...good,
      'worker-2': 'truncated',
    });
  });

  it('have none to which a checkpoint of another gateway belongs', async () => {
    const other = freshFolder();
    const log = await open(other, { gateway: 'other' });
    await log.close();
    const checkpoint = readFileSync(headFile(other), 'latin1');
    const [first] = verifyLog(root, { keys: keys(), checkpoints: [checkpoint, head(2)] });
    expect(first?.verdict.fault).toMatchObject({
      kind: 'segment-missing',
      sentence: 'a checkpoint kept outside of the log is of the gateway other, whose chain is not here',
    });
    expect(verdicts({ checkpoints: ['no checkpoint'] })).toEqual({ ...good, '': 'changed' });
  });

  it('may each begin with another segment', async () => {
    const folder = workerFolder(root, 2);
    const log = await open(folder, { gateway: 'test.2', segment: { bytes: 2_000, seconds: 86_400 } });
    for (let i = 0; i < 5; i += 1) await log.commit(record(`more-${i}`));
    await log.close();
    expect(verdicts()).toEqual(good);
    rmSync(segmentFile(folder, 1));
    expect(verdicts()).toEqual({ ...good, 'worker-2': 'segment-missing' });
    expect(verdicts({ from: firstSegments('worker-2=2') })).toEqual(good);
    expect(verdicts({ from: firstSegments('2,worker-2=2') })).toEqual({ ...good, '': 'segment-missing' });
  });

  it('of which one can not be read are not taken for fewer', () => {
    appendFileSync(`${root}/worker-4`, '');
    expect(() => verdicts()).toThrow('ENOTDIR');
  });
});

describe('the first segments that have to be there', () => {
  it.each([
    ['12', [[1, 12]]],
    [
      '12,worker-2=9',
      [
        [1, 12],
        [2, 9],
      ],
    ],
  ])('are read from %s', (text, first) => expect([...firstSegments(text)]).toEqual(first));

  it.each(['', '0', 'x', '1,2', 'worker-1=2', 'worker-2', 'worker-2=', 'worker-2=1,worker-2=1', '1,', '=1'])(
    'are not taken from %j',
    (text) => expect(() => firstSegments(text)).toThrow(),
  );
});
