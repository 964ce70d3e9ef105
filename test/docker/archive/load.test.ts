import { describe, expect, it } from 'vitest';
import { loadScan } from '../../../src/docker/archive/load.ts';
import { refusalOf } from '../refusing.ts';
import { archive, entry, file, folder, hardlink, header, pax, scanned, symlink } from './fixtures.ts';

const said = (...entries: readonly Buffer[]): string[] =>
  scanned(loadScan(), archive(...entries)).map(({ reference }) => reference);
const json = (name: string, value: unknown): Buffer => file(name, JSON.stringify(value));
const manifest = (...tags: readonly (readonly string[] | null)[]): Buffer =>
  json(
    'manifest.json',
    tags.map((RepoTags) => ({ Config: 'c.json', RepoTags, Layers: [] })),
  );
const IMAGE_NAME = 'io.containerd.image.name';
const REF_NAME = 'org.opencontainers.image.ref.name';
const index = (...annotations: readonly (Readonly<Record<string, string>> | undefined)[]): Buffer =>
  json('index.json', {
    schemaVersion: 2,
    manifests: annotations.map((each) => ({
      mediaType: 'm',
      digest: 'sha256:0',
      size: 1,
      annotations: each,
    })),
  });

describe('the scan of an image archive finds', () => {
  it('each of the RepoTags in manifest.json, by its full name', () => {
    expect(said(manifest(['alpine:3', 'reg.example.com/team/app:1'], ['b']))).toEqual([
      'docker.io/library/alpine:3',
      'reg.example.com/team/app:1',
      'docker.io/library/b:latest',
    ]);
  });

  it('where each name stands', () => {
    const [image] = scanned(loadScan(), archive(manifest(['alpine:3'])));
    expect(image).toEqual({
      field: 'manifest.json[0].RepoTags[0]',
      reference: 'docker.io/library/alpine:3',
      name: { type: 'name', domain: 'docker.io', path: 'library/alpine', tag: '3' },
    });
  });

  it.each([
    ['null', null],
    ['an empty array', []],
  ])('an image that has %s for RepoTags, as one without a name', (_, tags) => {
    const [image] = scanned(loadScan(), archive(manifest(tags)));
    expect(image).toEqual({ field: 'manifest.json[0]', reference: '<none>', name: null });
  });

  it('a name that nobody can parse, which no policy allows', () => {
    const [image] = scanned(loadScan(), archive(manifest(['Not A Name'])));
    expect(image).toMatchObject({ reference: 'Not A Name', name: null });
  });

  it('the names that the annotations of an OCI index give', () => {
    expect(
      said(index({ [IMAGE_NAME]: 'docker.io/library/a:1', [REF_NAME]: '1' }, { [REF_NAME]: 'b:2' })),
    ).toEqual(['docker.io/library/a:1', 'docker.io/library/b:2']);
  });

  it('an entry of an OCI index without a name', () => {
    expect(said(index(undefined))).toEqual(['<none>']);
    expect(said(index({ other: 'x', [IMAGE_NAME]: '' }))).toEqual(['<none>']);
  });

  it('names in an index further down', () => {
    const nested = json('blobs/sha256/abc', {
      manifests: [{ annotations: { [IMAGE_NAME]: 'nested:1' } }, null],
    });
    expect(said(index({ [IMAGE_NAME]: 'top:1' }), nested)).toEqual([
      'docker.io/library/top:1',
      'docker.io/library/nested:1',
    ]);
  });

  it.each(['{"config":{}}', '{', '', 'layer', '[]', '{"manifests":{}}', '{"manifests":[{"annotations":7}]}'])(
    'nothing in the blob %s',
    (content) => {
      expect(said(manifest(['a:1']), file('blobs/sha256/abc', content))).toEqual(['docker.io/library/a:1']);
    },
  );

  it('the names in repositories', () => {
    expect(said(json('repositories', { a: { '1': 'x', '2': 'y' }, 'r.io/b': { latest: 'x' } }))).toEqual([
      'docker.io/library/a:1',
      'docker.io/library/a:2',
      'r.io/b:latest',
    ]);
  });

  it('what manifest.json, index.json and repositories say together, each image once', () => {
    const entries = [
      manifest(['a:1', 'm:1']),
      index({ [IMAGE_NAME]: 'docker.io/library/a:1' }, { [IMAGE_NAME]: 'i:1' }),
      json('repositories', { a: { '1': 'x' }, r: { '1': 'x' } }),
    ];
    const names = ['a:1', 'm:1', 'i:1', 'r:1'].map((name) => `docker.io/library/${name}`);
    expect(said(...entries)).toEqual(names);
    expect(said(...[...entries].reverse()).sort()).toEqual([...names].sort());
  });

  it('images of the old form that no name in repositories stands for', () => {
    const old = (id: string): Buffer => json(`${id}/json`, { id });
    const names = json('repositories', { a: { '1': 'one' } });
    expect(said(old('one'), names)).toEqual(['docker.io/library/a:1']);
    expect(said(old('one'), old('two'), names)).toEqual(['docker.io/library/a:1', '<none>']);
    expect(said(old('one'), symlink('two/json', '../one/json'), names)).toContain('<none>');
    expect(said(old('one'), old('two'), names, manifest(['m:1']))).not.toContain('<none>');
  });

  it('an image once, where it first stands', () => {
    const images = scanned(loadScan(), archive(manifest(['a:1']), json('repositories', { a: { '1': 'x' } })));
    expect(images.map(({ field }) => field)).toEqual(['manifest.json[0].RepoTags[0]']);
  });

  it('nothing in files that only look like those', () => {
    const nested = { manifests: [{ annotations: { [IMAGE_NAME]: 'nested:1' } }] };
    expect(
      said(
        manifest(['a:1']),
        json('x/blobs/sha256/abc', nested),
        json('blobs/sha256/abc/d', nested),
        json('blobs/abc', nested),
        file('blobs/sha256/list', '[{"manifests":[]}]'),
      ),
    ).toEqual(['docker.io/library/a:1']);
    expect(said(json('a/b/json', {}), json('a/json.txt', {}), json('json', {}))).toEqual([]);
  });

  it('no name in an index further down that is empty', () => {
    const nested = json('blobs/sha256/abc', { manifests: [{ annotations: { [REF_NAME]: '' } }, {}] });
    expect(said(manifest(['a:1']), nested)).toEqual(['docker.io/library/a:1']);
  });

  it('names in an index further down that is as large as one may be, and none in larger ones', () => {
    const text = JSON.stringify({ manifests: [{ annotations: { [IMAGE_NAME]: 'nested:1' } }] });
    const [fits, larger] = [4_194_304, 4_194_305].map((size) => file('blobs/sha256/abc', text.padEnd(size)));
    expect(said(fits as Buffer)).toEqual(['docker.io/library/nested:1']);
    expect(said(larger as Buffer)).toEqual([]);
  });

  it('manifest.json as large as it may be', () => {
    expect(said(file('manifest.json', '[{"RepoTags":["a:1"]}]'.padEnd(4_194_304)))).toEqual([
      'docker.io/library/a:1',
    ]);
  });

  it('an image without a name among more of the old form than are remembered', () => {
    const named = Object.fromEntries(Array.from({ length: 10_001 }, (_, at) => [`t${at}`, `i${at}`]));
    const old = Array.from({ length: 10_001 }, (_, at) => file(`i${at}/json`));
    const found = said(json('repositories', { a: named }), ...old);
    expect(found).toContain('<none>');
    expect(said(json('repositories', { a: named }), ...old.slice(0, 9_999))).not.toContain('<none>');
  });

  it('a manifest.json without a list as one without images', () => {
    expect(said(file('manifest.json', 'null'))).toEqual([]);
    expect(said(file('index.json', '{}'))).toEqual([]);
  });

  it('files by their cleaned names', () => {
    expect(said(file('./manifest.json', '[{"RepoTags":["a:1"]}]'))).toEqual(['docker.io/library/a:1']);
    expect(said(pax([['path', './/./manifest.json']]), file('x', '[{"RepoTags":["a:1"]}]'))).toEqual([
      'docker.io/library/a:1',
    ]);
  });

  it('what stands in the folder that tar puts first, and by the longest name that there is', () => {
    const named = pax([['path', `${'a/'.repeat(2_047)}bb`]]);
    expect(said(folder('./'), named, file('x'), manifest(['a:1']))).toEqual(['docker.io/library/a:1']);
  });

  it('where each name of an index stands', () => {
    const nested = json('blobs/sha256/abc', { manifests: [{ annotations: { [IMAGE_NAME]: 'nested:1' } }] });
    const found = scanned(loadScan(), archive(index({ [IMAGE_NAME]: 'top:1' }, undefined), nested));
    expect(found.map(({ field }) => field)).toEqual([
      'index.json.manifests[0].annotations',
      'index.json.manifests[1]',
      'blobs/sha256/abc.manifests',
    ]);
  });

  it('where an image of the old form stands', () => {
    expect(scanned(loadScan(), archive(file('one/json', '{}')))).toEqual([
      { field: 'one/json', reference: '<none>', name: null },
    ]);
  });

  it('nothing in an archive that has none of these files', () => {
    expect(said(folder('a/'), file('a/manifest.json', '[{"RepoTags":["a:1"]}]'))).toEqual([]);
  });

  it('links between layers, which docker save makes, no reason to refuse', () => {
    expect(
      said(
        manifest(['a:1']),
        folder('x/'),
        file('x/layer.tar'),
        folder('y/'),
        symlink('y/layer.tar', '../x/layer.tar'),
      ),
    ).toEqual(['docker.io/library/a:1']);
  });
});

