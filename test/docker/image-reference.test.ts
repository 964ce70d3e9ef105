import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatImageName,
  parseImageName,
  parseImageReference,
  splitDomain,
  withDefaultTag,
  withTag,
} from '../../src/docker/image-reference.ts';

const HEX = '0123456789abcdef'.repeat(4);
const DIGEST = `sha256:${HEX}`;
const full = (text: string) => {
  const name = parseImageName(text);
  return name === null ? null : formatImageName(name);
};

describe('the name of an image', () => {
  it.each([
    ['alpine', 'docker.io/library/alpine'],
    ['alpine:3.20', 'docker.io/library/alpine:3.20'],
    ['library/alpine', 'docker.io/library/alpine'],
    ['docker.io/alpine', 'docker.io/library/alpine'],
    ['docker.io/library/alpine:3', 'docker.io/library/alpine:3'],
    ['index.docker.io/bob/app', 'docker.io/bob/app'],
    ['bob/app', 'docker.io/bob/app'],
    ['localhost/app', 'localhost/app'],
    ['localhost:5000/app', 'localhost:5000/app'],
    ['reg.example.com/team-a/app:1', 'reg.example.com/team-a/app:1'],
    ['127.0.0.1:5000/a/b/c', '127.0.0.1:5000/a/b/c'],
    ['[::1]:5000/app', '[::1]:5000/app'],
    ['reg:5000/app', 'reg:5000/app'],
    ['reg:5000', 'docker.io/library/reg:5000'],
    ['a.b', 'docker.io/library/a.b'],
    ['a__b/c--d/e_f.g', 'docker.io/a__b/c--d/e_f.g'],
    [`alpine@${DIGEST}`, `docker.io/library/alpine@${DIGEST}`],
    [`alpine:3@${DIGEST}`, `docker.io/library/alpine@${DIGEST}`],
    ['cafe', 'docker.io/library/cafe'],
    ['app:A_b-c.1', 'docker.io/library/app:A_b-c.1'],
    [`${HEX}a`, `docker.io/library/${HEX}a`],
    ['a'.repeat(255), `docker.io/library/${'a'.repeat(255)}`],
    [`app:${'x'.repeat(128)}`, `docker.io/library/app:${'x'.repeat(128)}`],
  ])('%s is %s', (text, name) => {
    expect(full(text)).toBe(name);
  });

  it.each([
    '',
    ' ',
    'Alpine',
    'Foo/bar',
    'REG.example.com/app',
    'a//b',
    '/a',
    'a/',
    'a/../b',
    '../a',
    'a/./b',
    'a___b',
    'a..b',
    'a._b',
    '-a',
    'a-',
    '.a',
    '_a',
    'a/-b',
    'app:',
    'app:-1',
    'app:.1',
    'app: 1',
    `app:${'x'.repeat(129)}`,
    'app@sha256:abc',
    'app@',
    '@',
    `@${DIGEST}`,
    `app@${DIGEST}@${DIGEST}`,
    `app@SHA256:${HEX}`,
    `app@sha256:${HEX.toUpperCase()}`,
    `app@md5:${HEX}`,
    `app@sha512:${HEX}`,
    'http://reg.io/app',
    'reg.io:/app',
    'reg.io:x/app',
    '-reg.io/app',
    'reg..io/app',
    'a b',
    'a\nb',
    'alpine\n',
    'é',
    'ap\u017f',
    `${'a'.repeat(256)}`,
    HEX,
  ])('is not %j', (text) => {
    expect(parseImageName(text)).toBeNull();
  });

  it('has a tag and a digest only where they are given', () => {
    expect(Object.keys(parseImageName('alpine') ?? {})).toEqual(['type', 'domain', 'path']);
    expect(Object.keys(parseImageName('alpine:3') ?? {})).toEqual(['type', 'domain', 'path', 'tag']);
  });

  it('is itself once it is complete', () => {
    const part = fc.stringMatching(/^[a-z0-9]+([._-][a-z0-9]+)?$/, { size: '-1' });
    const text = fc
      .tuple(fc.array(part, { minLength: 1, maxLength: 3 }), fc.option(fc.stringMatching(/^\w[\w.-]{0,5}$/)))
      .map(([parts, tag]) => `${parts.join('/')}${tag === null ? '' : `:${tag}`}`);
    fc.assert(
      fc.property(text, (given) => {
        const name = full(given);
        if (name !== null) expect(full(name)).toBe(name);
      }),
    );
  });
});

describe('what names an image on the Engine', () => {
  it.each([
    HEX,
    'cafe',
    'a',
    '0123456789ab',
    DIGEST,
    'sha256:cafe',
    `sha512:${HEX}${HEX}`,
    `sha384:${HEX}${HEX.slice(32)}`,
  ])('is kept as an id when it may be one: %s', (id) => {
    expect(parseImageReference(id)).toEqual({ type: 'id', id });
  });

  it.each(['cafe:1', 'bob/cafe', 'sha512:cafe', 'caffe0g', 'sha256'])('is a name otherwise: %s', (text) => {
    expect(parseImageReference(text)?.type).toBe('name');
  });

  it('is nothing when it is neither', () => {
    expect(parseImageReference('CAFE')).toBeNull();
  });
});

describe('tags', () => {
  const name = (text: string) => {
    const parsed = parseImageName(text);
    if (parsed === null) throw new Error(`${text} is no name`);
    return parsed;
  };

  it('are latest where there is neither tag nor digest', () => {
    expect(formatImageName(withDefaultTag(name('alpine')))).toBe('docker.io/library/alpine:latest');
    expect(formatImageName(withDefaultTag(name('alpine:3')))).toBe('docker.io/library/alpine:3');
    expect(formatImageName(withDefaultTag(name(`alpine@${DIGEST}`)))).toBe(
      `docker.io/library/alpine@${DIGEST}`,
    );
  });

  it('take the place of the one in the name', () => {
    expect(withTag(name('alpine:3'), '4')).toEqual(name('alpine:4'));
  });

  it('may be a digest, which leaves only the repository', () => {
    expect(withTag(name('alpine:3'), DIGEST)).toEqual(name(`alpine@${DIGEST}`));
  });

  it.each(['', ' ', 'a/b', '-1', 'sha256:cafe'])('are not %j', (tag) => {
    expect(withTag(name('alpine'), tag)).toBeNull();
  });
});

describe('the registry of a name', () => {
  it.each([
    ['alpine', 'docker.io', 'library/alpine'],
    ['bob/app', 'docker.io', 'bob/app'],
    ['10.0.0.1:5000/x', '10.0.0.1:5000', 'x'],
    ['localhost/x', 'localhost', 'x'],
    ['', 'docker.io', 'library/'],
  ])('of %s is told as Docker tells it', (text, domain, path) => {
    expect(splitDomain(text)).toEqual({ domain, path });
  });
});
