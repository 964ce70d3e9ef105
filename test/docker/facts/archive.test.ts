import { describe, expect, it } from 'vitest';
import { archiveScan, withArchive } from '../../../src/docker/facts/archive.ts';
import { factsOf } from '../../../src/docker/facts/facts.ts';
import { NO_FACTS } from '../../../src/docker/facts/none.ts';
import type { Facts, ImageFact } from '../../../src/docker/facts/types.ts';
import { parseRequest } from '../../../src/docker/request.ts';
import { archive, file, scanned } from '../archive/fixtures.ts';

const LOAD = 'POST /v1.41/images/load';
const BUILD = 'POST /v1.41/build';
const LOADED = archive(file('manifest.json', '[{"RepoTags":["a:1"]}]'));
const CONTEXT = archive(file('Dockerfile', 'FROM b:2'));

function scanOf(line: string, ...wanted: readonly string[]) {
  const [method = '', target = ''] = line.split(' ');
  const api = parseRequest({ method, target }, { floor: 24, ceiling: 56, engine: 41 });
  return archiveScan(api, factsOf(api, undefined), new Set(wanted));
}

function found(line: string, bytes: Buffer, wanted: string): readonly string[] | undefined {
  const scan = scanOf(line, wanted);
  return scan === undefined ? undefined : scanned(scan, bytes).images?.map(({ reference }) => reference);
}

describe('the archive of a request is read', () => {
  it('of a load, for the images that it brings', () => {
    expect(found(LOAD, LOADED, 'loadedImages')).toEqual(['docker.io/library/a:1']);
  });

  it('of a build by the classic builder, for what it is built from', () => {
    expect(found(BUILD, CONTEXT, 'baseImages')).toEqual(['docker.io/library/b:2']);
  });
});

describe('the archive of a request is not read', () => {
  it.each([
    ['a load', LOAD, 'baseImages'],
    ['a build', BUILD, 'loadedImages'],
  ])('of %s of which something else is wanted', (_, line, wanted) => {
    expect(scanOf(line, wanted)).toBeUndefined();
    expect(scanOf(line)).toBeUndefined();
  });

  it.each([
    ['a build by BuildKit', `${BUILD}?version=2`],
    ['a build from an address', `${BUILD}?remote=http%3A%2F%2Fh%2Fx.tar`],
    ['a build whose context comes through a session', `${BUILD}?session=x`],
    ['an import', 'POST /v1.41/images/create?fromSrc=-'],
    ['files that are put into a container', 'PUT /v1.41/containers/web/archive?path=%2F'],
  ])('of %s, whatever is wanted', (_, line) => {
    expect(scanOf(line, 'loadedImages', 'baseImages', 'imageUser')).toBeUndefined();
  });
});

describe('what an archive was found to say', () => {
  const image = (reference: string): ImageFact => ({ field: 'f', reference, name: null });
  const build: Facts['build'] = { context: 'archive', builder: 'classic', baseImages: null };

  it('is added to the images', () => {
    const facts = { ...NO_FACTS, images: [image('a')] };
    expect(withArchive(facts, { images: [image('b')] })).toEqual({
      ...NO_FACTS,
      images: [image('a'), image('b')],
    });
  });

  it('is what a build is made from', () => {
    expect(withArchive({ ...NO_FACTS, build }, { images: [image('b')] })).toMatchObject({
      images: [image('b')],
      build: { ...build, baseImages: [image('b')] },
    });
  });

  it('has the Engine speak with the registries of these', () => {
    const name = { type: 'name', domain: '169.254.169.254', path: 'latest' } as const;
    const images = [image('a'), { field: 'Dockerfile:1', reference: 'b', name }];
    expect(withArchive({ ...NO_FACTS, build }, { images }).registries).toEqual([
      { field: 'Dockerfile:1', registry: '169.254.169.254' },
    ]);
    expect(withArchive(NO_FACTS, { images }).registries).toEqual([]);
  });

  it('is nothing where it can not be told', () => {
    expect(withArchive({ ...NO_FACTS, build }, { images: null })).toEqual({ ...NO_FACTS, build });
  });
});
