import { describe, expect, it } from 'vitest';
import { TENANT_LABEL } from '../../../src/tenancy/labels.ts';
import { api, EVERYTHING, jsonView, plainly, real, sightOf, viewed } from './sight.ts';

const BUSYBOX = 'docker.io/library/busybox:latest';
const own = { [TENANT_LABEL]: 'a' };
const others = { [TENANT_LABEL]: 'b', canary: 'CANARY' };

const IMAGES = [
  { Id: 'sha256:1', RepoTags: ['busybox:latest', 'canary/x:1'], Size: 1_000, SharedSize: 900, Containers: 9 },
  { Id: 'sha256:2', RepoTags: ['own/app:1'], Size: 100, SharedSize: 50, Containers: 9 },
  { Id: 'sha256:3', RepoTags: ['canary/CANARY:1'], Size: 7, SharedSize: 7, Containers: 1 },
];
const CONTAINERS = [
  {
    Id: 'c1',
    ImageID: 'sha256:1',
    Labels: own,
    State: 'running',
    SizeRw: 10,
    Mounts: [{ Type: 'volume', Name: 'v1' }],
  },
  {
    Id: 'c2',
    ImageID: 'sha256:1',
    Labels: own,
    State: 'exited',
    SizeRw: 5,
    Mounts: [{ Name: 'v1' }, { Name: 'v1' }],
  },
  {
    Id: 'c3',
    ImageID: 'sha256:2',
    Labels: others,
    State: 'running',
    SizeRw: 3,
    Mounts: [{ Name: 'v1' }, { Name: 'v2' }],
  },
];
const VOLUMES = [
  { Name: 'v1', Labels: own, UsageData: { Size: 20, RefCount: 3 } },
  { Name: 'v2', Labels: own, UsageData: { Size: 30, RefCount: 1 } },
  { Name: 'v3', Labels: others, UsageData: { Size: 40, RefCount: 0 } },
  { Name: 'v4', Labels: own, UsageData: { Size: -1, RefCount: -1 } },
];
const CACHE = [{ ID: 'CANARY', Description: 'CANARY', Size: 50, InUse: false }];

const CLASSIC = {
  LayersSize: 1_200,
  Images: IMAGES,
  Containers: CONTAINERS,
  Volumes: VOLUMES,
  BuildCache: CACHE,
  BuilderSize: 50,
};
const total = (Items: object[]) => ({ ActiveCount: 9, TotalCount: 9, Reclaimable: 9, TotalSize: 9, Items });
const NEW = {
  ImageUsage: total(IMAGES),
  ContainerUsage: total(CONTAINERS),
  VolumeUsage: total(VOLUMES),
  BuildCacheUsage: total(CACHE),
};
const SIGHT = sightOf({ images: [BUSYBOX, 'docker.io/own/app:1'] });

const used = async (body: object, line: string, sight = SIGHT) =>
  JSON.parse(await viewed('SystemDataUsage', JSON.stringify(body), sight, api(line)));
const names = (list: readonly { Id?: string; Name?: string }[]) => list.map(({ Id, Name }) => Id ?? Name);

