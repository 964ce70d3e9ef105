import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { GENESIS, type Head, link } from '../../src/audit/chain.ts';
import { verifySegments } from '../../src/audit/verify.ts';
import { keys, makeLog, record, SIGNER } from '../audit/log.ts';

/** Somebody who can write the folder, and computes hashes, and has no key. */
const verify = (files: readonly Buffer[]) =>
  verifySegments(
    files.map((_, index) => index + 1),
    { get: (number) => files[number - 1] },
    { keys: keys() },
  );

/** A line with a good hash whose members are written by hand. */
function line(head: Head, first: string, more: string): { readonly text: string; readonly head: Head } {
  const sequence = head.sequence + 1;
  const body = `{"schema":2,"time":"2026-11-21T00:00:00.000000000Z","sequence":${sequence},"gateway":"test","type":"${first}",${more},"previous":"${head.hash}"`;
  const hash = createHash('sha256').update(`${body}}`).digest('hex');
  return { text: `${body},"hash":"${hash}"}\n`, head: { sequence, hash } };
}

/** A log that no gateway wrote: the last line is what `end` makes. */
function forged(end: (head: Head) => { readonly text: string }): Buffer {
  let head: Head = GENESIS;
  const lines: string[] = [];
  for (const entry of [
    { type: 'segment', segment: 1, key: SIGNER.key } as const,
    record('never happened'),
    { type: 'stop' } as const,
  ]) {
    const place = {
      time: '2026-11-21T00:00:00.000000000Z',
      sequence: head.sequence + 1,
      gateway: 'test',
      previous: head.hash,
    };
    const linked = link(entry, place);
    lines.push(linked.line);
    head = linked.head;
  }
  lines.push(end(head).text);
  return Buffer.from(lines.join(''), 'latin1');
}

describe('a log that was made without the key is not good', () => {
  it('when its last line is a checkpoint to one reader and something else to another', () => {
    const file = forged((head) => line(head, 'checkpoint', '"type":"policy","policyVersion":"x"'));
    expect(verify([file])).toMatchObject({ ok: false, fault: { kind: 'changed', line: 4 } });
  });

  it('when its checkpoint has the number of another', () => {
    const file = forged((head) => {
      const signature = SIGNER.sign({ gateway: 'test', sequence: 9, previous: head.hash, time: 't' });
      const key = JSON.stringify(SIGNER.key);
      return line(
        head,
        'checkpoint',
        `"sequence":9,"time":"t","segment":1,"key":${key},"signature":"${signature}"`,
      );
    });
    expect(verify([file])).toMatchObject({ ok: false, fault: { kind: 'changed', line: 4 } });
  });

  it('and one that a gateway wrote is', () => {
    expect(verify(makeLog(100, 3)).ok).toBe(true);
  });
});
