import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { GENESIS, link, readLink } from '../../src/audit/chain.ts';
import { verifySegments } from '../../src/audit/verify.ts';
import { keys, makeLog, SIGNER } from './log.ts';

/** As the issue has it: so many random edits over a log of that many lines in that many files. */
const EDITS = 1_000;
const LINES = 10_000;
const SEGMENTS = 5;

const LOG = makeLog(LINES, SEGMENTS);
const HEAD = (LOG.at(-1) as Buffer).toString('latin1').trimEnd().split('\n').at(-1) as string;

const verify = (files: readonly Buffer[], numbers = files.map((_, index) => index + 1)) =>
  verifySegments(
    numbers,
    { get: (number) => files[numbers.indexOf(number)] },
    { keys: keys(), checkpoints: [HEAD] },
  );

/** A generator of numbers that are the same in every run (mulberry32). */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

interface Edit {
  readonly name: string;
  readonly files: readonly Buffer[];
  readonly numbers?: readonly number[];
  /** Where it has to be found: file and line. */
  readonly segment: number;
  readonly line: number;
  readonly kinds: readonly string[];
}

function edit(kind: number, pick: (below: number) => number): Edit {
  const at = pick(SEGMENTS);
  const lines = (LOG[at] as Buffer).toString('latin1').trimEnd().split('\n');
  const i = pick(lines.length);
  const line = lines[i] as string;
  const made = (changed: readonly string[]): readonly Buffer[] =>
    LOG.map((file, index) =>
      index === at ? Buffer.from(changed.map((each) => `${each}\n`).join(''), 'latin1') : file,
    );
  const place = { segment: at + 1, line: i + 1 };
  switch (kind) {
    case 0: {
      const where = pick(line.length);
      const other = String.fromCharCode(33 + pick(90));
      if (other === line[where]) return edit(kind, pick);
      const changed = line.slice(0, where) + other + line.slice(where + 1);
      return { name: `byte ${where}`, files: made(lines.with(i, changed)), ...place, kinds: ['changed'] };
    }
    case 1: {
      const last = i === lines.length - 1;
      // What follows tells: the next file, or, at the very end, that the log is not closed.
      const after = last ? { segment: at + 1, line: i + 1 } : place;
      return {
        name: 'deleted',
        files: made(lines.toSpliced(i, 1)),
        ...after,
        kinds: last ? ['truncated'] : ['removed', 'changed'],
      };
    }
    case 2: {
      const j = pick(lines.length);
      if (i === j) return edit(kind, pick);
      const swapped = lines.with(i, lines[j] as string).with(j, line);
      return {
        name: `swapped ${i} ${j}`,
        files: made(swapped),
        segment: at + 1,
        line: Math.min(i, j) + 1,
        kinds: ['reordered'],
      };
    }
    case 3: {
      const cut = 1 + pick((LOG[at] as Buffer).length - 1);
      const bytes = (LOG[at] as Buffer).subarray(0, (LOG[at] as Buffer).length - cut);
      const whole = bytes.toString('latin1').split('\n').length - 1;
      return {
        name: `cut by ${cut}`,
        files: LOG.map((file, index) => (index === at ? bytes : file)),
        segment: at + 1,
        line: whole + 1,
        kinds: ['truncated', 'segment-missing'],
      };
    }
    case 4: {
      const garbage =
        pick(2) === 0 ? line : line.replace('alice', 'mallory').replace('checkpoint', 'request');
      const inserted = lines.toSpliced(i, 0, garbage);
      // A copy in front of itself is the genuine one: the second is too many.
      const second = garbage === line ? 1 : 0;
      return {
        name: 'inserted',
        files: made(inserted),
        segment: at + 1,
        line: i + 1 + second,
        kinds: ['inserted'],
      };
    }
    default: {
      const numbers = [1, 2, 3, 4, 5].filter((number) => number !== at + 1);
      return {
        name: `segment ${at + 1} taken away`,
        files: LOG.filter((_, index) => index !== at),
        numbers,
        segment: at + 1,
        line: 0,
        kinds: ['segment-missing'],
      };
    }
  }
}

it('a log that nobody touched is good, and every signature in it', () => {
  const { ok, lines, checkpoints, signedTo, last, isClosed } = verify(LOG);
  expect({ ok, lines, signedTo, last, isClosed }).toEqual({
    ok: true,
    lines: LINES,
    signedTo: LINES,
    last: LINES,
    isClosed: true,
  });
  expect(checkpoints).toBe(20);
});

