import { expect, it } from 'vitest';
import { imageFact } from '../../../src/docker/facts/image.ts';
import type { ImageFact } from '../../../src/docker/facts/types.ts';
import { baseImagesFrom } from '../../../src/policy/functions/base-images-from.ts';
import { imageFrom } from '../../../src/policy/functions/image-from.ts';
import { VOCABULARY } from '../support.ts';
import { describeFunction, judge } from './support.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const images = (...names: string[]): readonly ImageFact[] => names.map((name) => imageFact('Image', name));
const build = (...names: string[]) =>
  ({ context: 'archive', builder: 'classic', baseImages: images(...names) }) as const;
const unread = { context: 'archive', builder: 'classic', baseImages: null } as const;

describeFunction(imageFrom, {
  cases: {
    'takes an image below a pattern': [
      ['reg.example.com/team/**'],
      { images: images('reg.example.com/team/a/b:1') },
    ],
    'takes a repository with any tag': [
      ['docker.io/library/alpine'],
      { images: images('alpine', 'alpine:3') },
    ],
    'takes a repository with any digest': [
      ['docker.io/library/alpine'],
      { images: images(`alpine@${DIGEST}`) },
    ],
    'takes one tag': [['docker.io/library/alpine:3'], { images: images('alpine:3') }],
    'takes tags by a pattern': [['docker.io/library/alpine:3*'], { images: images('alpine:3.20') }],
    'takes the tag that an image without one has': [
      ['docker.io/library/alpine:latest'],
      { images: images('alpine') },
    ],
    'takes no other tag': [
      ['docker.io/library/alpine:3'],
      { images: images('alpine:4') },
      'Image uses the image "docker.io/library/alpine:4"',
    ],
    'takes all tags of a repository for one that no pattern of tags names': [
      ['docker.io/library/alpine:*'],
      {
        images: [
          {
            ...images('alpine')[0],
            name: { type: 'name', domain: 'docker.io', path: 'library/alpine' },
          } as ImageFact,
        ],
      },
      'Image uses the image "docker.io/library/alpine:latest"',
    ],
    'takes all tags of a repository that is named': [
      ['docker.io/library/alpine'],
      {
        images: [
          {
            ...images('alpine')[0],
            name: { type: 'name', domain: 'docker.io', path: 'library/alpine' },
          } as ImageFact,
        ],
      },
    ],
    'goes by the digest where there is one, as the Engine does': [
      ['docker.io/library/alpine:3*'],
      { images: images(`alpine:3@${DIGEST}`) },
      `Image uses the image "docker.io/library/alpine@${DIGEST.slice(0, 80 - 25)}..."`,
    ],
    'takes a digest that is named': [
      [`docker.io/library/alpine@${DIGEST}`],
      { images: images(`alpine:3@${DIGEST}`, `alpine@${DIGEST}`) },
    ],
    'takes whole parts only': [
      ['reg.example.com/team/**'],
      {
        images: images(
          'reg.example.com/team2/a',
          'reg.example.com.evil.com/team/a',
          'evil.com/reg.example.com/team/a',
        ),
      },
      'Image uses the image "reg.example.com/team2/a:latest"',
      'Image uses the image "reg.example.com.evil.com/team/a:latest"',
      'Image uses the image "evil.com/reg.example.com/team/a:latest"',
    ],
    'wants all of several': [
      ['docker.io/library/*', 'docker.io/team/*'],
      { images: images('alpine', 'team/a', 'other/a') },
      'Image uses the image "docker.io/other/a:latest"',
    ],
    'takes no id, and what may be one neither': [
      ['**'],
      { images: images(DIGEST, 'cafe') },
      `? Image uses an image by what may be an id, "${DIGEST}"`,
      '? Image uses an image by what may be an id, "cafe"',
    ],
    'takes no id beside an image that it knows not to take': [
      ['docker.io/**'],
      { images: images('cafe', 'evil.com/a') },
      '? Image uses an image by what may be an id, "cafe"',
      'Image uses the image "evil.com/a:latest"',
    ],
    'takes registries of every form': [
      ['localhost/a', 'reg.example.com/a', 'reg:5000/a'],
      { images: images('localhost/a', 'reg.example.com/a', 'reg:5000/a') },
    ],
    'wants to know what a Dockerfile says': [
      ['**'],
      { images: [], build: unread },
      '? Dockerfile does not tell which images it uses',
    ],
    'is met where no image is used': [['docker.io/**'], {}],
  },
  faults: [
    [
      ['alpine'],
      '"alpine" does not begin with a registry; images are written in full, such as docker.io/library/alpine',
    ],
    [
      ['alpine:3'],
      '"alpine:3" does not begin with a registry; images are written in full, such as docker.io/library/alpine:3',
    ],
    [
      ['team/*'],
      '"team/*" does not begin with a registry; images are written in full, such as docker.io/team/*',
    ],
    [['docker.io/alpine'], '"docker.io/alpine" matches nothing: write docker.io/library/alpine'],
    [
      ['index.docker.io/library/a'],
      '"index.docker.io/library/a" matches nothing: index.docker.io is written docker.io',
    ],
    [['Reg.example.com/**'], '"Reg.example.com/**" matches nothing: registries are in lower case'],
    [['docker.io/library/Alpine'], '"docker.io/library/Alpine" is no name of an image'],
    [['docker.io/library/a b'], '"docker.io/library/a b" is no pattern of images'],
    [['docker.io/***'], '"docker.io/***" is no pattern of images'],
    [['docker.io//a'], '"docker.io//a" is no pattern of images'],
    [['**', ''], '"" is no pattern of images'],
  ],
});

