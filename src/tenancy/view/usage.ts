import { withQuery } from '../../docker/request.ts';
import type { ApiRequest } from '../../docker/types.ts';
import type { Sight } from '../sight.ts';
import { seenContainers } from './container-list.ts';
import { idsOf, imageEntry, seenImages } from './image-list.ts';
import { judgeAll } from './judge.ts';
import { type Element, parsedElements, relisted, seenElements } from './lists.ts';
import {
  checked,
  type Edit,
  editMembers,
  endOf,
  isNull,
  leaveOut,
  memberOf,
  membersOf,
  rewriteMembers,
  type SlowEdit,
} from './raw-json.ts';
import { type Json, listOf, objectOf, textOf } from './shown.ts';
import type { JsonView } from './types.ts';
import { volumeEntry } from './volumes.ts';

/** The first API version with totals, and the first without the lists that went before. */
const TOTALS = 52;
const TOTALS_ONLY = 53;

type Kind = 'image' | 'container' | 'volume' | 'build-cache';

/** Where the Engine tells of each kind: its list, its totals (whose name the API's change log spells otherwise). */
const PLACES: Readonly<Record<Kind, { readonly list: string; readonly totals: readonly string[] }>> = {
  image: { list: 'Images', totals: ['ImageUsage', 'ImagesUsage'] },
  container: { list: 'Containers', totals: ['ContainerUsage', 'ContainersUsage'] },
  volume: { list: 'Volumes', totals: ['VolumeUsage', 'VolumesUsage'] },
  'build-cache': { list: 'BuildCache', totals: ['BuildCacheUsage'] },
};
const KINDS = Object.keys(PLACES) as Kind[];

/** Texts of the reply's members. What is shown of them is made of elements that were parsed, and of sums. */
type Reply = ReadonlyMap<string, string>;

/** What is seen of one kind, and what it adds up to. */
interface Use {
  readonly entries: readonly string[];
  readonly total: bigint;
  readonly active: number;
  /** Of the total, what nothing that runs or is there holds. */
  readonly reclaimable: bigint;
}

const NOTHING: Use = { entries: [], total: 0n, active: 0, reclaimable: 0n };

/**
 * How much of the disk what is seen takes. Build cache is nobody's, so it is the operator's. What an image shares
 * with others is not told, and its whole size is counted: what the layers of all images that are seen take together
 * is at most that.
 */
export const DISK_USAGE: JsonView = {
  kind: 'json',
  widen(api, sight) {
    if (seesAll(sight)) return api;
    const { type, ...query } = api.query;
    const types = listOf(type).map(textOf);
    // Images and volumes are in use when a container that is seen uses them.
    const all = types.length === 0 || types.includes('container') ? types : [...types, 'container'];
    const wider = all.length === 0 ? query : { ...query, type: all };
    return withQuery(api, api.version >= TOTALS_ONLY ? { ...wider, verbose: true } : wider);
  },
  async rewrite(body, sight, api) {
    if (seesAll(sight)) return body;
    const uses = await usesOf(new Map(membersOf(body).map(({ key, raw }) => [key, raw])), sight, api);
    const wanted = listOf(api.query['type']).map(textOf);
    const told = KINDS.filter((kind) => wanted.length === 0 || wanted.includes(kind));
    const edits = new Map<string, SlowEdit>();
    for (const kind of told) {
      const { list, totals } = PLACES[kind];
      edits.set(list, (raw) => relisted(raw, uses[kind].entries));
      for (const name of totals) edits.set(name, (raw) => totalsOf(raw, uses[kind], api));
    }
    const layers = told.includes('image') ? `${uses.image.total}` : '0';
    edits.set('LayersSize', (raw) => (sight.all('image') ? checked(raw) : layers));
    edits.set('BuilderSize', () => '0');
    return (await rewriteMembers(body, edits, leaveOut)) + endOf(body);
  },
};

function seesAll(sight: Sight): boolean {
  const kinds = ['image', 'container', 'volume', 'engine'] as const;
  return kinds.every((kind) => sight.all(kind));
}

async function usesOf(body: Reply, sight: Sight, api: ApiRequest): Promise<Readonly<Record<Kind, Use>>> {
  const listed = listOfKind(body, 'container');
  const containers = listed === undefined ? undefined : await seenContainersOf(listed, sight);
  return {
    container: containers === undefined ? NOTHING : containerUse(containers),
    image: await imageUse(listOfKind(body, 'image') ?? 'null', containers, sight, api),
    volume: await volumeUse(listOfKind(body, 'volume') ?? 'null', containers, sight),
    'build-cache': sight.all('engine') ? cacheUse(listOfKind(body, 'build-cache') ?? 'null') : NOTHING,
  };
}