it(`each of ${EDITS} random edits is found, at its place and by its kind`, { timeout: 300_000 }, () => {
  const pick = random(20_261_126);
  const missed: string[] = [];
  for (let n = 0; n < EDITS; n += 1) {
    const { name, files, numbers, segment, line, kinds } = edit(n % 100 === 99 ? 5 : n % 5, pick);
    const { ok, fault } = verify(files, numbers as number[] | undefined);
    const found = ok ? 'nothing' : `${fault?.kind} ${fault?.segment}:${fault?.line}`;
    const isFound = !ok && kinds.includes(fault?.kind ?? '') && fault?.segment === segment;
    if (!isFound || (line !== 0 && fault?.line !== line)) {
      missed.push(`${name} at ${segment}:${line}, wanted ${kinds.join(' or ')}: ${found}`);
    }
  }
  expect(missed).toEqual([]);
});

describe('whoever writes all hashes anew', () => {
  it('is found by the next signature, for they have no key', () => {
    let head = GENESIS;
    const files = LOG.map((file) => {
      const lines = file.toString('latin1').trimEnd().split('\n');
      return Buffer.from(
        lines
          .map((text) => {
            const changed = head.sequence === 2_600 ? text.replace('alice', 'mallory') : text;
            const { schema: _, sequence, gateway, previous: __, hash: ___, ...entry } = JSON.parse(changed);
            const linked = link(entry, { time: entry.time, sequence, gateway, previous: head.hash });
            head = linked.head;
            return linked.line;
          })
          .join(''),
        'latin1',
      );
    });
    const { ok, fault } = verifySegments(
      [1, 2, 3, 4, 5],
      { get: (number) => files[number - 1] },
      { keys: keys() },
    );
    expect(ok).toBe(false);
    // The change is at 2,601; what is proved ends with the signature before.
    expect(fault).toMatchObject({ kind: 'signature', sequence: 2_501, segment: 2, line: 501 });
  });

  it('and with a key of their own, by its name', () => {
    const { ok, fault } = verifySegments([1, 2, 3, 4, 5], { get: (n) => LOG[n - 1] }, { keys: new Map() });
    expect(ok).toBe(false);
    expect(fault).toMatchObject({ kind: 'unknown-key', segment: 1 });
    expect(fault?.sentence).toContain(SIGNER.key.id);
  });
});

describe('a log', () => {
  it('that ends in the middle of the work is accepted when asked for, and only then', () => {
    const files = [...LOG.slice(0, 4), (LOG[4] as Buffer).subarray(0, 700_000)];
    const read = { get: (number: number) => files[number - 1] };
    expect(verifySegments([1, 2, 3, 4, 5], read, { keys: keys() }).fault?.kind).toBe('truncated');
    expect(verifySegments([1, 2, 3, 4, 5], read, { keys: keys(), open: true })).toMatchObject({
      ok: true,
      isClosed: false,
    });
  });

  it('whose end was cut is found by a checkpoint that was kept elsewhere, even when it may be open', () => {
    const files = [...LOG.slice(0, 4), (LOG[4] as Buffer).subarray(0, 700_000)];
    const options = { keys: keys(), open: true, checkpoints: [HEAD] };
    const { fault } = verifySegments([1, 2, 3, 4, 5], { get: (n) => files[n - 1] }, options);
    expect(fault).toMatchObject({ kind: 'truncated', segment: 5 });
  });

  it('whose older files were moved away is good from the first that is there', () => {
    const read = { get: (number: number) => LOG[number - 1] };
    expect(verifySegments([3, 4, 5], read, { keys: keys() }).fault?.kind).toBe('segment-missing');
    const verdict = verifySegments([3, 4, 5], read, { keys: keys(), from: 3 });
    expect(verdict).toMatchObject({ ok: true, first: 4_001, last: 10_000 });
  });

  it('has hashes that can be computed without this program, as docs/audit.md shows', () => {
    const line = (LOG[0] as Buffer).toString('latin1').split('\n')[7] as string;
    const command = /sed 's.*sha256sum$/m.exec(
      readFileSync(new URL('../../docs/audit.md', import.meta.url), 'utf8'),
    );
    const said = execFileSync('sh', ['-c', String(command?.[0])], { input: `${line}\n`, encoding: 'utf8' });
    expect(said.split(' ')[0]).toBe(readLink(Buffer.from(line))?.hash);
  });
});
