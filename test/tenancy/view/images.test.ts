import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { api, EVERYTHING, plainly, real, sightOf, viewed } from './sight.ts';

const BUSYBOX = 'docker.io/library/busybox:latest';
const TEAM_A = 'registry.example.com/team-a/app:1';
const TEAM_B = 'registry.example.com/team-b/app:1';
const listed = JSON.parse(real('ImageList')) as { Id: string; RepoTags: string[]; RepoDigests: string[] }[];
const busybox = listed.find(({ RepoTags }) => RepoTags.includes('busybox:latest'));
const DIGEST = busybox?.RepoDigests[0] ?? '';

const list = (image: object) => JSON.stringify([{ Id: `sha256:${'1'.repeat(64)}`, ...image }]);
const only = async (image: object, images: readonly string[], line = 'GET /v1.41/images/json') =>
  JSON.parse(await viewed('ImageList', list(image), sightOf({ images }), api(line)))[0];

describe('a list of images', () => {
  it('of a real Engine shows an image by the references that are seen', async () => {
    const shown = JSON.parse(
      await viewed('ImageList', real('ImageList'), sightOf({ images: [BUSYBOX, TEAM_A] })),
    );
    expect(shown).toEqual([
      {
        ...busybox,
        RepoTags: ['busybox:latest', 'registry.example.com/team-a/app:1'],
        RepoDigests: [],
        SharedSize: -1,
      },
    ]);
  });

  it('has no image of which no reference is seen', async () => {
    expect(await viewed('ImageList', real('ImageList'), sightOf())).toBe('[]\n');
  });

  it('shows an image that is seen by its id, without the names that are not', async () => {
    const images = [busybox?.Id ?? ''];
    const old = JSON.parse(await viewed('ImageList', real('ImageList'), sightOf({ images })));
    expect(old).toHaveLength(1);
    expect(old[0]).toMatchObject({ RepoTags: ['<none>:<none>'], RepoDigests: ['<none>@<none>'] });
    const request = api('GET /v1.43/images/json');
    const recent = JSON.parse(await viewed('ImageList', real('ImageList'), sightOf({ images }), request));
    expect(recent[0]).toMatchObject({ RepoTags: [], RepoDigests: [] });
  });

  it('shows a digest with a tag of its repository, or by itself', async () => {
    const digest = `sha256:${'d'.repeat(64)}`;
    const image = { RepoTags: ['alpine:3', 'other:1'], RepoDigests: [`alpine@${digest}`, `other@${digest}`] };
    expect(await only(image, ['docker.io/library/alpine:3'])).toMatchObject({
      RepoTags: ['alpine:3'],
      RepoDigests: [`alpine@${digest}`],
    });
    expect(await only(image, [`docker.io/library/other@${digest}`])).toMatchObject({
      RepoTags: [],
      RepoDigests: [`other@${digest}`],
    });
    expect(DIGEST).toContain('127.0.0.1:5000/library/busybox@sha256:');
  });

  it('tells the id of a parent that is seen itself', async () => {
    const images = ['registry.example.com/team-a/built:2'];
    const [built] = JSON.parse(await viewed('ImageList', real('ImageList'), sightOf({ images })));
    expect(built).toMatchObject({ RepoTags: ['registry.example.com/team-a/built:2'], ParentId: '' });
    const parent = listed.find(({ RepoTags }) => RepoTags[0] === 'registry.example.com/team-a/built:2');
    const { ParentId } = parent as unknown as { ParentId: string };
    const both = JSON.parse(
      await viewed('ImageList', real('ImageList'), sightOf({ images: [...images, ParentId] })),
    );
    expect(both.find(({ Id }: { Id: string }) => Id === parent?.Id)).toMatchObject({ ParentId });
  });

  it('counts neither containers nor bytes that are shared with others', async () => {
    const image = { RepoTags: ['busybox:latest'], Containers: 4, SharedSize: 17, Size: 20 };
    expect(await only(image, [BUSYBOX])).toMatchObject({ Containers: -1, SharedSize: -1, Size: 20 });
    const sight = sightOf({ images: [BUSYBOX], all: ['container'] });
    expect(JSON.parse(await viewed('ImageList', list(image), sight))[0]).toMatchObject({ Containers: 4 });
  });

  it('shows of the manifests of an image the containers that are seen, and not where it came from', async () => {
    const manifest = {
      ID: 'sha256:1',
      Descriptor: { digest: 'x' },
      Available: true,
      Size: { Total: 1, Content: 1 },
      Kind: 'image',
      ImageData: {
        Platform: { os: 'linux' },
        Containers: ['own', 'CANARY'],
        Size: { Unpacked: 1 },
        New: 'CANARY',
      },
      Identity: { Pull: [{ Repository: 'CANARY' }] },
    };
    const image = { RepoTags: ['busybox:latest'], Manifests: [manifest], Identity: { Pull: ['CANARY'] } };
    const shown = JSON.parse(
      await viewed('ImageList', list(image), sightOf({ images: [BUSYBOX], ids: ['own'] })),
    );
    const { Identity: _, ...own } = manifest;
    expect(shown[0].Manifests).toEqual([
      { ...own, ImageData: { Platform: { os: 'linux' }, Containers: ['own'], Size: { Unpacked: 1 } } },
    ]);
    expect(JSON.stringify(shown)).not.toContain('CANARY');
  });

  it('keeps large numbers and escapes as they are', async () => {
    const body =
      '[{"Id":"sha256:1","RepoTags":["busybox"],"Labels":{"a":"\\u003c"},"Size":12345678901234567890}]';
    expect(await viewed('ImageList', body, sightOf({ images: [BUSYBOX] }))).toBe(body);
  });

  it('is untouched for whom everything is seen', async () => {
    expect(await viewed('ImageList', real('ImageList'), EVERYTHING)).toBe(real('ImageList'));
  });

  it('holds nothing of a reference that is not seen', async () => {
    const reference = fc.tuple(fc.boolean(), fc.nat({ max: 9 }));
    const image = fc.record({ tags: fc.array(reference), digests: fc.array(reference) });
    await fc.assert(
      fc.asyncProperty(fc.array(image), async (images) => {
        const write =
          (end: string) =>
          ([own, at]: [boolean, number]) =>
            `${own ? 'own' : 'canary'}/app${at}${end}`;
        const body = images.map(({ tags, digests }, at) => ({
          Id: `sha256:${at}`,
          RepoTags: tags.map(write(':1')),
          RepoDigests: digests.map(write(`@sha256:${'a'.repeat(64)}`)),
          Labels: tags.some(([own]) => own) || digests.some(([own]) => own) ? {} : { x: 'canary' },
        }));
        const sight = { ...sightOf(), seesImage: (name: string) => name.startsWith('docker.io/own/') };
        const shown = await viewed('ImageList', JSON.stringify(body), sight, api('GET /v1.44/images/json'));
        expect(shown).not.toContain('canary');
        expect(JSON.parse(shown)).toHaveLength(
          images.filter(({ tags, digests }) => [...tags, ...digests].some(([own]) => own)).length,
        );
      }),
    );
  });
});

