import { describe, expect, it } from 'vitest';
import { GENESIS, link, readLink } from '../../../src/audit/chain.ts';
import type { LogLine } from '../../../src/audit/reader.ts';
import type { AuditEntry } from '../../../src/audit/record.ts';
import { toMessage } from '../../../src/audit/sinks/message.ts';
import { frame } from '../../../src/audit/sinks/rfc5424.ts';
import { frameReader } from '../../support/receivers.ts';
import { sample } from '../../support/sample-log.ts';

const origin = { facility: 13, hostname: 'gw.example.org', maxMessageBytes: 8_192 };

function lineOf(entry: AuditEntry): LogLine {
  const { line } = link(entry, {
    time: '2026-11-26T14:00:00.123456789Z',
    sequence: 7,
    gateway: 'gw-1',
    previous: GENESIS.hash,
  });
  const bytes = Buffer.from(line.trimEnd(), 'latin1');
  return { bytes, link: readLink(bytes), end: { segment: 1, offset: 0, ...GENESIS } };
}

function messageOf(entry: AuditEntry, format: 'native' | 'ocsf' = 'native', most = 8_192): string {
  const messages: string[] = [];
  frameReader((text) => messages.push(text))(
    frame(lineOf(entry), toMessage(format, '0.1.0'), { ...origin, maxMessageBytes: most }),
  );
  expect(messages).toHaveLength(1);
  return messages[0] ?? '';
}

describe('messages of RFC 5424', () => {
  it.each([
    ['an allowed request', sample({ stage: 'complete' }), 110, 'complete'],
    ['a refused request', sample({ stage: 'refused' }), 108, 'refused'],
    [
      'lost records',
      { type: 'gap', lost: 3, since: '2026-11-26T14:00:00.000000000Z', error: 'ENOSPC' },
      107,
      'gap',
    ],
    ['a stop', { type: 'stop' }, 109, 'stop'],
  ] satisfies [string, AuditEntry, number, string][])(
    'tell the priority, time and kind of %s',
    (_, entry, priority, id) => {
      expect(messageOf(entry)).toMatch(
        new RegExp(
          `^<${priority}>1 2026-11-26T14:00:00\\.123456Z gw\\.example\\.org quaywarden - ${id} - \\{"schema":2,`,
        ),
      );
    },
  );

  it('carry the line as it is, in ASCII and without a byte order mark', () => {
    const entry = sample({ principal: 'Jürgen \u202e' });
    const text = messageOf(entry);
    expect(text.slice(text.indexOf('{'))).toBe(lineOf(entry).bytes.toString('latin1'));
    expect(text).toMatch(/^[\x20-\x7e]+$/);
  });

  it('carry an event in ASCII too', () => {
    const text = messageOf(sample({ principal: 'Jürgen' }), 'ocsf');
    expect(text).toMatch(/^[\x20-\x7e]+$/);
    expect(JSON.parse(text.slice(text.indexOf('{')))).toMatchObject({
      class_uid: 6003,
      actor: { user: { name: 'Jürgen' } },
    });
  });

  it('pass on what holds the log together as it is, events or not', () => {
    const entry: AuditEntry = {
      type: 'checkpoint',
      segment: 1,
      key: { id: 'a'.repeat(64), algorithm: 'Ed25519' },
      signature: 'c2ln',
    };
    const text = messageOf(entry, 'ocsf');
    expect(text.slice(text.indexOf('{'))).toBe(lineOf(entry).bytes.toString('latin1'));
  });

  it.each(['native', 'ocsf'] as const)(
    'lose their longest members where they are too long (%s)',
    (format) => {
      const entry = sample({
        body: { Env: 'x'.repeat(10_000) },
        involves: ['image/docker.io/library/alpine:3'],
      });
      const text = messageOf(entry, format);
      expect(text.length).toBeLessThanOrEqual(8_192);
      const said = JSON.parse(text.slice(text.indexOf('{'))) as { shortened: string[] };
      expect(said.shortened).toEqual([format === 'native' ? 'request.body' : 'unmapped.body']);
      expect(text).toContain('alpine:3');
      expect(text).toContain('"hash":"');
      expect(messageOf(entry, format, 16_384).length).toBeGreaterThan(10_000);
    },
  );

  it.each(['native', 'ocsf'] as const)(
    'are never longer than they may be, whatever is long (%s)',
    (format) => {
      const session = {
        ...{
          id: 'e'.repeat(64),
          kind: 'exec' as const,
          container: null,
          user: null,
          tty: null,
          recording: null,
        },
        command: ['sh', '-c', 'x'.repeat(20_000)],
      };
      const text = messageOf(
        sample({ session, roles: Array.from({ length: 400 }, (_, n) => `role-of-many-words-${n}`) }),
        format,
        2_048,
      );
      expect(text.length).toBeLessThanOrEqual(2_048);
      const said = JSON.parse(text.slice(text.indexOf('{'))) as { shortened: string[] };
      expect(said.shortened.length).toBeGreaterThan(0);
    },
  );

  it('stay JSON when nothing more can be taken out', () => {
    const text = messageOf(sample({ body: 'x' }), 'native', 600);
    expect(JSON.parse(text.slice(text.indexOf('{')))).toMatchObject({ sequence: 7 });
  });
});
