import { describe, expect, it } from 'vitest';
import { buildScan } from '../../../src/docker/archive/build.ts';
import type { BaseImages } from '../../../src/docker/archive/dockerfile.ts';
import type { Query } from '../../../src/docker/types.ts';
import { refusalOf } from '../refusing.ts';
import { archive, file, folder, hardlink, header, scanned, symlink } from './fixtures.ts';

function read(entries: readonly Buffer[], query: Query = {}): BaseImages {
  return scanned(buildScan({ query }), archive(...entries));
}

/** References as short as they can be. */
const bases = (entries: readonly Buffer[], query: Query = {}): string[] | null =>
  read(entries, query).images?.map(({ reference }) =>
    reference.replace(/^docker.io\/library\/|:latest$/g, ''),
  ) ?? null;

describe('the scan of a build context reads', () => {
  const both = [file('Dockerfile', 'FROM upper'), file('dockerfile', 'FROM lower')];

  it.each<[string, readonly Buffer[], Query, string[]]>([
    ['the Dockerfile', [file('a'), file('Dockerfile', 'FROM a'), file('b')], {}, ['a']],
    ['the Dockerfile by a name with a dot', [file('./Dockerfile', 'FROM a')], {}, ['a']],
    ['the Dockerfile of that name', both, { dockerfile: 'dockerfile' }, ['lower']],
    ['the Dockerfile for an empty name', both, { dockerfile: '' }, ['upper']],
    ['the Dockerfile before the one in lower case', [...both].reverse(), {}, ['upper']],
    ['the one in lower case when there is no other', [file('dockerfile', 'FROM lower')], {}, ['lower']],
    ['the one in a folder', [folder('a/'), file('a/b', 'FROM x')], { dockerfile: 'a/b' }, ['x']],
    ['the one in a folder by a longer name', [file('a/b', 'FROM x')], { dockerfile: './/a/./b' }, ['x']],
    ['the one in a folder by a name with a slash', [file('a/b', 'FROM x')], { dockerfile: '/a/b' }, ['x']],
    ['the one by a name with several slashes', [file('a/b', 'FROM x')], { dockerfile: '///a/b' }, ['x']],
    ['empty build arguments', [file('Dockerfile', 'FROM x')], { buildargs: '' }, ['x']],
    ['a Dockerfile of exactly 1 MiB', [file('Dockerfile', 'FROM x\n'.padEnd(1_048_576, '\n'))], {}, ['x']],
    ['a name outside ASCII', [file('\xc3\xa4', 'FROM x')], { dockerfile: 'ä' }, ['x']],
    [
      'the build arguments',
      [file('Dockerfile', 'ARG X\nFROM $X')],
      { buildargs: '{"X":"a","Y":null}' },
      ['a'],
    ],
    ['null for no build arguments', [file('Dockerfile', 'FROM a')], { buildargs: 'null' }, ['a']],
    ['nothing of links beside it', [symlink('x', 'Dockerfile'), file('Dockerfile', 'FROM a')], {}, ['a']],
    [
      'nothing of other files twice',
      [file('x', '1'), file('Dockerfile', 'FROM a'), file('x', '2')],
      {},
      ['a'],
    ],
  ])('%s', (_, entries, query, expected) => {
    expect(bases(entries, query)).toEqual(expected);
  });

  it('and names the Dockerfile in the fact', () => {
    expect(read([file('\xc3\xa4', 'FROM x')], { dockerfile: 'ä' }).images?.[0]?.field).toBe('ä:1');
  });
});

