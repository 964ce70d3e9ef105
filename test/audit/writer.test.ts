import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Verdict, verifyFolder } from '../../src/audit/verify.ts';
import type { AuditFault } from '../../src/audit/writer.ts';
import { readAuditLines } from '../support/audit.ts';
import { keys, open, PEM, record } from './log.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'qwa-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const verify = (folder = dir): Verdict => verifyFolder(folder, { keys: keys() });
const said = (folder = dir): string[] =>
  readAuditLines(folder).map((line) => (line.type === 'request' ? line.id : line.type));
const segment = (number: number): string => join(dir, `segment-00000${number}.jsonl`);

describe('the audit log', () => {
  it('has a record on disk when commit returns, between a start and a stop, signed', async () => {
    const log = await open(dir);
    await log.commit(record('a'));
    expect(said()).toEqual(['segment', 'start', 'a']);
    log.append(record('b'));
    await log.close();
    expect(said()).toEqual(['segment', 'start', 'a', 'b', 'stop', 'checkpoint']);
    expect(verify()).toMatchObject({ ok: true, lines: 6, requests: 2, checkpoints: 1, isClosed: true });
  });

  it('has what comes of a record that is written while it is closed, before its stop', async () => {
    const log = await open(dir);
    void log.commit(record('a')).then(() => log.append(record('b')));
    await log.close();
    expect(said()).toEqual(['segment', 'start', 'a', 'b', 'stop', 'checkpoint']);
    expect(verify()).toMatchObject({ ok: true, requests: 2, checkpoints: 1, isClosed: true });
  });

  it('has nothing after its stop, and says so', async () => {
    const warnings: string[] = [];
    const log = await open(dir, { onWarning: (sentence) => warnings.push(sentence) });
    const closing = log.close();
    // The stop is on its way to the disk by then, and can not be there before the event loop turns.
    for (let turn = 0; turn < 20; turn += 1) await null;
    log.append(record('late'));
    await expect(log.commit(record('later'))).rejects.toThrow('the audit log is closed');
    await closing;
    expect(said()).toEqual(['segment', 'start', 'stop', 'checkpoint']);
    expect(verify()).toMatchObject({ ok: true, isClosed: true });
    expect(warnings).toEqual(['1 records could not be written and are lost']);
  });

  it('goes on with its chain at the next start', async () => {
    for (const id of ['a', 'b', 'c']) {
      const log = await open(dir);
      await log.commit(record(id));
      await log.close();
    }
    expect(said().filter((each) => each.length === 1)).toEqual(['a', 'b', 'c']);
    expect(readAuditLines(dir).map(({ sequence }) => sequence)).toEqual(
      [...Array(13).keys()].map((n) => n + 1),
    );
    expect(verify()).toMatchObject({ ok: true, lines: 13 });
  });

  it('keeps folder and files for its user alone', async () => {
    const log = await open(join(dir, 'deep/audit'));
    await log.close();
    expect(statSync(join(dir, 'deep/audit')).mode & 0o777).toBe(0o700);
    for (const file of readdirSync(join(dir, 'deep/audit')))
      expect(statSync(join(dir, 'deep/audit', file)).mode & 0o077).toBe(0);
  });

  it('writes what comes at once in few writes, in order', async () => {
    const log = await open(dir);
    await Promise.all([...Array(2_000).keys()].map((n) => log.commit(record(`r${n}`))));
    await log.close();
    expect(said().filter((each) => each.startsWith('r'))).toEqual(
      [...Array(2_000).keys()].map((n) => `r${n}`),
    );
    expect(verify()).toMatchObject({ ok: true, requests: 2_000 });
  });

  it('is signed every so many records, and so long after one', async () => {
    const log = await open(dir, { checkpoint: { records: 10, seconds: 1 } });
    const began = performance.now();
    for (let n = 0; n < 25; n += 1) await log.commit(record(`r${n}`));
    // Two by their number; one more by its age for each second that the disk took.
    const signed = said().filter((each) => each === 'checkpoint').length;
    expect(signed).toBeGreaterThanOrEqual(2);
    expect(signed).toBeLessThanOrEqual(2 + Math.floor((performance.now() - began) / 1_000));
    const until = Date.now() + 10_000;
    while (said().at(-1) !== 'checkpoint' && Date.now() < until) await new Promise((r) => setTimeout(r, 50));
    expect(said().at(-1)).toBe('checkpoint');
    await log.close();
    expect(verify()).toMatchObject({ ok: true });
  });

  it('begins a new file by size, seals the old one, and follows both', async () => {
    const log = await open(dir, { segment: { bytes: 65_536, seconds: 86_400 } });
    for (let n = 0; n < 200; n += 1) await log.commit(record(`r${n}`));
    await log.close();
    expect(readdirSync(dir).filter((name) => name.startsWith('segment')).length).toBeGreaterThan(2);
    expect(verify()).toMatchObject({ ok: true, requests: 200, isClosed: true });
    expect(statSync(segment(1)).mode & 0o777).toBe(0o400);
  });

  it('begins a new file by age, even when nothing happens', async () => {
    const log = await open(dir, { segment: { bytes: 65_536, seconds: 1 } });
    await log.commit(record('a'));
    const until = Date.now() + 10_000;
    while (!said().includes('seal') && Date.now() < until) await new Promise((r) => setTimeout(r, 50));
    await log.commit(record('b'));
    await log.close();
    expect(said()).toEqual(expect.arrayContaining(['a', 'seal', 'b']));
    expect(existsSync(segment(2))).toBe(true);
    expect(verify()).toMatchObject({ ok: true });
  });

  it('can be signed with keys of other kinds', async () => {
    for (const [kind, algorithm] of [
      [['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'], 'ECDSA'],
      [['-algorithm', 'RSA'], 'RSA'],
    ] as const) {
      const pem = execFileSync('openssl', ['genpkey', ...kind], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const { createSigner } = await import('../../src/audit/signing.ts');
      const folder = join(dir, algorithm);
      const log = await open(folder, { signer: createSigner(pem, 'x') });
      await log.close();
      expect(verifyFolder(folder, { keys: keys(pem) })).toMatchObject({ ok: true, checkpoints: 1 });
      expect(verifyFolder(folder, { keys: keys(PEM) }).fault?.kind).toBe('unknown-key');
    }
  });

  it('is written by one gateway at a time', async () => {
    const log = await open(dir);
    await expect(open(dir)).rejects.toThrow(/is written by another gateway \(process \d+\)/);
    await log.close();
    await (await open(dir)).close();
    writeFileSync(join(dir, 'lock'), '999999 1\n');
    await (await open(dir)).close();
    await expect(open(dir, { gateway: 'other' })).rejects.toThrow(/holds the log of the instance test/);
  });
});

describe('after a crash', () => {
  const crashed = async (): Promise<void> => {
    const log = await open(dir);
    await log.commit(record('a'));
    await log.close();
  };

  it.each(['{"schema":2,"ti', '\0\0\0\0', '{"schema":2}\n\0\0'])(
    'a torn end is kept aside, and the chain goes on: %j',
    async (torn) => {
      await crashed();
      appendFileSync(segment(1), torn);
      const log = await open(dir);
      await log.commit(record('b'));
      await log.close();
      expect(said().slice(5, 8)).toEqual(['recovery', 'start', 'b']);
      const part = readdirSync(dir).find((name) => name.startsWith('torn-'));
      expect(readFileSync(join(dir, part as string), 'latin1')).toBe(torn);
      expect(verify()).toMatchObject({ ok: true, recoveries: 1 });
    },
  );

  it('a file of which only the beginning was written is begun anew', async () => {
    const first = await open(dir, { segment: { bytes: 65_536, seconds: 86_400 } });
    for (let n = 0; n < 80; n += 1) await first.commit(record(`r${n}`));
    await first.close();
    const number = readdirSync(dir).filter((name) => name.startsWith('segment')).length;
    // The last file is cut down to half a line: as if the crash had come while it was begun.
    truncateSync(segment(number), 100);
    rmSync(join(dir, 'head.json'));
    const log = await open(dir);
    await log.commit(record('b'));
    await log.close();
    expect(said()).toContain('recovery');
    expect(verify()).toMatchObject({ ok: true });
  });

  it('an end that was signed and is gone stays missing for ever', async () => {
    await crashed();
    const whole = readFileSync(segment(1), 'latin1').split('\n');
    truncateSync(segment(1), whole.slice(0, 3).join('\n').length + 1);
    expect(verify().fault?.kind).toBe('truncated');
    const log = await open(dir);
    await log.close();
    expect(verify()).toMatchObject({ ok: false, fault: { kind: 'truncated', sequence: 4 } });
  });

  it('the log of another instance is not touched, though its end is torn', async () => {
    await crashed();
    appendFileSync(segment(1), '{"schema":2,"ti');
    const folder = (): unknown =>
      readdirSync(dir).map((file) => [file, readFileSync(join(dir, file), 'latin1')]);
    const before = folder();
    await expect(open(dir, { gateway: 'other' })).rejects.toThrow(/holds the log of the instance test/);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(folder()).toEqual(before);
  });

  it('a file that is no audit log is not touched', async () => {
    writeFileSync(segment(1), 'x'.repeat(5_000_000));
    await expect(open(dir)).rejects.toThrow(/does not end in lines of an audit log/);
    expect(statSync(segment(1)).size).toBe(5_000_000);
  });
});

describe('when it can not be written', () => {
  const mounted = async (options: string, work: (folder: string) => Promise<void>): Promise<void> => {
    const mount = join(dir, 'small');
    mkdirSync(mount);
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'none', mount]);
    try {
      await work(mount);
    } finally {
      execFileSync('umount', [mount]);
    }
  };

  it('on a full disk nothing is committed, what has happened is kept, and it goes on by itself', async () => {
    const faults: (AuditFault | undefined)[] = [];
    await mounted('size=256k', async (mount) => {
      const folder = join(mount, 'audit');
      const log = await open(folder, { onFault: (fault) => faults.push(fault) });
      await log.commit(record('before'));
      const filler = join(mount, 'filler');
      expect(() => writeFileSync(filler, Buffer.alloc(1_048_576))).toThrow(/ENOSPC/);
      let written = 0;
      const fill = async (): Promise<void> => {
        for (; written < 1_000; written += 1) await log.commit(record(`r${written}`));
      };
      await expect(fill()).rejects.toThrow(/ENOSPC/);
      expect(log.fault?.code).toBe('ENOSPC');
      log.append(record('happened'));
      await expect(log.commit(record('refused'))).rejects.toThrow(/ENOSPC/);
      rmSync(filler);
      const until = Date.now() + 10_000;
      while (log.fault !== undefined && Date.now() < until) await new Promise((r) => setTimeout(r, 50));
      expect(log.fault).toBeUndefined();
      await log.commit(record('after'));
      await log.close();
      expect(faults.map((fault) => fault?.code)).toEqual(['ENOSPC', undefined]);
      const ids = said(folder);
      expect(ids).toContain('happened');
      expect(ids).not.toContain('refused');
      expect(ids.filter((id) => /^r\d/.test(id)).length).toBe(written);
      expect(verify(folder)).toMatchObject({ ok: true, lost: 0 });
    });
  });

  it('in a read-only folder nothing is committed until it no longer is', async () => {
    await mounted('size=1m', async (mount) => {
      const log = await open(join(mount, 'audit'), { segment: { bytes: 65_536, seconds: 86_400 } });
      await log.commit(record('a'));
      await log.close();
      execFileSync('mount', ['-o', 'remount,ro', mount]);
      await expect(open(join(mount, 'audit'))).rejects.toThrow(/can not be written \(EROFS\)/);
      execFileSync('mount', ['-o', 'remount,rw', mount]);
      await (await open(join(mount, 'audit'))).close();
      expect(verify(join(mount, 'audit'))).toMatchObject({ ok: true });
    });
  });

  it('more than can be kept is counted, and the log says so', async () => {
    await mounted('size=64k', async (mount) => {
      const folder = join(mount, 'audit');
      const log = await open(folder);
      const filler = join(mount, 'filler');
      expect(() => writeFileSync(filler, Buffer.alloc(1_048_576))).toThrow(/ENOSPC/);
      for (let n = 0; n < 100; n += 1) await log.commit(record('x')).catch(() => undefined);
      for (let n = 0; n < 10_050; n += 1) log.append(record(`k${n}`));
      execFileSync('mount', ['-o', 'remount,size=64m', mount]);
      rmSync(filler);
      await log.commit(record('after'));
      await log.close();
      const gaps = readAuditLines(folder).filter(({ type }) => type === 'gap');
      expect(gaps).toMatchObject([{ type: 'gap', error: 'ENOSPC' }]);
      expect(verify(folder)).toMatchObject({ ok: true });
      expect(verify(folder).lost).toBeGreaterThanOrEqual(50);
    });
  });

  it('a file that was taken away is missed by whoever verifies, and the chain goes on', async () => {
    const log = await open(dir);
    await log.commit(record('a'));
    rmSync(segment(1));
    await log.commit(record('b'));
    await log.close();
    expect(existsSync(segment(2))).toBe(true);
    expect(verify()).toMatchObject({ ok: false, fault: { kind: 'segment-missing', segment: 1 } });
  });

  it('a descriptor that was closed is noticed, and the file opened again', async () => {
    const log = await open(dir);
    await log.commit(record('a'));
    const descriptor = readdirSync('/proc/self/fd').find((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`) === segment(1);
      } catch {
        return false;
      }
    });
    closeSync(Number(descriptor));
    await expect(log.commit(record('lost'))).rejects.toThrow(/EBADF/);
    await log.commit(record('b'));
    await log.close();
    expect(said()).toEqual(['segment', 'start', 'a', 'b', 'stop', 'checkpoint']);
    expect(verify()).toMatchObject({ ok: true });
  });

  it('a link in place of the file is not followed', async () => {
    const log = await open(dir);
    await log.commit(record('a'));
    rmSync(segment(1));
    execFileSync('ln', ['-s', '/dev/null', segment(1)]);
    await expect(log.commit(record('b'))).rejects.toThrow();
    rmSync(segment(1));
    await log.commit(record('c'));
    await log.close();
  });
});

it('when it is not strict nobody waits for the disk', async () => {
  const log = await open(dir, { strict: false });
  await log.commit(record('a'));
  await log.close();
  expect(said()).toEqual(['segment', 'start', 'a', 'stop', 'checkpoint']);
});
