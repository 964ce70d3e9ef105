// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the variables of Dockerfiles.
import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { buildScan } from '../../../src/docker/archive/build.ts';
import { loadScan } from '../../../src/docker/archive/load.ts';
import { Refusal } from '../../../src/errors.ts';
import { Spool } from '../../../src/upstream/spool.ts';
import { archive, entry, file, folder, hardlink, long, pax, scanned, symlink } from './fixtures.ts';

const { socket } = inject('engine');
/** Every name of this run begins with it, for the Engine is shared. */
const RUN = `qw${randomBytes(6).toString('hex')}`;

function ask(method: string, path: string, body?: Buffer): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/x-tar' };
    request({ socketPath: socket, method, path: `/v1.41${path}`, headers }, (reply) => {
      buffer(reply).then(
        (bytes) => resolve({ status: reply.statusCode ?? 0, text: bytes.toString() }),
        reject,
      );
    })
      .on('error', reject)
      .end(body);
  });
}

interface Listed {
  readonly Id: string;
  readonly RepoTags: readonly string[] | null;
}

async function images(query = ''): Promise<readonly Listed[]> {
  return JSON.parse((await ask('GET', `/images/json${query}`)).text) as readonly Listed[];
}

async function tagsOf(prefix: string): Promise<string[]> {
  return (await images()).flatMap(({ RepoTags }) => RepoTags ?? []).filter((tag) => tag.includes(prefix));
}

async function remove(names: readonly string[]): Promise<void> {
  for (const name of names) await ask('DELETE', `/images/${name}?force=1`);
}

const sha256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex');