describe('the scan of a build context can not tell', () => {
  const sound = file('Dockerfile', 'FROM a');
  it.each<[string, readonly Buffer[], Query?]>([
    ['without a Dockerfile', [file('a')]],
    ['without one of that name', [sound], { dockerfile: 'other' }],
    [
      'with only one in lower case for a longer name',
      [file('dockerfile', 'FROM a')],
      { dockerfile: './Dockerfile' },
    ],
    ['with a Dockerfile that is a symbolic link', [file('x', 'FROM a'), symlink('Dockerfile', 'x')]],
    ['with a Dockerfile that is a hard link', [file('x', 'FROM a'), hardlink('Dockerfile', 'x')]],
    ['with a Dockerfile that is a folder', [folder('Dockerfile/')]],
    ['with two Dockerfiles', [sound, file('./Dockerfile', 'FROM b')]],
    ['with a Dockerfile that is a file and a folder', [sound, file('Dockerfile/x')]],
    [
      'with a Dockerfile that comes through a link',
      [symlink('d', '.'), file('d/Dockerfile', 'FROM b'), sound],
    ],
    [
      'with a folder of the Dockerfile that is a link',
      [symlink('a', 'b'), file('b/D', 'FROM b')],
      { dockerfile: 'a/D' },
    ],
    ['with a folder that becomes a link', [file('a/D', 'FROM a'), symlink('a', 'b')], { dockerfile: 'a/D' }],
    ['with a folder that becomes a file', [file('a/D', 'FROM a'), file('a')], { dockerfile: 'a/D' }],
    ['with a name that goes up', [file('../x'), sound]],
    ['with an absolute name', [file('/Dockerfile', 'FROM b'), sound]],
    ['with a Dockerfile outside', [sound], { dockerfile: '../Dockerfile' }],
    ['with a Dockerfile that goes up and down', [sound], { dockerfile: 'a/../Dockerfile' }],
    ['with the folder for a Dockerfile', [sound], { dockerfile: '/' }],
    ['with a Dockerfile that holds a NUL', [sound], { dockerfile: 'Dockerfile\0' }],
    ['with build arguments that are no object', [sound], { buildargs: '[]' }],
    ['with build arguments that are no texts', [sound], { buildargs: '{"X":1}' }],
    ['with build arguments that stand twice', [sound], { buildargs: '{"X":"a","X":"b"}' }],
  ])('%s', (_, entries, query) => {
    expect(read(entries, query)).toEqual({ images: null, why: expect.stringMatching(/\w/) });
  });

  it.each<[string, readonly Buffer[], Query, string]>([
    [
      'a name',
      [file('../Dockerfile', 'FROM b')],
      { dockerfile: '../Dockerfile' },
      'the name of the Dockerfile is none',
    ],
    ['the folder', [sound], { dockerfile: '.' }, 'the name of the Dockerfile is none'],
    ['a NUL', [file('Dockerfile')], { dockerfile: 'x\0' }, 'the name of the Dockerfile is none'],
    ['build arguments', [sound], { buildargs: '{' }, 'the build arguments can not be read'],
    ['a first fault', [file('../x'), file('/y'), sound], {}, '"../x"'],
    ['a link', [symlink('Dockerfile', 'x')], {}, '"Dockerfile" in the archive is no regular file'],
    ['no Dockerfile', [file('a', 'x'.repeat(2_000_000))], {}, 'the archive has no Dockerfile'],
  ])('because of %s, and says so', (_, entries, query, why) => {
    expect(read(entries, query).why).toContain(why);
  });

  it('with a Dockerfile beyond 1 MiB, of which it keeps nothing', () => {
    const scan = buildScan({ query: {} });
    scan.write(header({ name: 'Dockerfile', size: 1_048_577 }));
    for (let at = 0; at < 1_049_088; at += 512) scan.write(Buffer.alloc(512));
    scan.write(Buffer.alloc(1_024));
    expect(scan.end()).toEqual({ images: null, why: 'the Dockerfile is larger than 1048576 bytes' });
  });
});

describe('the scan of a build context refuses', () => {
  it('an archive that programs read differently, whatever its Dockerfile says', () => {
    const scan = buildScan({ query: { dockerfile: '..' } });
    expect(refusalOf(() => scan.write(header({ name: 'x', flag: 'S' }))).reason).toBe('archive-entry-type');
  });
});
