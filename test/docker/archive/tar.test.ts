import { describe, expect, it } from 'vitest';
import { TarReader } from '../../../src/docker/archive/tar.ts';
import { refusalOf } from '../refusing.ts';
import { archive, entriesOf, entry, file, folder, hardlink, header, long, pax, symlink } from './fixtures.ts';

const GNU = 'ustar  \0';
const V7 = '\0\0\0\0\0\0\0\0';

describe('the tar reader', () => {
  it('reads files, folders, links and special files', () => {
    const bytes = archive(
      folder('a/'),
      file('a/b', 'content'),
      symlink('a/s', 'b'),
      hardlink('a/h', 'a/b'),
      entry({ name: 'fifo', flag: '6' }),
      file('empty'),
    );
    expect(entriesOf(bytes)).toEqual([
      { name: 'a/', type: 'directory', linkname: '', size: 0, content: '' },
      { name: 'a/b', type: 'file', linkname: '', size: 7, content: 'content' },
      { name: 'a/s', type: 'symlink', linkname: 'b', size: 0, content: '' },
      { name: 'a/h', type: 'hardlink', linkname: 'a/b', size: 0, content: '' },
      { name: 'fifo', type: 'special', linkname: '', size: 0, content: '' },
      { name: 'empty', type: 'file', linkname: '', size: 0, content: '' },
    ]);
  });

  const many = archive(
    pax([['path', 'p'.repeat(300)]]),
    file('short', 'x'.repeat(1_537)),
    long('L', 'l'.repeat(200)),
    entry({ name: 'cut', magic: GNU }, 'y'.repeat(512)),
    file('last'),
  );
  it.each([1, 7, 511, 512, 513, 4_096])(
    'reads the same whichever pieces it arrives in (%i bytes)',
    (size) => {
      expect(entriesOf(many, size)).toEqual(entriesOf(many));
      expect(entriesOf(many).map(({ name }) => name.length)).toEqual([300, 200, 4]);
    },
  );

  it('puts the prefix of USTAR before the name', () => {
    expect(entriesOf(archive(entry({ name: 'b', prefix: 'a' }))).map(({ name }) => name)).toEqual(['a/b']);
  });

  it('reads a name that fills its field', () => {
    const name = 'n'.repeat(100);
    expect(entriesOf(archive(file(name))).map((each) => each.name)).toEqual([name]);
  });

  it('reads names as bytes, whatever they are', () => {
    expect(entriesOf(archive(file('\xff\xc3\xa4'))).map(({ name }) => name)).toEqual(['\xff\xc3\xa4']);
  });

  it('applies the path, linkpath and size of PAX and passes over other records', () => {
    const bytes = archive(
      pax([
        ['mtime', '1.5'],
        ['SCHILY.xattr.security.capability', '\0\0\x01'],
        ['path', 'new name'],
        ['size', '3'],
      ]),
      entry({ name: 'old', size: 0 }, ''),
      Buffer.from(`abc${'\0'.repeat(509)}`),
      pax([['linkpath', 'far away']]),
      symlink('s', 'near'),
    );
    expect(entriesOf(bytes)).toEqual([
      { name: 'new name', type: 'file', linkname: '', size: 3, content: 'abc' },
      { name: 's', type: 'symlink', linkname: 'far away', size: 0, content: '' },
    ]);
  });

  it('applies long names and targets of GNU, in either order', () => {
    const [name, target] = ['n'.repeat(150), 't'.repeat(150)];
    for (const heads of [
      [long('L', name), long('K', target)],
      [long('K', target), long('L', name)],
    ]) {
      const [only] = entriesOf(archive(...heads, symlink('cut', 'cut')));
      expect([only?.name, only?.linkname]).toEqual([name, target]);
    }
  });

  it('forgets an extended header after the entry it belongs to', () => {
    const names = entriesOf(archive(pax([['path', 'one']]), file('1'), file('two'))).map(({ name }) => name);
    expect(names).toEqual(['one', 'two']);
  });

  it('passes over a global header of git, which says nothing of the entries', () => {
    const bytes = archive(pax([['comment', '2e5f']], 'g'), file('a'));
    expect(entriesOf(bytes).map(({ name }) => name)).toEqual(['a']);
  });

  it('reads an extended header behind a global one', () => {
    const bytes = archive(pax([['comment', 'c']], 'g'), pax([['path', 'new']]), file('old'));
    expect(entriesOf(bytes).map(({ name }) => name)).toEqual(['new']);
  });

  it('takes a name that looks like compressed data where it is not the first', () => {
    expect(entriesOf(archive(file('a'), file('BZh91AY'))).map(({ name }) => name)).toEqual(['a', 'BZh91AY']);
  });

  it('takes a first name that has such letters later', () => {
    const names = ['aBZh', 'a\x1f\x8b\x08', 'a\x28\xb5\x2f\xfd', 'aP*M\x18'];
    expect(names.flatMap((name) => entriesOf(archive(file(name))).map((each) => each.name))).toEqual(names);
    expect(entriesOf(archive(file('a'), entry({ name: 'x\xfd7zXZ' })))).toHaveLength(2);
  });

  it('takes a long name of one letter and an extended header of the largest size', () => {
    expect(entriesOf(archive(long('L', 'x'), file('cut'))).map(({ name }) => name)).toEqual(['x']);
    const value = 'v'.repeat(1_048_576 - '1048576 comment=\n'.length);
    expect(entriesOf(archive(pax([['comment', value]]), file('a')))).toHaveLength(1);
  });

  it('reads sizes of PAX of more than one digit', () => {
    const bytes = archive(pax([['size', '600']]), entry({ name: 'a', size: 0 }), Buffer.alloc(1_024, 'x'));
    expect(entriesOf(bytes)).toMatchObject([{ size: 600, content: 'x'.repeat(600) }]);
  });

  it('shows the target of links only', () => {
    const bytes = archive(
      entry({ name: 'a', linkname: 'b' }),
      entry({ name: 'd/', flag: '5', linkname: 'b' }),
    );
    expect(entriesOf(bytes).map(({ linkname }) => linkname)).toEqual(['', '']);
  });

  it('reads V7 headers, whose folders are files with a slash at their end', () => {
    const bytes = archive(
      entry({ name: 'd/', flag: '\0', magic: V7 }),
      entry({ name: 'f', flag: '\0', magic: V7 }),
    );
    expect(entriesOf(bytes).map(({ type }) => type)).toEqual(['directory', 'file']);
  });

  it("reads GNU's form of large sizes", () => {
    const seen: number[] = [];
    const reader = new TarReader(({ size }) => {
      seen.push(size);
      return undefined;
    });
    reader.write(header({ name: 'large', size: '\x80\0\0\0\0\0\0\x02\0\0\0\x01', magic: GNU }));
    expect(seen).toEqual([2 ** 33 + 1]);
    expect(refusalOf(() => reader.end()).reason).toBe('archive-truncated');
  });

  it('reads an extended header in which a value looks like a record', () => {
    const bytes = archive(pax([['comment', 'a\n9 path=x\nb']]), file('a'));
    expect(entriesOf(bytes).map(({ name }) => name)).toEqual(['a']);
  });

  it('takes zeros after the end, of which tar writes up to 20 blocks', () => {
    expect(entriesOf(Buffer.concat([archive(file('a')), Buffer.alloc(100_001)]))).toHaveLength(1);
  });

  it('keeps nothing of a file that nobody asks for', () => {
    const reader = new TarReader(() => undefined);
    reader.write(header({ name: 'large', size: 600_000_000 }));
    const piece = Buffer.alloc(1_048_576, 1);
    const before = process.memoryUsage();
    for (let at = 0; at < 500; at += 1) reader.write(piece);
    const after = process.memoryUsage();
    expect(after.arrayBuffers + after.external - before.arrayBuffers - before.external).toBeLessThan(
      50_000_000,
    );
  });
});

