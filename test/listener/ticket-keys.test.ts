import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import { currentSecret, ticketKey } from '../../src/listener/ticket-keys.ts';

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 26, 12);

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync('/tmp/qw-tickets-');
  file = `${dir}/made/session-tickets.key`;
});
afterEach(() => rmSync(dir, { recursive: true }));

const secretAt = (now: number, before?: ReturnType<typeof currentSecret>) =>
  currentSecret(before, file, now).bytes.toString('hex');

describe('the secret of session tickets', () => {
  it('is made for this user alone, and is the same for who comes later', () => {
    const first = secretAt(NOW);
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(secretAt(NOW + HOUR - 1)).toBe(first);
    expect(readdirSync(`${dir}/made`)).toEqual(['session-tickets.key']);
  });

  it('is another one after an hour, and when its time is still to come', () => {
    const first = secretAt(NOW);
    const second = secretAt(NOW + HOUR);
    expect(second).not.toBe(first);
    expect(secretAt(NOW)).not.toBe(second);
  });

  it('is another one when others may have read it', () => {
    const first = secretAt(NOW);
    chmodSync(file, 0o640);
    expect(secretAt(NOW)).not.toBe(first);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('is never written over what somebody else put there', () => {
    secretAt(NOW);
    for (const text of ['', '-----BEGIN PRIVATE KEY-----\n', `${readFileSync(file, 'utf8')}\n`]) {
      writeFileSync(file, text);
      expect(() => secretAt(NOW)).toThrow(ConfigError);
      expect(readFileSync(file, 'utf8')).toBe(text);
    }
  });

  it('stays in memory, for an hour, where no file is named or can be written', () => {
    writeFileSync(`${dir}/made`, 'no folder');
    for (const place of [undefined, file]) {
      const first = currentSecret(undefined, place, NOW);
      expect(currentSecret(first, place, NOW + HOUR - 1)).toBe(first);
      expect(currentSecret(first, place, NOW + HOUR).bytes).not.toEqual(first.bytes);
      expect(currentSecret(undefined, place, NOW).bytes).not.toEqual(first.bytes);
    }
  });
});

describe('ticketKey', () => {
  it('is another one for other CAs and other secrets, and has the length that Node takes', () => {
    const [one, other] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    expect(ticketKey(one, 'a')).toHaveLength(48);
    expect(ticketKey(one, 'a')).toEqual(ticketKey(Buffer.from(one), 'a'));
    expect(ticketKey(one, 'a')).not.toEqual(ticketKey(one, 'b'));
    expect(ticketKey(one, 'a')).not.toEqual(ticketKey(other, 'a'));
  });
});