/** The elements of a kind, from whichever place the Engine has them in. */
function listOfKind(body: Reply, kind: Kind): string | undefined {
  const { list, totals } = PLACES[kind];
  const own = body.get(list);
  if (own !== undefined && !isNull(own)) return own;
  const items = totals.map((name) => memberOf(body.get(name) ?? 'null', 'Items')).find((raw) => !isNull(raw));
  return items ?? own;
}

/** Totals in the Engine's order of members; the list when the client asked for details. */
function totalsOf(raw: string, { entries, total, active, reclaimable }: Use, api: ApiRequest): string {
  const values = {
    ActiveCount: active,
    TotalCount: entries.length,
    Reclaimable: reclaimable,
    TotalSize: total,
  };
  const edits = new Map<string, Edit>([
    ...Object.entries(values).map(([name, value]) => [name, () => `${value}`] as const),
    ['Items', (list: string) => (isDetailed(api) ? relisted(list, entries) : undefined)] as const,
  ]);
  return editMembers(raw, edits, leaveOut);
}

function isDetailed(api: ApiRequest): boolean {
  return api.version >= TOTALS && api.query['verbose'] === true;
}

async function seenContainersOf(list: string, sight: Sight): Promise<readonly Element[]> {
  const raws = sight.all('container')
    ? parsedElements(list).map(({ raw }) => raw)
    : await seenContainers(list, sight);
  return raws.map((raw) => ({ raw, value: JSON.parse(raw) as unknown }));
}

const ACTIVE = new Set<unknown>(['running', 'paused', 'restarting']);

function containerUse(containers: readonly Element[]): Use {
  return use(containers, 'SizeRw', ({ value }) => ACTIVE.has(objectOf(value)['State']));
}

async function imageUse(
  list: string,
  containers: readonly Element[] | undefined,
  sight: Sight,
  api: ApiRequest,
): Promise<Use> {
  const images = seenImages(list, sight);
  const counts = countBy(containers, (container) => [textOf(container['ImageID'])]);
  const containersOf = (id: string) => (counts === undefined ? undefined : (counts.get(id) ?? 0));
  // Zero and not -1: clients take it from the size, and add up what is left.
  const context = { sight, api, ids: idsOf(images), containersOf, sharedSize: '0' };
  const entries = await judgeAll(images, (image) => imageEntry(image, context));
  const isActive = ({ value }: Element) => (containersOf(textOf(objectOf(value)['Id'])) ?? 0) > 0;
  return { ...use(images, 'Size', isActive), entries };
}

async function volumeUse(
  list: string,
  containers: readonly Element[] | undefined,
  sight: Sight,
): Promise<Use> {
  const volumes = await seenElements('volume', list, sight);
  const counts = countBy(containers, (container) =>
    listOf(container['Mounts']).map((mount) => textOf(objectOf(mount)['Name'])),
  );
  const nameOf = ({ value }: Element) => textOf(objectOf(value)['Name']);
  const countOf = (volume: Element) => (counts === undefined ? undefined : (counts.get(nameOf(volume)) ?? 0));
  const entries = volumes.map((volume) => volumeEntry(volume.raw, countOf(volume)));
  const sized = volumes.map(({ raw, value }) => ({ raw: memberOf(raw, 'UsageData'), value }));
  return { ...use(sized, 'Size', (volume) => (countOf(volume) ?? 0) > 0), entries };
}

function cacheUse(list: string): Use {
  return use(parsedElements(list), 'Size', ({ value }) => objectOf(value)['InUse'] === true);
}

/** How many of the containers are of each key, once each; undefined when they are not known. */
function countBy(
  containers: readonly Element[] | undefined,
  keysOf: (container: Json) => readonly string[],
): ReadonlyMap<string, number> | undefined {
  if (containers === undefined) return undefined;
  const counts = new Map<string, number>();
  for (const { value } of containers) {
    for (const key of new Set(keysOf(objectOf(value)))) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** Adds up the sizes that the elements have in a member; those that the Engine did not find out (-1) are none. */
function use(elements: readonly Element[], size: string, isActive: (element: Element) => boolean): Use {
  let total = 0n;
  let reclaimable = 0n;
  let active = 0;
  for (const element of elements) {
    const bytes = bytesOf(memberOf(element.raw, size));
    total += bytes;
    if (isActive(element)) active += 1;
    else reclaimable += bytes;
  }
  return { entries: elements.map(({ raw }) => raw), total, active, reclaimable };
}

function bytesOf(raw: string): bigint {
  return /^[0-9]{1,20}$/.test(raw) ? BigInt(raw) : 0n;
}
