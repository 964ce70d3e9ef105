import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { leaksIn, planted } from './planted.ts';

it('finds planted secrets as they are and in base64, tokens and private keys, and nothing else', () => {
  const run = mkdtempSync(join(tmpdir(), 'qwp-'));
  const dir = join(run, 'gateways/g');
  mkdirSync(join(dir, 'audit'), { recursive: true });
  mkdirSync(join(dir, 'certs/admin'), { recursive: true });
  const line = 'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg';
  writeFileSync(join(dir, 'certs/admin/key.pem'), `-----BEGIN PRIVATE KEY-----\n${line}\n`);
  const log = join(dir, 'audit/segment-000001.jsonl');
  const found = (text: string): number => {
    writeFileSync(log, text);
    return leaksIn(run).leaks.length;
  };
  const secret = planted('env');
  expect(found('{"schema":2}')).toBe(0);
  expect(found(`{"a":"${secret}"}`)).toBe(1);
  for (const before of ['', 'a', 'ab']) {
    expect(found(Buffer.from(`${before}${secret}`).toString('base64'))).toBe(1);
  }
  expect(found(`Bearer ${Buffer.from('{"alg":"ES256","kid":"x"}').toString('base64url')}.a.b`)).toBe(1);
  expect(found(`x ${line} x`)).toBe(1);
  expect(leaksIn(run).files).toBe(1);
  rmSync(run, { recursive: true });
});