/** An image of one layer: its files in an archive, and its id. */
function image(content: string) {
  const layer = archive(file('content', content));
  const config = JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    config: {},
    rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(layer)}`] },
  });
  const files = [file('config.json', config), file('layer.tar', layer)];
  const item = (...tags: string[]) => ({ Config: 'config.json', RepoTags: tags, Layers: ['layer.tar'] });
  return { id: sha256(config), files, item };
}

let count = 0;

/** What one archive does on the real Engine, and what we say that it does: null when we refuse it. */
async function loaded(
  make: (name: (tag: string) => string, item: ReturnType<typeof image>['item']) => Buffer[],
) {
  count += 1;
  const prefix = `${RUN}/n${count}`;
  const { id, files, item } = image(prefix);
  const bytes = archive(...files, ...make((tag) => `${prefix}-${tag}`, item));
  let said: string[] | null = null;
  try {
    said = scanned(loadScan(), bytes).map(({ reference }) => reference.replace(/^docker\.io\//, ''));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
  await ask('POST', '/images/load?quiet=1', bytes);
  const tags = await tagsOf(prefix);
  const there = (await ask('GET', `/images/${id}/json`)).status === 200;
  await remove([...tags, ...(there ? [id] : [])]);
  return { tags, said, unnamed: there && tags.length === 0 };
}

/** Each case: what stands in the archive beside one config.json and layer.tar. */
type Case = (name: (tag: string) => string, item: ReturnType<typeof image>['item']) => Buffer[];
const json = (path: string, value: unknown): Buffer => file(path, JSON.stringify(value));
const manifest: Case = (name, item) => [json('manifest.json', [item(name('good:1'))])];
const evil = (name: (tag: string) => string, item: ReturnType<typeof image>['item']): string =>
  JSON.stringify([item(name('evil:1'))]);

const LOADS: Readonly<Record<string, Case>> = {
  'a plain archive': manifest,
  'two tags': (name, item) => [json('manifest.json', [item(name('good:1'), name('also:2'))])],
  'a name with a dot': (name, item) => [file('./manifest.json', evil(name, item))],
  'manifest.json twice': (name, item) => [...manifest(name, item), file('manifest.json', evil(name, item))],
  'manifest.json twice by other names': (name, item) => [
    ...manifest(name, item),
    file('.//manifest.json', evil(name, item)),
  ],
  'a symbolic link': (name, item) => [file('m', evil(name, item)), symlink('manifest.json', 'm')],
  'a hard link': (name, item) => [file('m', evil(name, item)), hardlink('manifest.json', 'm')],
  'a symbolic link over the file': (name, item) => [
    ...manifest(name, item),
    file('m', evil(name, item)),
    symlink('manifest.json', 'm'),
  ],
  'a folder that is a link': (name, item) => [
    ...manifest(name, item),
    symlink('d', '.'),
    file('d/manifest.json', evil(name, item)),
  ],
  'a folder that is a hard link to a link': (name, item) => [
    ...manifest(name, item),
    symlink('d', '.'),
    hardlink('e', 'd'),
    file('e/manifest.json', evil(name, item)),
  ],
  'an absolute name': (name, item) => [...manifest(name, item), file('/manifest.json', evil(name, item))],
  'a name that goes up and down': (name, item) => [
    ...manifest(name, item),
    folder('a/'),
    file('a/../manifest.json', evil(name, item)),
  ],
  'a path of PAX': (name, item) => [pax([['path', 'manifest.json']]), file('x', evil(name, item))],
  'a path of PAX that hides the file': (name, item) => [
    pax([['path', 'x']]),
    file('manifest.json', evil(name, item)),
  ],
  'a path of PAX given twice': (name, item) => [
    pax([
      ['path', 'x'],
      ['path', 'manifest.json'],
    ]),
    file('y', evil(name, item)),
  ],
  'a size of PAX': (name, item) => [
    ...manifest(name, item),
    pax([['size', '512']]),
    entry({ name: 'x', size: 0 }),
    file('manifest.json', evil(name, item)),
  ],
  'a global path': (name, item) => [pax([['path', 'manifest.json']], 'g'), file('x', evil(name, item))],
  'a long name': (name, item) => [long('L', 'manifest.json'), file('x', evil(name, item))],
  'a long name over PAX': (name, item) => [
    pax([['path', 'x']]),
    long('L', 'manifest.json'),
    file('y', evil(name, item)),
  ],
  'a long name behind a NUL': (name, item) => [
    ...manifest(name, item),
    long('L', 'manifest.json\0x'),
    file('y', evil(name, item)),
  ],
  'a name behind a NUL': (name, item) => [
    ...manifest(name, item),
    entry({ name: 'manifest.json\0x' }, evil(name, item)),
  ],
  'a sparse name of PAX': (name, item) => {
    const text = evil(name, item);
    return [
      ...manifest(name, item),
      pax([
        ['GNU.sparse.major', '0'],
        ['GNU.sparse.minor', '1'],
        ['GNU.sparse.name', 'manifest.json'],
        ['GNU.sparse.numblocks', '1'],
        ['GNU.sparse.map', `0,${text.length}`],
        ['GNU.sparse.size', String(text.length)],
      ]),
      file('x', text),
    ];
  },
  'an old regular file': (name, item) => [entry({ name: 'manifest.json', flag: '\0' }, evil(name, item))],
  'a contiguous file': (name, item) => [
    ...manifest(name, item),
    entry({ name: 'manifest.json', flag: '7' }, evil(name, item)),
  ],
  'another case of RepoTags': (name, item) => [
    file('manifest.json', evil(name, item).replace('RepoTags', 'repotags')),
  ],
  'a long s in RepoTags': (name, item) => [
    file('manifest.json', evil(name, item).replace('RepoTags', 'RepoTagſ')),
  ],
  'RepoTags twice': (name, item) => [
    file(
      'manifest.json',
      evil(name, item).replace('"RepoTags"', `"RepoTags":["${name('good:1')}"],"RepoTags"`),
    ),
  ],
  'RepoTags in both cases': (name, item) => [
    file(
      'manifest.json',
      evil(name, item).replace('"RepoTags"', `"RepoTags":["${name('good:1')}"],"REPOTAGS"`),
    ),
  ],
  'an escaped key': (name, item) => [
    file('manifest.json', evil(name, item).replace('RepoTags', 'Repo\\u0054ags')),
  ],
  'something behind the value': (name, item) => [file('manifest.json', `${evil(name, item)} {}`)],
  'a byte order mark': (name, item) => [file('manifest.json', `\ufeff${evil(name, item)}`)],
  'no tags': (_, item) => [json('manifest.json', [item()])],
  'an empty name': (_, item) => [json('manifest.json', [item('')])],
  'a tag without a version': (name, item) => [json('manifest.json', [item(name('good'))])],
  'a bad tag behind a good one': (name, item) => [json('manifest.json', [item(name('good:1'), 'Bad Tag')])],
  'a domain in capitals': (name, item) => [json('manifest.json', [item(`REG.io/${name('good:1')}`)])],
  'repositories beside manifest.json': (name, item) => [
    ...manifest(name, item),
    json('repositories', { [name('old')]: { '1': 'x' } }),
  ],
  'the old form': (name) => [
    folder('one/'),
    json('one/json', { id: 'one', os: 'linux', config: {} }),
    file('one/layer.tar', archive(file('x', name('x')))),
    json('repositories', { [name('old')]: { '1': 'one' } }),
  ],
  'the old form with a link for its description': (name) => [
    folder('one/'),
    json('j', { id: 'one', os: 'linux', config: {} }),
    symlink('one/json', '../j'),
    file('one/layer.tar', archive(file('x', name('y')))),
    json('repositories', { [name('old')]: { '1': 'one' } }),
  ],
  'an index, which this Engine does not read': (name) => [
    json('index.json', { manifests: [{ annotations: { 'io.containerd.image.name': name('index:1') } }] }),
  ],
};

describe('what an image archive brings to the real Engine', () => {
  it.each(Object.entries(LOADS))('was said or refused: %s', async (_, make) => {
    const { tags, said, unnamed } = await loaded(make);
    if (said === null) return;
    expect(said).toEqual(expect.arrayContaining(tags));
    // An Engine that fails on a tag has loaded the image already, without the name that was said.
    if (unnamed && said.length === 0) expect(said).toContain('<none>');
  });

  it('is what we said, and the cases above do bring something', async () => {
    const found: Record<string, number> = { said: 0, refused: 0 };
    for (const name of ['a plain archive', 'two tags', 'the old form', 'a long name', 'an escaped key']) {
      const { tags, said } = await loaded(LOADS[name] as Case);
      expect([name, said]).toEqual([name, tags.sort().reverse()]);
      found['said'] = (found['said'] ?? 0) + tags.length;
    }
    for (const name of ['manifest.json twice', 'a folder that is a link', 'RepoTags twice', 'a hard link']) {
      const { tags, said } = await loaded(LOADS[name] as Case);
      expect([name, said, tags.some((tag) => tag.endsWith('evil:1'))]).toEqual([name, null, true]);
    }
    expect(found['said']).toBe(6);
  });

  it('is the same when it was decompressed on the way', async () => {
    const name = `${RUN}/gzip:1`;
    const { files, item } = image('gzip');
    const bytes = archive(...files, json('manifest.json', [item(name)]));
    const spool = new Spool({ folder: '/tmp', bytes: 1e9, totalBytes: 1e9, idleSeconds: 9 });
    const { body, found } = await spool.receive(Readable.from([gzipSync(bytes)]), loadScan());
    await ask('POST', '/images/load', await buffer(body.open()));
    expect([found.map(({ reference }) => reference), await tagsOf(name)]).toEqual([
      [`docker.io/${name}`],
      [name],
    ]);
    await remove([name]);
  });
});

// ── builds ──

const SOURCES = ['good', 'evil', 'other'];
const ids = new Map<string, string>();

beforeAll(async () => {
  for (const source of SOURCES) {
    const bytes = archive(file(`marker-${source}`, `${RUN} ${source}`));
    await ask('POST', `/images/create?fromSrc=-&repo=${RUN}/${source}`, bytes);
    const { text } = await ask('GET', `/images/${RUN}/${source}/json`);
    ids.set(source, (JSON.parse(text) as { Id: string }).Id.replace('sha256:', ''));
  }
});
afterAll(() => remove(SOURCES.map((source) => `${RUN}/${source}`)));

interface Build {
  readonly entries: readonly Buffer[];
  readonly query?: Readonly<Record<string, string>>;
}

/** Which of the sources the real Engine built from, and which we said: null when we can not tell. */
async function built({ entries, query = {} }: Build) {
  const bytes = archive(...entries);
  let said: readonly string[] | null = null;
  let output = '';
  try {
    said = scanned(buildScan({ query }), bytes).images?.map(({ reference }) => reference) ?? null;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
  const before = (await images('?all=1')).map(({ Id }) => Id.replace('sha256:', ''));
  const asked = new URLSearchParams({ ...query, nocache: '1', forcerm: '1' });
  const { text } = await ask('POST', `/build?${asked}`, bytes);
  for (const line of text.split('\n').filter((each) => each.startsWith('{'))) {
    output += (JSON.parse(line) as { stream?: string }).stream ?? '';
  }
  const used = SOURCES.filter((source) => {
    const id = ids.get(source) ?? '';
    // A stage begins with the id of its image; a COPY of the marker goes on only when it is there.
    const copied = new RegExp(`: COPY .*marker-${source} .*\\n ---> `);
    return output.includes(` ---> ${id.slice(0, 12)}\n`) || copied.test(output);
  });
  const missed = used.filter((source) => {
    const id = ids.get(source) ?? '-';
    return !said?.some(
      (each) => each.includes(`${RUN}/${source}:`) || id.startsWith(each.replace('sha256:', '')),
    );
  });
  // What was built on the way, the last first. An image may also begin with any image of the Engine, which others use:
  // "FROM 0" takes the one whose id begins so, where there is one.
  const met = [...output.matchAll(/ ---> ([0-9a-f]{12})\n/g)].map(([, id = '']) => id).reverse();
  await remove(met.filter((id) => !before.some((other) => other.startsWith(id))));
  return { used, said, missed: said === null ? [] : missed, output };
}

const from = (source: string): string => `FROM ${RUN}/${source}\nLABEL x=y`;
const dockerfile = (text: string): Build => ({ entries: [file('Dockerfile', text)] });

const CONTEXTS: Readonly<Record<string, Build>> = {
  'a plain context': dockerfile(from('good')),
  'a name with a dot': { entries: [file('./Dockerfile', from('evil'))] },
  'two Dockerfiles': { entries: [file('Dockerfile', from('good')), file('Dockerfile', from('evil'))] },
  'two Dockerfiles by other names': {
    entries: [file('Dockerfile', from('good')), file('.//Dockerfile', from('evil'))],
  },
  'both cases': { entries: [file('dockerfile', from('evil')), file('Dockerfile', from('good'))] },
  'lower case only': { entries: [file('dockerfile', from('evil'))] },
  'a dangling link beside lower case': {
    entries: [symlink('Dockerfile', 'nowhere'), file('dockerfile', from('evil'))],
  },
  'a symbolic link': { entries: [file('d', from('evil')), symlink('Dockerfile', 'd')] },
  'a hard link': { entries: [file('d', from('evil')), hardlink('Dockerfile', 'd')] },
  'a link over the Dockerfile': {
    entries: [file('Dockerfile', from('good')), file('d', from('evil')), symlink('Dockerfile', 'd')],
  },
  'a folder that is a link': {
    entries: [file('Dockerfile', from('good')), symlink('d', '.'), file('d/Dockerfile', from('evil'))],
  },
  'a folder of the Dockerfile that becomes a link': {
    entries: [file('a/D', from('good')), file('b/D', from('evil')), symlink('a', 'b')],
    query: { dockerfile: 'a/D' },
  },
  'a Dockerfile that is ignored': {
    entries: [file('Dockerfile', from('good')), file('.dockerignore', 'Dockerfile\n')],
  },
  'a Dockerfile in a folder': { entries: [file('a/b', from('evil'))], query: { dockerfile: './/a/b' } },
  'an absolute Dockerfile': { entries: [file('a/b', from('evil'))], query: { dockerfile: '/a/b' } },
  'a Dockerfile that goes up and down': {
    entries: [file('a/x'), file('b', from('evil')), file('Dockerfile', from('good'))],
    query: { dockerfile: 'a/../b' },
  },
  'a path of PAX': { entries: [pax([['path', 'Dockerfile']]), file('x', from('evil'))] },
  'another escape': dockerfile('# escape=`\nFROM `\n RUN/evil\nLABEL x=y'.replace('RUN', RUN)),
  'an escape that is none': dockerfile(`# x\n# escape=\`\nFROM \\\n ${RUN}/evil\nLABEL x=y`),
  'an escape behind syntax': dockerfile(`# syntax=x\n# escape=\`\nFROM \`\n ${RUN}/evil\nLABEL x=y`),
  'a comment within a line': dockerfile(`FROM \\\n# x\n  # y\n ${RUN}/evil\nLABEL x=y`),
  'an indented comment that ends a line': dockerfile(`${from('good')}\nLABEL a=\\\n  # x\n${from('evil')}`),
  'two escapes that end a line': dockerfile(`${from('good')}\nLABEL a=\\\\\n${from('evil')}`),
  'a here-document': dockerfile(`${from('good')}\nCOPY <<EOF /x\n${from('evil')}\nEOF`),
  'a byte order mark': dockerfile(`\ufeff${from('evil')}`),
  'wide spaces': dockerfile(`\u00a0${from('evil').replace(' ', '\u00a0')}`),
  'a given argument': {
    entries: [file('Dockerfile', `ARG X=good\nFROM ${RUN}/$X\nLABEL x=y`)],
    query: { buildargs: '{"X":"evil"}' },
  },
  'a null argument': {
    entries: [file('Dockerfile', `ARG X=good\nFROM ${RUN}/$X\nLABEL x=y`)],
    query: { buildargs: '{"X":null}' },
  },
  'a proxy for an image': {
    entries: [file('Dockerfile', 'FROM $HTTP_PROXY\nLABEL x=y')],
    query: { buildargs: JSON.stringify({ HTTP_PROXY: `${RUN}/evil` }) },
  },
  'a stage called like an image': dockerfile(`FROM ${RUN}/evil AS good\nFROM good\nLABEL x=y`),
  'a copy from an image': dockerfile(`FROM scratch\nCOPY --from=${RUN}/evil /marker-evil /x`),
  'a copy from a later stage': dockerfile(
    `FROM scratch\nCOPY --from=evil /marker-evil /x\nFROM ${RUN}/good AS evil`,
  ),
  'a trigger of a stage': dockerfile(
    `FROM ${RUN}/good AS a\nONBUILD COPY --from=${RUN}/evil /marker-evil /x\nFROM a\nLABEL x=y`,
  ),
  'a target before another stage': {
    entries: [file('Dockerfile', `${from('good').replace('\n', ' AS a\n')}\n${from('evil')}`)],
    query: { target: 'a' },
  },
};

