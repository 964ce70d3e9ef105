import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanName } from '../../../src/docker/archive/tree.ts';
import { entriesOf } from './fixtures.ts';

/** A folder of files: relative name to content; `->x` is a link. */
type Tree = Readonly<Record<string, string>>;

const part = (longest: number): fc.Arbitrary<string> =>
  fc
    .string({ unit: fc.constantFrom(...'abcXYZ09 ._-+=@ä€'), minLength: 1, maxLength: longest })
    .filter((name) => !/^\.{1,2}$/.test(name) && Buffer.byteLength(name) < 250);
const content = fc
  .string({ unit: 'binary-ascii', maxLength: 1_500 })
  .filter((text) => !text.startsWith('->'));

/** @param longest characters of one part of a name */
const tree = (longest: number, depth: number): fc.Arbitrary<Tree> =>
  fc
    .array(
      fc.tuple(
        fc.array(part(longest), { minLength: 1, maxLength: depth }),
        fc.oneof(content, fc.constant('->x/y')),
      ),
      { maxLength: 8 },
    )
    .map((files) => {
      const taken: Record<string, string> = {};
      for (const [parts, text] of files) {
        const name = parts.join('/');
        const clash = Object.keys(taken).some(
          (other) => other.startsWith(`${name}/`) || name.startsWith(`${other}/`),
        );
        if (!clash) taken[name] = text;
      }
      return taken;
    });

/** What `tar` makes of a tree; the last file has a second, hard link. */
function packed(files: Tree, format: string): { bytes: Buffer; hard: string | undefined } {
  const root = mkdtempSync(join(tmpdir(), 'quaywarden-tar-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(join(root, dirname(name)), { recursive: true });
      if (text.startsWith('->')) symlinkSync(text.slice(2), join(root, name));
      else writeFileSync(join(root, name), text);
    }
    const [hard] = Object.keys(files).filter((name) => !files[name]?.startsWith('->'));
    if (hard !== undefined) linkSync(join(root, hard), join(root, 'zz-hard'));
    const bytes = execFileSync('tar', [`--format=${format}`, '--sort=name', '-C', root, '-cf', '-', '.'], {
      maxBuffer: 67_108_864,
    });
    return { bytes, hard };
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** Names and contents as the reader sees them, folders left out. */
function read(bytes: Buffer): Record<string, string> {
  const made: Record<string, string> = {};
  const byName = new Map<string, string>();
  for (const { name, type, linkname, content: bytesRead } of entriesOf(bytes, 1_000)) {
    if (type === 'directory') continue;
    const path = cleanName(name) ?? '';
    const text = Buffer.from(bytesRead, 'latin1').toString('utf8');
    const seen =
      type === 'symlink'
        ? `->${linkname}`
        : type === 'hardlink'
          ? (byName.get(cleanName(linkname) ?? '') ?? '')
          : text;
    byName.set(path, seen);
    made[Buffer.from(path, 'latin1').toString('utf8')] = seen;
  }
  return made;
}

const FORMATS = [
  ['ustar', 12, 3],
  ['pax', 80, 6],
  ['gnu', 80, 6],
  ['oldgnu', 80, 6],
  ['v7', 12, 3],
] as const;

describe('the tar reader', () => {
  it.each(FORMATS)(
    'reads names, contents and links that tar wrote in the format %s',
    (format, longest, depth) => {
      fc.assert(
        fc.property(tree(longest, depth), (files) => {
          const { bytes, hard } = packed(files, format);
          const expected = { ...files, ...(hard === undefined ? {} : { 'zz-hard': files[hard] }) };
          expect(read(bytes)).toEqual(expected);
        }),
        { numRuns: 25 },
      );
    },
  );

  it('refuses sparse files as tar writes them', () => {
    const root = mkdtempSync(join(tmpdir(), 'quaywarden-tar-'));
    execFileSync('truncate', ['-s', '10M', join(root, 'sparse')]);
    for (const format of ['gnu', 'pax']) {
      const bytes = execFileSync('tar', [`--format=${format}`, '-S', '-C', root, '-cf', '-', 'sparse']);
      expect(() => entriesOf(bytes)).toThrow(/sparse|kind/);
    }
    rmSync(root, { recursive: true });
  });
});