describe('the disk usage', () => {
  it('in the classic shape has what is seen, counted among what is seen', async () => {
    const shown = await used(CLASSIC, 'GET /v1.41/system/df');
    expect(shown).toEqual({
      LayersSize: 1_100,
      Images: [
        { ...IMAGES[0], RepoTags: ['busybox:latest'], SharedSize: 0, Containers: 2 },
        { ...IMAGES[1], SharedSize: 0, Containers: 0 },
      ],
      Containers: CONTAINERS.slice(0, 2),
      Volumes: [
        { ...VOLUMES[0], UsageData: { Size: 20, RefCount: 2 } },
        { ...VOLUMES[1], UsageData: { Size: 30, RefCount: 0 } },
        { ...VOLUMES[3], UsageData: { Size: -1, RefCount: 0 } },
      ],
      BuildCache: [],
      BuilderSize: 0,
    });
  });

  const TOTALS = {
    ImageUsage: { ActiveCount: 1, TotalCount: 2, Reclaimable: 100, TotalSize: 1_100 },
    ContainerUsage: { ActiveCount: 1, TotalCount: 2, Reclaimable: 5, TotalSize: 15 },
    VolumeUsage: { ActiveCount: 1, TotalCount: 3, Reclaimable: 30, TotalSize: 50 },
    BuildCacheUsage: { ActiveCount: 0, TotalCount: 0, Reclaimable: 0, TotalSize: 0 },
  };

  it('in the shape of API 1.53 has totals of what is seen, and the objects when they are asked for', async () => {
    expect(await used(NEW, 'GET /v1.53/system/df')).toEqual(TOTALS);
    const shown = await used(NEW, 'GET /v1.53/system/df?verbose=1');
    expect(shown).toMatchObject(TOTALS);
    expect(names(shown.ImageUsage.Items)).toEqual(['sha256:1', 'sha256:2']);
    expect(names(shown.ContainerUsage.Items)).toEqual(['c1', 'c2']);
    expect(names(shown.VolumeUsage.Items)).toEqual(['v1', 'v2', 'v4']);
    expect(shown.BuildCacheUsage.Items).toEqual([]);
    expect(JSON.stringify(shown)).not.toMatch(/canary/i);
  });

  it('in the two shapes of API 1.52 adds up the totals from the lists', async () => {
    const brief = Object.fromEntries(
      Object.entries(NEW).map(([name, { Items: _, ...rest }]) => [name, rest]),
    );
    const shown = await used({ ...CLASSIC, ...brief }, 'GET /v1.52/system/df');
    expect(shown).toMatchObject({ ...TOTALS, LayersSize: 1_100 });
    expect(names(shown.Containers)).toEqual(['c1', 'c2']);
  });

  it('is known under the names of the change log too', async () => {
    const shown = await used(
      { ImagesUsage: NEW.ImageUsage, ContainersUsage: NEW.ContainerUsage },
      'GET /v1.52/system/df?verbose=1',
    );
    expect(shown).toMatchObject({ ImagesUsage: TOTALS.ImageUsage, ContainersUsage: TOTALS.ContainerUsage });
  });

  it('tells only of the types that were asked for, though containers are needed to count', async () => {
    const { widen } = jsonView('SystemDataUsage');
    const asked = api('GET /v1.42/system/df?type=volume');
    expect(widen?.(asked, SIGHT).target).toBe('/v1.42/system/df?type=volume&type=container');
    const shown = await used(CLASSIC, 'GET /v1.42/system/df?type=volume');
    expect(Object.keys(shown)).toEqual(['LayersSize', 'Volumes', 'BuilderSize']);
    expect(shown).toMatchObject({ LayersSize: 0, Volumes: [{ UsageData: { RefCount: 2 } }, {}, {}] });
  });

  it('is asked for with its details where totals alone could not be judged', () => {
    const { widen } = jsonView('SystemDataUsage');
    const target = (line: string, sight = SIGHT) => widen?.(api(line), sight).target;
    expect(target('GET /v1.41/system/df')).toBe('/v1.41/system/df');
    expect(target('GET /v1.52/system/df')).toBe('/v1.52/system/df');
    expect(target('GET /v1.53/system/df')).toBe('/v1.53/system/df?verbose=1');
    expect(target('GET /v1.53/system/df', EVERYTHING)).toBe('/v1.53/system/df');
    expect(target('GET /v1.53/system/df?type=container')).toBe('/v1.53/system/df?type=container&verbose=1');
  });

  it('says of no container that it uses an image when the Engine lists none', async () => {
    const shown = await used({ Images: IMAGES, Volumes: VOLUMES }, 'GET /v1.41/system/df');
    expect(shown).toMatchObject({
      Images: [{ Containers: -1 }, {}],
      Volumes: [{ UsageData: { RefCount: -1 } }, {}, {}],
    });
  });

  it('leaves out what nobody knows', async () => {
    expect(await used({ New: ['CANARY'], ImageUsage: { New: 'CANARY' } }, 'GET /v1.56/system/df')).toEqual({
      ImageUsage: {},
    });
  });

  it('shows build cache to whom the Engine is seen', async () => {
    const sight = sightOf({ all: ['engine'] });
    expect(await used(CLASSIC, 'GET /v1.41/system/df', sight)).toMatchObject({
      BuildCache: CACHE,
      Images: [],
    });
    expect(await used(NEW, 'GET /v1.53/system/df', sight)).toMatchObject({
      BuildCacheUsage: { ActiveCount: 0, TotalCount: 1, Reclaimable: 50, TotalSize: 50 },
    });
  });

  it('adds up sizes beyond what JavaScript can count', async () => {
    const big =
      '{"Containers":[{"Id":"1","Labels":{"io.quaywarden.tenant":"a"},"SizeRw":9007199254740993}],"ContainerUsage":{"TotalSize":1}}';
    const shown = await viewed('SystemDataUsage', big, SIGHT, api('GET /v1.52/system/df'));
    expect(shown).toContain('"TotalSize":9007199254740993');
  });

  it('of a real Engine shows the objects of one tenant', async () => {
    const volumes = JSON.parse(real('SystemDataUsage')).Volumes as { Name: string; Labels: object | null }[];
    const shown = JSON.parse(await viewed('SystemDataUsage', real('SystemDataUsage'), SIGHT));
    expect(names(shown.Volumes)).toEqual(['avol']);
    expect(shown.Volumes[0].UsageData).toEqual({ RefCount: 1, Size: 0 });
    expect(shown.Images).toMatchObject([{ RepoTags: ['busybox:latest'], Containers: 3 }]);
    expect(shown.Containers.map(({ Names }: { Names: string[] }) => Names[0])).toEqual([
      '/adone',
      '/acreated',
      '/aweb',
    ]);
    expect(shown).toMatchObject({ LayersSize: 1_984_286, BuildCache: null, BuilderSize: 0 });
    expect(volumes).toHaveLength(4);
    expect(JSON.stringify(shown)).not.toContain('bvol');
  });

  it('is untouched for whom everything is seen', async () => {
    expect(await viewed('SystemDataUsage', real('SystemDataUsage'), EVERYTHING)).toBe(
      real('SystemDataUsage'),
    );
    expect(plainly('SystemDataUsage').operation.class).toBe('read');
  });
});
