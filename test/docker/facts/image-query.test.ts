import { describe, expect, it } from 'vitest';
import { ask } from './ask.ts';

const create = (query: Record<string, string>) =>
  ask(`POST /v1.56/images/create?${new URLSearchParams(query).toString().replaceAll('+', '%20')}`);
const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('an image that is pulled', () => {
  it.each([
    [{ fromImage: 'alpine', tag: '3' }, 'docker.io/library/alpine:3'],
    [{ fromImage: 'alpine:3' }, 'docker.io/library/alpine:3'],
    [{ fromImage: 'alpine', tag: DIGEST }, `docker.io/library/alpine@${DIGEST}`],
    [{ fromImage: 'alpine:2', tag: '3' }, 'docker.io/library/alpine:3'],
    // All tags.
    [{ fromImage: 'alpine' }, 'docker.io/library/alpine'],
    [{ fromImage: 'alpine:' }, 'docker.io/library/alpine'],
    [{ fromImage: 'alpine', tag: '' }, 'docker.io/library/alpine'],
    // No id, for it is a registry that is asked.
    [{ fromImage: 'cafe', tag: '1' }, 'docker.io/library/cafe:1'],
  ])('has its name in full: %j', (query, reference) => {
    const { image, images, registries } = create(query);
    expect(image).toMatchObject({ field: 'query fromImage', reference });
    expect(image?.name).not.toBeNull();
    expect(images).toEqual([image]);
    expect(registries).toEqual([{ field: 'query fromImage', registry: 'docker.io' }]);
  });

  it.each([
    [{ fromImage: 'REG.example.com/a', tag: '1' }, 'REG.example.com/a:1', 'reg.example.com'],
    [{ fromImage: 'alpine', tag: 'a b' }, 'alpine:a b', 'docker.io'],
    [{ fromImage: '10.0.0.1:5000/a_' }, '10.0.0.1:5000/a_', '10.0.0.1:5000'],
  ])('has no name when nobody can parse it, but a registry: %j', (query, reference, registry) => {
    const { image, registries } = create(query);
    expect(image).toEqual({ field: 'query fromImage', reference, name: null });
    expect(registries).toMatchObject([{ registry }]);
  });
});

describe('an image that is imported', () => {
  it.each([
    ['http://10.0.0.1/x.tar', '10.0.0.1'],
    ['HTTPS://user:pass@evil.example.com:8443/x?y#z', 'evil.example.com:8443'],
    ['evil.example.com/x.tar', 'evil.example.com'],
    ['evil', 'evil'],
  ])('has the Engine speak with the server of %s', (fromSrc, registry) => {
    const { registries, image } = create({ fromSrc });
    expect(registries).toEqual([{ field: 'query fromSrc', registry }]);
    expect(image).toBeNull();
  });

  it.each(['-', ''])('comes with the request: %j', (fromSrc) => {
    expect(create({ fromSrc, repo: 'a/b' }).registries).toEqual([]);
  });

  it('gets a name', () => {
    expect(create({ fromSrc: '-', repo: 'bob/app', tag: '1' }).tags).toMatchObject([
      { field: 'query repo', reference: 'docker.io/bob/app:1' },
    ]);
    expect(create({ fromSrc: '-' }).tags).toEqual([]);
  });

  it('gets a configuration', () => {
    expect(create({ fromSrc: '-', changes: 'USER 0' }).user).toMatchObject({ value: '0', root: true });
  });
});

describe('an image that is pushed', () => {
  it.each([
    ['images/reg.example.com/a/push?tag=1', 'reg.example.com/a:1', 'reg.example.com'],
    ['images/reg.example.com/a/push', 'reg.example.com/a', 'reg.example.com'],
    ['images/alpine:3/push?tag=', 'docker.io/library/alpine:3', 'docker.io'],
  ])('goes to the registry of its name: %s', (path, reference, registry) => {
    const { image, images, registries } = ask(`POST /v1.56/${path}`);
    expect(image).toMatchObject({ field: 'path name', reference });
    expect(images).toEqual([image]);
    expect(registries).toEqual([{ field: 'path name', registry }]);
  });
});

describe('an import', () => {
  it('sets what its changes set', () => {
    const { user } = ask('POST /v1.56/images/create?fromSrc=-&changes=USER%20root');
    expect(user).toEqual({ field: 'query changes', value: 'root', root: true });
  });
});

describe('an image', () => {
  it('gets another name', () => {
    const { image, tags } = ask('POST /v1.56/images/alpine/tag?repo=reg.example.com/a&tag=1');
    expect(image).toMatchObject({ field: 'path name', reference: 'docker.io/library/alpine:latest' });
    expect(tags).toMatchObject([{ field: 'query repo', reference: 'reg.example.com/a:1' }]);
  });

  it.each([
    'GET /v1.56/images/bob/app/json',
    'GET /v1.56/images/bob/app/history',
    'GET /v1.56/images/bob/app/get',
    'GET /v1.56/images/bob/app/attestations',
    'DELETE /v1.56/images/bob/app',
  ])('is the one of the path: %s', (line) => {
    const { image, images } = ask(line);
    expect(image).toMatchObject({ field: 'path name', reference: 'docker.io/bob/app:latest' });
    expect(images).toEqual([image]);
  });

  it('is one of several that are saved', () => {
    const { images } = ask('GET /v1.56/images/get?names=xy&names=cafe');
    expect(images).toMatchObject([
      { field: 'query names[0]', reference: 'docker.io/library/xy:latest' },
      { field: 'query names[1]', reference: 'cafe', name: null },
    ]);
  });
});