describe('the tar reader refuses', () => {
  const sound = file('a', 'content');
  const signed = (): Buffer => {
    const block = header({ name: '\xff' });
    const sum = block.reduce(
      (total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte > 127 ? byte - 256 : byte),
      0,
    );
    return header({ name: '\xff', checksum: `${sum.toString(8).padStart(6, '0')}\0 ` });
  };

  const REFUSED = [
    ['nothing at all', Buffer.alloc(0), 'archive-truncated'],
    ['an archive without an end', sound, 'archive-truncated'],
    ['one block of zeros for an end', Buffer.concat([sound, Buffer.alloc(512)]), 'archive-truncated'],
    [
      'a file that breaks off',
      Buffer.concat([header({ name: 'a', size: 9 }), Buffer.from('xy')]),
      'archive-truncated',
    ],
    ['half a header', sound.subarray(0, 300), 'archive-truncated'],
    ['an entry behind one block of zeros', archive(sound, Buffer.alloc(512), sound), 'archive-header'],
    ['an entry behind the end', Buffer.concat([archive(sound), sound]), 'archive-trailing-data'],
    ['one byte behind the end', Buffer.concat([archive(sound), Buffer.from('x')]), 'archive-trailing-data'],
    ['text', Buffer.alloc(2_048, 'FROM scratch\n'), 'archive-header'],

    ['a wrong checksum', archive(entry({ name: 'a', checksum: '001234\0 ' })), 'archive-header'],
    ['no checksum', archive(entry({ name: 'a', checksum: '\0\0\0\0\0\0\0\0' })), 'archive-header'],
    ['a checksum of signed bytes', archive(signed()), 'archive-header'],
    ['the STAR format', archive(entry({ name: 'a', patch: { 508: 'tar\0' } })), 'archive-header'],
    ['an unknown magic', archive(entry({ name: 'a', magic: 'ustar\0  ' })), 'archive-header'],
    [
      'V7 with something behind its fields',
      archive(entry({ name: 'a', magic: V7, prefix: 'p' })),
      'archive-header',
    ],
    ["GNU's access time", archive(entry({ name: 'a', magic: GNU, prefix: '14000000000' })), 'archive-header'],
    ['a name behind a NUL', archive(entry({ name: 'a\0b' })), 'archive-header'],
    ['a prefix behind a NUL', archive(entry({ name: 'a', prefix: '\0b' })), 'archive-header'],
    ['a target behind a NUL', archive(entry({ name: 'a', flag: '2', linkname: 'b\0c' })), 'archive-header'],
    ['an empty size', archive(entry({ name: 'a', size: '\0'.repeat(12) })), 'archive-header'],
    ['a size with NULs before it', archive(entry({ name: 'a', size: '\x00000000000\0' })), 'archive-header'],
    [
      'a size with something behind it',
      archive(entry({ name: 'a', size: '0000\x000000001' })),
      'archive-header',
    ],
    ['a decimal size', archive(entry({ name: 'a', size: '00000000008\0' })), 'archive-header'],
    ['a negative size', archive(entry({ name: 'a', size: '\xff'.repeat(12) })), 'archive-header'],
    [
      'a size beyond all measure',
      archive(entry({ name: 'a', size: `\x80\x01${'\0'.repeat(10)}` })),
      'archive-header',
    ],
    [
      'a size in base 256 with another first byte',
      archive(entry({ name: 'a', size: `\x81${'\0'.repeat(11)}` })),
      'archive-header',
    ],
    ['a folder with content', archive(entry({ name: 'a/', flag: '5' }, 'x')), 'archive-header'],
    ['a link with content', archive(entry({ name: 'a', flag: '1', linkname: 'b' }, 'x')), 'archive-header'],

    ...['7', 'S', 'D', 'M', 'N', 'V', 'X', 'A', ' ', '\xff'].map(
      (flag) =>
        [
          `the type ${JSON.stringify(flag)}`,
          archive(entry({ name: 'a', flag })),
          'archive-entry-type',
        ] as const,
    ),
    ['an entry without a name', archive(entry({ name: '' })), 'archive-name'],
    ['a file named like a folder', archive(entry({ name: 'a/' }, 'x')), 'archive-name'],
    ['a file that PAX names like a folder', archive(pax([['path', 'a/']]), file('a')), 'archive-name'],

    ['sparse files of PAX', archive(pax([['GNU.sparse.major', '1']]), sound), 'archive-extended-header'],
    ['the sparse name of PAX', archive(pax([['GNU.sparse.name', 'b']]), sound), 'archive-extended-header'],
    [
      'a path that stands twice',
      archive(
        pax([
          ['path', 'b'],
          ['path', 'c'],
        ]),
        sound,
      ),
      'archive-extended-header',
    ],
    ['an empty path', archive(pax([['path', '']]), sound), 'archive-extended-header'],
    ['a path with a NUL', archive(pax([['path', 'b\0c']]), sound), 'archive-extended-header'],
    ['a size with a sign', archive(pax([['size', '+7']]), sound), 'archive-extended-header'],
    ['a size with zeros before it', archive(pax([['size', '07']]), sound), 'archive-extended-header'],
    ['a record without a key', archive(pax([['', 'b']]), sound), 'archive-extended-header'],
    [
      'a record that is too short',
      archive(entry({ name: 'x', flag: 'x' }, '8 path=b\n'), sound),
      'archive-extended-header',
    ],
    [
      'a record that is too long',
      archive(entry({ name: 'x', flag: 'x' }, '99 path=b\n'), sound),
      'archive-extended-header',
    ],
    [
      'a record without an end',
      archive(entry({ name: 'x', flag: 'x' }, '9 path=bc'), sound),
      'archive-extended-header',
    ],
    [
      'a record without a length',
      archive(entry({ name: 'x', flag: 'x' }, 'path=b\n'), sound),
      'archive-extended-header',
    ],
    [
      'a length with zeros before it',
      archive(entry({ name: 'x', flag: 'x' }, '010 path=b\n'), sound),
      'archive-extended-header',
    ],
    ['a global path', archive(pax([['path', 'b']], 'g'), sound), 'archive-extended-header'],
    ['a global size', archive(pax([['size', '0']], 'g'), sound), 'archive-extended-header'],
    [
      'a global header behind one of PAX',
      archive(pax([['path', 'b']]), pax([['comment', 'c']], 'g'), sound),
      'archive-extended-header',
    ],
    [
      'two headers of PAX',
      archive(pax([['path', 'b']]), pax([['mtime', '1']]), sound),
      'archive-extended-header',
    ],
    ['PAX and GNU', archive(pax([['path', 'b']]), long('L', 'c'), sound), 'archive-extended-header'],
    ['GNU and PAX', archive(long('L', 'c'), pax([['mtime', '1']]), sound), 'archive-extended-header'],
    ['two long names', archive(long('L', 'b'), long('L', 'c'), sound), 'archive-extended-header'],
    [
      'a long name without a NUL',
      archive(entry({ name: 'x', flag: 'L' }, 'abc'), sound),
      'archive-extended-header',
    ],
    ['a long name with two NULs', archive(long('L', 'a\0b'), sound), 'archive-extended-header'],
    ['an empty long name', archive(long('L', ''), sound), 'archive-extended-header'],
    ['a long name that no entry follows', archive(long('L', 'b')), 'archive-extended-header'],
    ['a header of PAX that no entry follows', archive(pax([['path', 'b']])), 'archive-extended-header'],
    [
      'an oversized header',
      archive(entry({ name: 'x', flag: 'x', size: 1_048_577 })),
      'archive-extended-header',
    ],

    ['gzip', archive(file('\x1f\x8b\x08')), 'archive-compression'],
    ['a name that is the beginning of bzip2', archive(file('BZh91AY')), 'archive-compression'],
    ['a name that is the beginning of xz', archive(entry({ name: '\xfd7zXZ' })), 'archive-compression'],
    ['a name that is the beginning of zstd', archive(file('\x28\xb5\x2f\xfd')), 'archive-compression'],
    ['a name that is the beginning of a skippable frame', archive(file('P*M\x18')), 'archive-compression'],
  ] as const;
  it.each(REFUSED)('%s', (_, bytes, reason) => {
    expect(refusalOf(() => entriesOf(bytes as Buffer))).toMatchObject({ status: 400, reason });
    expect(refusalOf(() => entriesOf(bytes as Buffer, 100))).toMatchObject({ status: 400, reason });
  });

  it('each in a sentence of its own', () => {
    const said = REFUSED.map(([, bytes]) => refusalOf(() => entriesOf(bytes)).message);
    expect([...new Set(said)]).toEqual([
      'the archive breaks off before its end, two blocks of zeros (docker build -f sends it so where the Dockerfile is outside of the context: put it there)',
      'the archive has a lone block of zeros before byte 1536',
      'something follows the end of the archive',
      'the archive has a header at byte 0 that has a malformed number',
      'the archive has a header at byte 0 that does not match its checksum',
      'the archive has a header at byte 0 that is of the STAR format',
      'the archive has a header at byte 0 that is of no known format',
      'the archive has a header at byte 0 that has an access time in the GNU format',
      'the archive has a header at byte 0 that hides bytes behind the end of a name',
      'the archive has a header at byte 0 that has a size beyond all measure',
      'the archive has an entry "a/" that has content although it is no file',
      'the archive has an entry "a" that has content although it is no file',
      'the archive has an entry "a" that is of a kind that programs read differently',
      'the archive has an entry "" that has no name',
      'the archive has an entry "a/" that is a file and named like a folder',
      'the archive has an extended header that describes a sparse file',
      'the archive has an extended header that gives path twice',
      'the archive has an extended header that has a path that programs read differently',
      'the archive has an extended header that has a malformed size',
      'the archive has an extended header that is malformed',
      'the archive has extended headers that programs combine differently',
      'the archive has an extended header that has a long name that programs read differently',
      'the archive has an extended header that no entry follows',
      'the archive has an oversized extended header',
      'the archive begins with a name that the Engine takes for compressed data, or is compressed twice',
    ]);
  });

  it('a bad archive as soon as it has seen what is wrong', () => {
    const reader = new TarReader(() => undefined);
    expect(refusalOf(() => reader.write(header({ name: 'a', flag: 'S' }))).reason).toBe('archive-entry-type');
  });
});