it('imageFrom wants to know what an archive of images holds', () => {
  const load = (...names: string[]) =>
    judge(imageFrom, ['docker.io/**'], { images: images(...names) }, 'ImageLoad');
  expect(load('alpine').met).toBe(true);
  expect(load('evil.com/a').met).toBe(false);
  expect(load()).toMatchObject({ met: undefined, against: [{ field: 'body' }] });
});

it.each([
  [imageFrom, ['baseImages', 'loadedImages']],
  [baseImagesFrom, ['baseImages']],
])('%o wants archives to be read', (called, needs) => {
  expect(called.prepare(['docker.io/**'], VOCABULARY)).toMatchObject({ needs });
});

it('imageFrom tells which images are taken', () => {
  expect(judge(imageFrom, ['a.io/**', 'b.io/**'], {}, 'ContainerCreate').favour).toMatchObject([
    { asks: 'is within imageFrom("a.io/**", "b.io/**")' },
  ]);
  const { against } = judge(
    imageFrom,
    ['a.io/**', 'b.io/**', 'c.io/**'],
    { images: images('x') },
    'ContainerCreate',
  );
  expect(against[0]?.remedy).toContain('a.io/**, b.io/** or c.io/**');
});

describeFunction(baseImagesFrom, {
  id: 'ImageBuild',
  cases: {
    'takes images below a pattern': [['docker.io/library/*'], { build: build('alpine', 'node:20') }],
    'takes no other': [
      ['docker.io/library/*'],
      { build: build('alpine', 'evil.com/a') },
      'Image uses the image "evil.com/a:latest"',
    ],
    'takes a Dockerfile from scratch': [['docker.io/library/*'], { build: build() }],
    'wants to read the Dockerfile': [['**'], { build: unread }, '? Dockerfile can not be read here'],
    'can not judge BuildKit': [
      ['**'],
      { build: { ...unread, builder: 'buildkit' } },
      '? Dockerfile is built by BuildKit and can not be judged',
    ],
    'is met where nothing is built': [['docker.io/**'], { images: images('evil.com/a') }],
  },
  faults: [
    [
      ['docker.io/**', 'team/*'],
      '"team/*" does not begin with a registry; images are written in full, such as docker.io/team/*',
    ],
    [
      ['alpine'],
      '"alpine" does not begin with a registry; images are written in full, such as docker.io/library/alpine',
    ],
  ],
});