describe('what a build context is built from on the real Engine', () => {
  it.each(Object.entries(CONTEXTS))('was said or can not be told: %s', async (_, build) => {
    const { missed } = await built(build);
    expect(missed).toEqual([]);
  });

  it('by an id was said', async () => {
    const { used, missed } = await built(dockerfile(`FROM ${ids.get('evil')?.slice(0, 7)}\nLABEL x=y`));
    expect([used, missed]).toEqual([['evil'], []]);
  });

  it('is left where it is', async () => {
    const named = `${RUN}/stays:1`;
    await ask(
      'POST',
      `/images/create?fromSrc=-&repo=${named.replace(':1', '&tag=1')}`,
      archive(file('a', named)),
    );
    const { Id } = JSON.parse((await ask('GET', `/images/${named}/json`)).text) as { Id: string };
    const { output } = await built(dockerfile(`FROM ${Id.slice('sha256:'.length, 19)}\nLABEL x=y`));
    expect([output, await tagsOf(named)]).toEqual([expect.stringContaining('Successfully built'), [named]]);
    await remove([named]);
  });

  it('is what we said, and the cases above do build', async () => {
    for (const name of ['lower case only', 'a given argument', 'a copy from an image', 'another escape']) {
      const { used, said, output } = await built(CONTEXTS[name] as Build);
      expect([name, used, said, output]).toEqual([name, ['evil'], [`docker.io/${RUN}/evil:latest`], output]);
    }
    for (const name of [
      'two Dockerfiles',
      'a symbolic link',
      'a folder that is a link',
      'a proxy for an image',
    ]) {
      const { used, said } = await built(CONTEXTS[name] as Build);
      expect([name, used, said]).toEqual([name, ['evil'], null]);
    }
  });

  const source = fc.constantFrom(...SOURCES.map((each) => `${RUN}/${each}`));
  const variable = fc.constantFrom('A', 'B', 'no_proxy');
  const word: fc.Arbitrary<string> = fc.letrec<{ word: string }>((tie) => ({
    word: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      source,
      fc.constantFrom('st', 'ST', 'scratch', '00000000', '"st"'),
      variable.map((name) => `$${name}`),
      fc
        .tuple(variable, fc.constantFrom(':-', ':+', '-', ''), tie('word'))
        .map(([name, form, other]) => (form === '' ? `\${${name}}` : `\${${name}${form}${other}}`)),
      tie('word').map((inner) => `"${inner}"`),
      tie('word').map((inner) => `'${inner}'`),
      source.map((name) => `${name.slice(0, 5)}\\${name.slice(5)}`),
    ),
  })).word;
  const space = fc.constantFrom(' ', ' ', ' ', '\t', ' \\\n', '\\\n  # c\n ', ' \\\n\n', '\u00a0');
  const line = fc.oneof(
    fc
      .tuple(fc.constantFrom('FROM', 'from'), space, word, fc.constantFrom('', '', ' AS st', ' as ST'))
      .map((parts) => parts.join('')),
    fc
      .tuple(variable, fc.option(word))
      .map(([name, value]) => `ARG ${name}${value === null ? '' : `=${value}`}`),
    fc
      .tuple(space, fc.constantFrom(...SOURCES), fc.constantFrom('', '--chown=0:0 ', '"', '-- '))
      .map(
        ([gap, name, before]) =>
          `COPY${gap}${before}--from=${RUN}/${name}${before === '"' ? '"' : ''}${gap}/marker-${name} /x`,
      ),
    fc.constantFrom(
      'LABEL x=y',
      'LABEL x=\\',
      'LABEL x=\\\\',
      '  # c',
      '# escape=`',
      '',
      'ONBUILD LABEL x=y',
      'ENV A=st',
    ),
  );
  const text = fc
    .tuple(
      fc.constantFrom('', '', '# escape=`\n', `FROM ${RUN}/good\n`),
      fc.array(line, { minLength: 1, maxLength: 6 }),
    )
    .map(([first, lines]) => `${first}${lines.join('\n')}\nLABEL last=1\n`);

  it('was said or can not be told, whatever the Dockerfile is', { timeout: 300_000 }, async () => {
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(
        text,
        fc.dictionary(variable, fc.option(fc.oneof(source, fc.constantFrom('', 'st', '$B'))), { maxKeys: 2 }),
        async (content, given) => {
          const { used, said, missed } = await built({
            entries: [file('Dockerfile', content)],
            query: { buildargs: JSON.stringify(given) },
          });
          if (said !== null && used.length > 0) compared += 1;
          expect(missed).toEqual([]);
        },
      ),
      { numRuns: 80 },
    );
    expect(compared).toBeGreaterThan(3);
  });
});
