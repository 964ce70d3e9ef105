import { spawnSync } from 'node:child_process';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { buildScan } from '../../../src/docker/archive/build.ts';
import { pinned } from '../../../src/docker/archive/dockerfile/pinned.ts';
import { withReplaced } from '../../../src/docker/archive/replace.ts';
import { archive, file, folder, pax, scanned } from './fixtures.ts';

const ID = `sha256:${'5'.repeat(64)}`;

/** In pieces of some bytes each. */
function inPieces(bytes: Buffer, length: number): Readable {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += length) pieces.push(bytes.subarray(at, at + length));
  return Readable.from(pieces, { objectMode: false });
}

function opening(bytes: Buffer, piece: number) {
  return { length: bytes.length, open: () => inPieces(bytes, piece) };
}

/** A file of an archive, as tar reads it. */
function read(bytes: Buffer, name: string): string {
  const { stdout, stderr, status } = spawnSync('tar', ['-xOf', '-', name], { input: bytes });
  expect({ status, stderr: stderr.toString() }).toEqual({ status: 0, stderr: '' });
  return stdout.toString('latin1');
}

function dockerfileOf(bytes: Buffer) {
  const found = scanned(buildScan({ query: {} }), bytes).dockerfile;
  if (found === undefined) throw new Error('no Dockerfile whose lines can be written anew');
  return found;
}

const OTHER = 'x'.repeat(1_500);

for (const [what, length] of [
  ['longer', 3_000],
  ['shorter', 3],
  ['empty', 0],
  ['of whole blocks', 1_024],
] as const) {
  it.each([1, 511, 512, 700, 1_000_000])(
    `a content that is ${what}, in pieces of %d bytes`,
    async (piece) => {
      const bytes = archive(
        folder('a'),
        file('a/before', OTHER),
        file('Dockerfile', `FROM a\n#${'y'.repeat(600)}`),
        file('after', OTHER),
      );
      const { at, content } = dockerfileOf(bytes);
      const place = { at, size: content.length };
      const made = Buffer.from('z'.repeat(length));
      const replaced = withReplaced(opening(bytes, piece), place, made);
      const changed = await buffer(replaced.open());
      expect(changed.length).toBe(replaced.length);
      expect(read(changed, 'Dockerfile')).toBe(made.toString());
      expect(read(changed, 'a/before')).toBe(OTHER);
      expect(read(changed, 'after')).toBe(OTHER);
    },
  );
}

it('reads afterwards as it was meant', async () => {
  const text = [
    'ARG V=1',
    '# a comment',
    'FROM --platform=linux/amd64 \\',
    '# in between',
    '  a:$V \\',
    '  as Build',
    'RUN true',
    'from b',
    'COPY --from=build / /',
    'FROM build',
    'FROM scratch',
    '',
  ].join('\n');
  const bytes = archive(pax([['mtime', '1']]), file('Dockerfile', text));
  const found = dockerfileOf(bytes);
  const made = pinned(found, ({ image }) => `sha256:${image.replace(/:1$/, '').repeat(64)}`);
  expect(made.toString().split('\n')).toEqual([
    'ARG V=1',
    '# a comment',
    `FROM --platform=linux/amd64 sha256:${'a'.repeat(64)} AS Build`,
    '',
    '',
    '',
    'RUN true',
    `FROM sha256:${'b'.repeat(64)}`,
    'COPY --from=build / /',
    'FROM build',
    'FROM scratch',
    '',
  ]);
  const place = { at: found.at, size: found.content.length };
  const changed = await buffer(withReplaced(opening(bytes, 100), place, made).open());
  expect(dockerfileOf(changed).content).toEqual(made);
});

it('is not offered where builders join a FROM differently, or the size stands elsewhere', () => {
  const lines = 'FROM a\nRUN x \\\n # c\nFROM b';
  const joined = archive(file('Dockerfile', lines));
  expect(scanned(buildScan({ query: {} }), joined)).toMatchObject({ images: [{}, {}] });
  expect(scanned(buildScan({ query: {} }), joined).dockerfile).toBeUndefined();
  const sized = archive(pax([['size', '6']]), file('Dockerfile', 'FROM a'));
  expect(scanned(buildScan({ query: {} }), sized)).toMatchObject({ images: [{}] });
  expect(scanned(buildScan({ query: {} }), sized).dockerfile).toBeUndefined();
});

it('closes what it reads from when it is given up, before anything was read and in the middle', async () => {
  for (const reads of [false, true]) {
    const source = inPieces(archive(file('Dockerfile', 'FROM a')), 100);
    const opened = { length: undefined, open: () => source };
    const stream = withReplaced(opened, { at: 0, size: 6 }, Buffer.from(`FROM ${ID}`)).open();
    if (reads) await new Promise((resolve) => stream.once('data', resolve));
    const closed = new Promise((resolve) => source.once('close', resolve));
    stream.destroy();
    await closed;
  }
});
