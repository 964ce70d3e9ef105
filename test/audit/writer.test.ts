import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditRecord } from '../../src/audit/record.ts';
import { openAuditLog } from '../../src/audit/writer.ts';
import { ConfigError } from '../../src/errors.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'qwa-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const record = (id: string): AuditRecord => ({ id, time: '2026-11-21T00:00:00.000Z' }) as AuditRecord;
const lines = (file: string): { id: string }[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));

describe('the audit log', () => {
  it('holds one JSON object a line, beginning with its schema, as soon as write returns', () => {
    const file = join(dir, 'deep/audit.log');
    const audit = openAuditLog({ file, stdout: false });
    audit.write(record('a'));
    expect(readFileSync(file, 'utf8')).toBe('{"schema":1,"id":"a","time":"2026-11-21T00:00:00.000Z"}\n');
    audit.write(record('b'));
    audit.close();
    expect(lines(file).map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('is appended to, in a folder and a file that only its user can read', () => {
    const file = join(dir, 'audit/audit.log');
    for (const id of ['a', 'b']) {
      const audit = openAuditLog({ file, stdout: false });
      audit.write(record(id));
      audit.close();
    }
    expect(lines(file).map(({ id }) => id)).toEqual(['a', 'b']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(dir, 'audit')).mode & 0o777).toBe(0o700);
  });

  it('tightens a file that others could read', () => {
    const file = join(dir, 'audit.log');
    writeFileSync(file, '');
    chmodSync(file, 0o644);
    openAuditLog({ file, stdout: false }).close();
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('does not open where it can not be written', () => {
    writeFileSync(join(dir, 'file'), '');
    const open = (): unknown => openAuditLog({ file: join(dir, 'file/audit.log'), stdout: false });
    expect(open).toThrow(ConfigError);
    expect(open).toThrow(/audit\.file: .* can not be written \(EEXIST\)/);
  });

  it('throws when the disk is full, and goes on by itself when it no longer is', () => {
    const file = join(dir, 'audit.log');
    symlinkSync('/dev/full', file);
    const audit = openAuditLog({ file, stdout: false });
    expect(() => audit.write(record('lost'))).toThrow(/ENOSPC/);
    unlinkSync(file);
    audit.write(record('kept'));
    expect(lines(file).map(({ id }) => id)).toEqual(['kept']);
  });

  it('throws on a small full file system, and a cut line does not spoil the next', () => {
    const mount = join(dir, 'small');
    mkdirSync(mount);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8k', 'none', mount]);
    try {
      const file = join(mount, 'audit.log');
      const audit = openAuditLog({ file, stdout: false });
      const filler = join(mount, 'filler');
      writeFileSync(filler, Buffer.alloc(4_096));
      const write = (): void => {
        for (let i = 0; i < 1_000; i += 1) audit.write(record(`r${i}`));
      };
      expect(write).toThrow(/ENOSPC/);
      unlinkSync(filler);
      audit.write(record('after'));
      audit.close();
      const text = readFileSync(file, 'utf8').split('\n').slice(0, -1);
      expect(JSON.parse(text.at(-1) as string).id).toBe('after');
      expect(text.filter((line) => !line.endsWith('}')).length).toBeLessThanOrEqual(1);
    } finally {
      execFileSync('umount', [mount]);
    }
  });

  it('throws while the file system is read-only, and goes on when it no longer is', () => {
    const mount = join(dir, 'small');
    mkdirSync(mount);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', mount]);
    try {
      const file = join(mount, 'audit/audit.log');
      const audit = openAuditLog({ file, stdout: false });
      audit.write(record('a'));
      rmSync(file);
      audit.close();
      execFileSync('mount', ['-o', 'remount,ro', mount]);
      expect(() => audit.write(record('lost'))).toThrow(/EROFS/);
      expect(() => audit.write(record('lost'))).toThrow(/EROFS/);
      execFileSync('mount', ['-o', 'remount,rw', mount]);
      audit.write(record('b'));
      audit.close();
      expect(lines(file).map(({ id }) => id)).toEqual(['b']);
    } finally {
      execFileSync('umount', [mount]);
    }
  });

  it('throws when its descriptor was closed, and opens the file again for the next record', () => {
    const file = join(dir, 'audit.log');
    const audit = openAuditLog({ file, stdout: false });
    audit.write(record('a'));
    const descriptor = readdirSync('/proc/self/fd').find((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`) === file;
      } catch {
        return false;
      }
    });
    closeSync(Number(descriptor));
    expect(() => audit.write(record('lost'))).toThrow(/EBADF/);
    audit.write(record('b'));
    audit.close();
    expect(lines(file).map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('begins on a line of its own behind a line that an earlier gateway could not finish', () => {
    const file = join(dir, 'audit.log');
    writeFileSync(file, '{"schema":1,"id":"a"}\n{"schema":1,"i');
    const audit = openAuditLog({ file, stdout: false });
    audit.write(record('b'));
    audit.write(record('c'));
    audit.close();
    const text = readFileSync(file, 'utf8').split('\n');
    expect(text).toHaveLength(5);
    expect(text[1]).toBe('{"schema":1,"i');
    expect(text.slice(2, 4).map((line) => JSON.parse(line).id)).toEqual(['b', 'c']);
  });

  it('leaves no open descriptor behind when it can not be opened', () => {
    const open = readdirSync('/proc/self/fd').length;
    for (let i = 0; i < 5; i += 1) {
      expect(() => openAuditLog({ file: dir, stdout: false })).toThrow(/can not be written \(EISDIR\)/);
    }
    expect(readdirSync('/proc/self/fd').length).toBe(open);
  });

  it('begins a new file when somebody took the old one away', () => {
    const file = join(dir, 'audit/audit.log');
    const audit = openAuditLog({ file, stdout: false });
    audit.write(record('a'));
    rmSync(join(dir, 'audit'), { recursive: true });
    audit.write(record('b'));
    expect(existsSync(file)).toBe(true);
    expect(lines(file).map(({ id }) => id)).toEqual(['b']);
  });
});