describe('an image', () => {
  it('of a real Engine shows the references that are seen', async () => {
    const body = real('ImageInspectTagged');
    const shown = await viewed('ImageInspect', body, sightOf({ images: [TEAM_A] }));
    expect(JSON.parse(shown)).toEqual({
      ...JSON.parse(body),
      RepoTags: [TEAM_A],
      RepoDigests: [],
      Metadata: { LastTagTime: '0001-01-01T00:00:00Z' },
    });
  });

  it('tells the id of its parent when that is seen', async () => {
    const body = real('ImageInspect');
    const { Parent } = JSON.parse(body);
    expect(JSON.parse(await viewed('ImageInspect', body, sightOf())).Parent).toBe('');
    expect(JSON.parse(await viewed('ImageInspect', body, sightOf({ images: [Parent] }))).Parent).toBe(Parent);
  });

  it('does not tell where it came from, nor what nobody knows', async () => {
    const body = '{"Id":"sha256:1","Identity":{"Pull":[{"Repository":"CANARY"}]},"New":"CANARY"}';
    expect(await viewed('ImageInspect', body, sightOf())).toBe('{"Id":"sha256:1"}');
  });

  it('is untouched for whom everything is seen', async () => {
    expect(await viewed('ImageInspect', real('ImageInspect'), EVERYTHING)).toBe(real('ImageInspect'));
  });
});

describe('the history of an image', () => {
  it('of a real Engine shows the tags that are seen, and ids of what is', async () => {
    const layers = JSON.parse(real('ImageHistory'));
    const shown = JSON.parse(
      await viewed('ImageHistory', real('ImageHistory'), sightOf({ images: [TEAM_A] })),
    );
    expect(shown).toEqual([
      { ...layers[0], Tags: null },
      ...layers.slice(1, -1).map((layer: object) => ({ ...layer, Id: '<missing>' })),
      { ...layers.at(-1), Tags: [TEAM_A] },
    ]);
    expect(JSON.stringify(shown)).not.toContain(TEAM_B);
  });

  it('is untouched for whom everything is seen', async () => {
    expect(await viewed('ImageHistory', real('ImageHistory'), EVERYTHING)).toBe(real('ImageHistory'));
  });
});

describe('what a removal tells', () => {
  it('is the references that are seen, and what went with them', async () => {
    const body =
      '[{"Untagged":"busybox:latest"},{"Untagged":"canary/x:1"},{"Deleted":"sha256:1"},{"Other":"CANARY"},{"Untagged":"busybox","More":"CANARY"},{"Untagged":5}]\n';
    expect(await viewed('ImageDelete', body, sightOf({ images: [BUSYBOX] }))).toBe(
      '[{"Untagged":"busybox:latest"},{"Deleted":"sha256:1"}]\n',
    );
    const real20 = await viewed('ImageDelete', real('ImageDelete'), sightOf());
    expect(JSON.parse(real20)).toEqual(JSON.parse(real('ImageDelete')).slice(1));
    expect(await viewed('ImageDelete', real('ImageDelete'), EVERYTHING)).toBe(real('ImageDelete'));
  });

  it('of a prune is what is seen of it, and the bytes when that is all', async () => {
    const [first, second] = JSON.parse(real('ImagePrune')).ImagesDeleted.map(
      ({ Deleted }: { Deleted: string }) => Deleted,
    );
    const body = real('ImagePrune').replace('"SpaceReclaimed":0', '"SpaceReclaimed":99');
    const some = JSON.parse(await viewed('ImagePrune', body, sightOf({ images: [first] })));
    expect(some).toEqual({ ImagesDeleted: [{ Deleted: first }], SpaceReclaimed: 0 });
    expect(await viewed('ImagePrune', body, sightOf({ images: [first, second] }))).toBe(body);
    expect(await viewed('ImagePrune', body, EVERYTHING)).toBe(body);
    expect(await viewed('ImagePrune', '{"ImagesDeleted":null,"SpaceReclaimed":0}', sightOf())).toBe(
      '{"ImagesDeleted":null,"SpaceReclaimed":0}',
    );
    expect(plainly('ImagePrune').operation.method).toBe('POST');
  });
});