describe('the scan of an image archive refuses', () => {
  const sound = manifest(['a:1']);
  const REFUSED = [
    ['manifest.json twice', [sound, manifest(['evil:1'])], 'archive-duplicate'],
    ['manifest.json by two names', [sound, file('./manifest.json', '[]')], 'archive-duplicate'],
    ['manifest.json by two more names', [sound, file('x/..//manifest.json', '[]')], 'archive-name'],
    ['manifest.json as a symbolic link', [file('m', '[]'), symlink('manifest.json', 'm')], 'archive-link'],
    ['manifest.json as a hard link', [file('m', '[]'), hardlink('manifest.json', 'm')], 'archive-link'],
    ['manifest.json as a folder', [folder('manifest.json/')], 'archive-link'],
    ['manifest.json as a fifo', [entry({ name: 'manifest.json', flag: '6' })], 'archive-link'],
    ['manifest.json as a file and a folder', [sound, file('manifest.json/x')], 'archive-duplicate'],
    ['index.json as a link', [symlink('index.json', 'manifest.json')], 'archive-link'],
    ['oci-layout as a link', [symlink('oci-layout', 'x')], 'archive-link'],
    ['repositories as a link', [symlink('repositories', 'x')], 'archive-link'],
    [
      'an entry behind a symbolic link',
      [sound, symlink('d', '.'), file('d/manifest.json', '[]')],
      'archive-link',
    ],
    [
      'an entry behind a hard link',
      [symlink('d', '.'), hardlink('e', 'd'), file('e/manifest.json')],
      'archive-link',
    ],
    ['an entry behind a link further up', [symlink('a/b', '..'), file('a/b/c/d')], 'archive-link'],
    ['a file in place of the folder', [file('./')], 'archive-name'],
    ['a link in place of the folder', [symlink('.', '/')], 'archive-name'],
    ['an absolute name', [file('/manifest.json', '[]')], 'archive-name'],
    ['a name that goes up', [file('../manifest.json', '[]')], 'archive-name'],
    ['a name that goes up from below', [file('a/../manifest.json', '[]')], 'archive-name'],
    ['a name that is too long', [pax([['path', 'n'.repeat(4_097)]]), file('x')], 'archive-name'],

    ['manifest.json that is no JSON', [file('manifest.json', 'x')], 'archive-json'],
    ['manifest.json with something behind it', [file('manifest.json', '[] []')], 'archive-json'],
    ['manifest.json that is no array', [file('manifest.json', '{}')], 'archive-json'],
    ['manifest.json of texts', [file('manifest.json', '["a"]')], 'archive-json'],
    [
      'RepoTags twice',
      [file('manifest.json', '[{"RepoTags":["a:1"],"RepoTags":["evil:1"]}]')],
      'archive-json',
    ],
    [
      'RepoTags in another case',
      [file('manifest.json', '[{"RepoTags":["a:1"],"repotags":["evil:1"]}]')],
      'archive-json',
    ],
    ['RepoTags with a long s', [file('manifest.json', '[{"RepoTagſ":["evil:1"]}]')], 'archive-json'],
    ['RepoTags that are a text', [file('manifest.json', '[{"RepoTags":"a:1"}]')], 'archive-json'],
    ['a tag that is a number', [file('manifest.json', '[{"RepoTags":[1]}]')], 'archive-json'],
    ['a byte order mark', [file('manifest.json', '\ufeff[]')], 'archive-json'],
    [
      'bytes that are not UTF-8',
      [file('manifest.json', Buffer.from('[{"RepoTags":["\xff:1"]}]', 'latin1'))],
      'archive-json',
    ],
    ['manifests in another case', [file('index.json', '{"Manifests":[]}')], 'archive-json'],
    [
      'annotations twice',
      [file('index.json', '{"manifests":[{"annotations":{},"annotations":{}}]}')],
      'archive-json',
    ],
    [
      'annotations in another case',
      [file('index.json', '{"manifests":[{"Annotations":{}}]}')],
      'archive-json',
    ],
    [
      'a name that is no text',
      [file('index.json', `{"manifests":[{"annotations":{"${REF_NAME}":1}}]}`)],
      'archive-json',
    ],
    ['an index that is an array', [file('index.json', '[]')], 'archive-json'],
    ['manifests that are a text', [file('index.json', '{"manifests":"x"}')], 'archive-json'],
    [
      'annotations that are a list',
      [file('index.json', '{"manifests":[{"annotations":[]}]}')],
      'archive-json',
    ],
    ['repositories of texts', [file('repositories', '{"a":"1"}')], 'archive-json'],
    ['a repository twice', [file('repositories', '{"a":{"1":"x"},"a":{"2":"x"}}')], 'archive-json'],
    ['an id that is no text', [file('repositories', '{"a":{"1":1}}')], 'archive-json'],
  ] as const;
  it.each(REFUSED)('%s', (_, entries, reason) => {
    expect(refusalOf(() => said(...entries))).toMatchObject({ status: 400, reason });
  });

  it('each in a sentence of its own', () => {
    const sentences = REFUSED.map(([, entries]) => refusalOf(() => said(...entries)).message);
    expect([...new Set(sentences)]).toEqual([
      'the archive has "manifest.json" twice',
      'the archive has an entry "x/..//manifest.json" that leaves the archive\'s folder',
      '"manifest.json" in the archive is no regular file',
      'the archive has "manifest.json" both as a file and as a folder',
      '"index.json" in the archive is no regular file',
      '"oci-layout" in the archive is no regular file',
      '"repositories" in the archive is no regular file',
      'the archive has an entry "d/manifest.json" behind a link',
      'the archive has an entry "e/manifest.json" behind a link',
      'the archive has an entry "a/b/c/d" behind a link',
      'the archive has an entry "./" that is a file and named like a folder',
      'the archive has an entry "." that stands for the folder itself',
      'the archive has an entry "/manifest.json" that leaves the archive\'s folder',
      'the archive has an entry "../manifest.json" that leaves the archive\'s folder',
      'the archive has an entry "a/../manifest.json" that leaves the archive\'s folder',
      `the archive has an entry "${'n'.repeat(80)}..." that leaves the archive's folder`,
      'manifest.json in the archive is not JSON that has one reading: a value was expected at character 1',
      'manifest.json in the archive is not JSON that has one reading: something follows the value at character 4',
      'manifest.json in the archive must be an array',
      'manifest.json[0] in the archive must be an object',
      'manifest.json in the archive is not JSON that has one reading: the key "RepoTags" is given twice at character 22',
      'manifest.json[0] in the archive has a field that must be written RepoTags',
      'manifest.json[0].RepoTags in the archive must be an array',
      'manifest.json[0].RepoTags[0] in the archive must be a text',
      'manifest.json in the archive is not JSON that has one reading: a byte order mark stands at byte 1',
      'manifest.json in the archive is not JSON that has one reading: it is not UTF-8 at byte 16',
      'index.json in the archive has a field that must be written manifests',
      'index.json in the archive is not JSON that has one reading: the key "annotations" is given twice at character 33',
      'index.json.manifests[0] in the archive has a field that must be written annotations',
      'index.json.manifests[0].annotations in the archive must be a text',
      'index.json in the archive must be an object',
      'index.json.manifests in the archive must be an array',
      'index.json.manifests[0].annotations in the archive must be an object',
      'repositories in the archive must be an object',
      'repositories in the archive is not JSON that has one reading: the key "a" is given twice at character 16',
      'repositories in the archive must be a text',
    ]);
  });

  it('manifest.json beyond 4 MiB before it has been read', () => {
    const scan = loadScan();
    expect(refusalOf(() => scan.write(header({ name: 'manifest.json', size: 4_194_305 })))).toMatchObject({
      reason: 'archive-file-too-large',
      field: 'manifest.json',
      message: 'manifest.json in the archive is larger than 4194304 bytes',
    });
  });

  it('more links than it remembers', () => {
    const scan = loadScan();
    const name = (at: number): string => `${String(at).padStart(6, '0')}${'n'.repeat(3_000)}`;
    expect(
      refusalOf(() => {
        for (let at = 0; at < 6_000; at += 1) {
          scan.write(pax([['path', name(at)]]));
          scan.write(symlink('x', 'y'));
        }
      }),
    ).toMatchObject({ reason: 'archive-link', message: 'the archive has too many links' });
  });

  it('an archive by a sentence that names the entry as it is written', () => {
    const bytes = archive(file(Buffer.from('../größe', 'utf8').toString('latin1')));
    expect(refusalOf(() => scanned(loadScan(), bytes)).message).toBe(
      'the archive has an entry "../größe" that leaves the archive\'s folder',
    );
  });
});
