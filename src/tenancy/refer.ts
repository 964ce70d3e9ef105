import { UNNAMED } from '../docker/archive/images.ts';
import type { Content } from '../docker/content.ts';
import { factsOf } from '../docker/facts/facts.ts';
import type { Facts } from '../docker/facts/types.ts';
import { formatImageName, withDefaultTag } from '../docker/image-reference.ts';
import { isNetworkWord, mapBodyReferences } from '../docker/references.ts';
import { quoted } from '../docker/text.ts';
import type { ApiRequest } from '../docker/types.ts';
import { Refusal } from '../errors.ts';
import { claimed, isRelabelled } from './claim.ts';
import { type Labels, ownLabelsOf, TENANT_LABEL } from './labels.ts';
import { withLinksInDns } from './links.ts';
import type { Means } from './locate.ts';
import { permitted } from './locate.ts';
import { absent, checkNewName } from './lookup.ts';
import { BRIDGE, type Names } from './names/names.ts';
import { checkGoodName } from './names/request.ts';
import { isEnginesNetwork, type Owned } from './owned.ts';
import { resourceOf } from './policy-sight.ts';
import { Resolution } from './resolution.ts';
import type { Resource } from './resource.ts';

/** A volume that has to be there before a container can have it. */
export interface VolumeToMake {
  /** On the Engine. */
  readonly name: string;
  /** What the request calls it. */
  readonly asked: string;
  readonly driver: string;
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Labels;
}

/** A request whose body names objects by what they are. */
export interface Referred {
  /** What the Engine receives. */
  readonly api: ApiRequest;
  readonly content: Content | undefined;
  /** The same with names in place of ids, for policies speak of names. */
  readonly named: Content | undefined;
  /** What the body names besides, each judged under the operation. */
  readonly resources: readonly Resource[];
  readonly volumes: readonly VolumeToMake[];
  /** The objects that it names by references. */
  readonly objects: readonly Owned[];
  /** What the volumes that it mounts are called on the Engine, by the names that it gives. */
  readonly volumeNames: ReadonlyMap<string, string>;
  /** Named volumes that are there already, by their names on the Engine; they are looked at again once the container holds them. */
  readonly held: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;

/**
 * Finds out whose the objects are that a body names, writes each by its full id, and gives what is made its owner.
 *
 * @param object the object in the path
 * @param newLabels makes those of what the principal makes
 * @throws Refusal 404 `no-such-object`, 400 `ambiguous-reference`, `network-named-twice`, 403 `name-like-id`, 409
 *   `name-taken`
 */
export async function refer(
  {
    api,
    content,
    object,
  }: { readonly api: ApiRequest; readonly content: Content; readonly object: Owned | undefined },
  newLabels: () => Labels,
  means: Means,
): Promise<Referred> {
  const { id } = api.operation;
  const labels = newLabels();
  // To the docker CLI a 404 of a create means that the image is not there, and it pulls it.
  const resolution = new Resolution(means.lookup, id === 'ContainerCreate' ? 400 : 404);
  mapBodyReferences(id, content.value, resolution.note);
  await resolution.resolve();
  const toId = mapBodyReferences(id, content.value, resolution.toId);
  const named = { ...content, value: mapBodyReferences(id, content.value, resolution.toName) };
  checkNetworks(id, content.value, resolution, means.names);
  await checkConfigFrom(id, named.value, means);
  checkName(api, content.value, means.names);
  const volumeHere = await existingVolume(api, content.value, means);
  const facts = factsOf(api, named.value);
  const mounted = await volumes(facts, api, content.value, labels, means);
  const made = isRelabelled(id) ? await labelsOf(object, means) : labels;
  return {
    api,
    content: { ...content, value: claimed(id, pinned(id, toId, object), made) },
    named,
    resources: [
      ...resolution.objects.map(resourceOf),
      ...resolution.images.map((names) => permitted(api, names, means.sight)),
      ...mounted.resources,
    ],
    volumes: mounted.make,
    held: mounted.held,
    objects: resolution.objects,
    volumeNames: new Map([...volumeHere, ...mounted.names]),
  };
}

const NONE: readonly never[] = [];
const NO_NAMES: ReadonlyMap<string, string> = new Map();

/** Of a request without a body. */
export function nothingIn(api: ApiRequest): Referred {
  return {
    api,
    content: undefined,
    named: undefined,
    resources: NONE,
    volumes: NONE,
    objects: NONE,
    volumeNames: NO_NAMES,
    held: NONE,
  };
}

/**
 * What only an archive tells: images that a build reads have to be seen, names that a load gives have to be allowed.
 *
 * @param found `untold`: why nobody can say what a build starts from, a clause
 * @throws Refusal 404 `no-such-object`, 403 `archive-untold`
 */
export function referInArchive(
  api: ApiRequest,
  { facts, untold: why }: { readonly facts: Facts; readonly untold?: string | undefined },
  { sight }: Pick<Means, 'sight'>,
): readonly Resource[] {
  const { id } = api.operation;
  if (id !== 'ImageBuild' && id !== 'ImageLoad') return [];
  if (facts.build !== null && facts.build.baseImages === null) {
    throw new Refusal(
      403,
      'archive-untold',
      `it can not be told which images this build starts from: ${why ?? 'send the context, with a Dockerfile, to the classic builder (DOCKER_BUILDKIT=0)'}`,
      { field: 'Dockerfile' },
    );
  }
  const resources: Resource[] = [];
  for (const { name, reference, field } of facts.images) {
    if (name === null) {
      throw untold(reference, field);
    }
    const full = formatImageName(withDefaultTag(name));
    if (id === 'ImageLoad') resources.push(`image/${full}`);
    else if (!sight.seesImage(full)) throw unseen(reference, field);
  }
  return resources;
}

/** That nobody can say which image the name in an archive, an id or none at all, is of. */
export function untold(reference: string, field: string): Refusal {
  const sentence =
    reference === UNNAMED
      ? 'the archive brings an image without a name: save it by its name, docker save NAME:TAG'
      : `it can not be told which image ${quoted(reference)} is: name it in lower case and with its tag (ids are not read here)`;
  return new Refusal(403, 'archive-untold', sentence, { field });
}

/** An image that a build reads and whoever builds may not inspect, whether it is there or not. */
function unseen(reference: string, field: string): Refusal {
  return new Refusal(
    404,
    'no-such-object',
    `the image ${quoted(reference)} is none that you may see (ImageInspect), so no build of yours reads it: ask for a grant, or name another`,
    { field },
  );
}

/** Volumes that a container mounts by name. */
async function volumes(
  { volumes: mounted }: Facts,
  api: ApiRequest,
  value: unknown,
  labels: Labels,
  { lookup, objects, names }: Means,
): Promise<{
  readonly resources: readonly Resource[];
  readonly make: readonly VolumeToMake[];
  readonly held: readonly string[];
  readonly names: ReadonlyMap<string, string>;
}> {
  const { id } = api.operation;
  if (id !== 'ContainerCreate' && id !== 'ServiceCreate' && id !== 'ServiceUpdate') {
    return { resources: [], make: [], held: [], names: new Map() };
  }
  const tenant = labels[TENANT_LABEL] ?? '';
  const resources: Resource[] = [];
  const make: VolumeToMake[] = [];
  const held: string[] = [];
  const onEngine = new Map<string, string>();
  for (const name of new Set(mounted.map(({ name }) => name).filter((name) => name !== ''))) {
    const { field = name, driver = '' } = mounted.find((each) => each.name === name) ?? {};
    const found = await lookup.find('volume', name, field);
    if (found !== undefined) {
      resources.push(resourceOf(found));
      held.push(found.id);
      onEngine.set(name, found.id);
      continue;
    }
    checkNewName(name, field);
    if (names.areOwn) checkGoodName('volume', name, field);
    const made = names.made(name, tenant, field);
    if ((await objects.find('volume', made)) !== undefined) throw taken('volume', name, field);
    onEngine.set(name, made);
    resources.push(`volume/${tenant}/${name}`);
    // Those of a service are made where its tasks run, with the labels that its mounts carry.
    if (id === 'ContainerCreate')
      make.push({ name: made, asked: name, driver, ...declared(value, name, labels) });
  }
  return { resources, make, held, names: onEngine };
}

/** Labels and driver options that a mount declares for the volume that it makes. */
function declared(value: unknown, name: string, own: Labels): Pick<VolumeToMake, 'options' | 'labels'> {
  const host = ((value as Json)['HostConfig'] ?? {}) as { readonly Mounts?: readonly Json[] };
  const mount = (host.Mounts ?? []).find(({ Type, Source }) => Type === 'volume' && Source === name);
  const options = (mount?.['VolumeOptions'] ?? {}) as {
    readonly Labels?: Labels;
    readonly DriverConfig?: { readonly Options?: Readonly<Record<string, string>> };
  };
  return { options: options.DriverConfig?.Options ?? {}, labels: { ...options.Labels, ...own } };
}

/**
 * The Engine prefers an endpoint's NetworkID to the name that it stands under: both have to mean one network.
 */
function checkNetworks(id: string, value: unknown, { toId }: Resolution, names: Names): void {
  if (id !== 'ContainerCreate') return;
  const config = ((value as Json)['NetworkingConfig'] ?? {}) as { readonly EndpointsConfig?: Json };
  const seen = new Set<string>();
  for (const [name, settings] of Object.entries(config.EndpointsConfig ?? {})) {
    const field = `NetworkingConfig.EndpointsConfig[${JSON.stringify(name)}]`;
    const meant = wordOf(name, names) ?? toId('network', name, field);
    const { NetworkID: also = '' } = (settings ?? {}) as { readonly NetworkID?: string };
    const isOther = also !== '' && (wordOf(also, names) ?? toId('network', also, field)) !== meant;
    if (seen.has(meant) || isOther) {
      const sentence = `${quoted(name)} and another name stand for one network, or its NetworkID for another one`;
      throw new Refusal(400, 'network-named-twice', sentence, { field });
    }
    seen.add(meant);
  }
}

/** A network that is a word; of a tenant that has its own `bridge`, that is what stands for it by any of its words. */
function wordOf(name: string, { areOwn }: Names): string | undefined {
  if (!isNetworkWord(name)) return undefined;
  return areOwn && (name === '' || name === 'default') ? BRIDGE : name;
}

/**
 * Each endpoint with the id of its network. Without it the Engine looks for the network's name again when the container
 * starts, and joins whoever has that name by then. A network that every Engine has is a word and gets a new id whenever
 * the Engine starts.
 */
function pinned(id: string, value: unknown, object: Owned | undefined): unknown {
  const body = value as Json;
  if (id === 'NetworkConnect' && object !== undefined && !isEnginesNetwork(object)) {
    const settings = withLinksInDns((body['EndpointConfig'] ?? {}) as Json);
    return { ...body, EndpointConfig: { NetworkID: object.id, ...settings } };
  }
  if (id !== 'ContainerCreate') return value;
  const { NetworkMode: mode = '' } = (body['HostConfig'] ?? {}) as { readonly NetworkMode?: string };
  const config = (body['NetworkingConfig'] ?? {}) as { readonly EndpointsConfig?: Json | null };
  const given = Object.entries(config.EndpointsConfig ?? {});
  const ofMode = isNetworkWord(mode) || mode.includes(':') ? [] : [[mode, {}] as const];
  const endpoints = (given.length > 0 ? given : ofMode).map(([network, settings]) => {
    const { NetworkID: _, ...kept } = (settings ?? {}) as Json;
    return [
      network,
      isNetworkWord(network) ? kept : { ...withLinksInDns(kept), NetworkID: network },
    ] as const;
  });
  if (endpoints.length === 0) return value;
  return { ...body, NetworkingConfig: { ...config, EndpointsConfig: Object.fromEntries(endpoints) } };
}

/** The Engine looks for a configuration by its name alone, which another's may have too. */
async function checkConfigFrom(id: string, value: unknown, { lookup, names }: Means): Promise<void> {
  if (id !== 'NetworkCreate') return;
  const { ConfigFrom: from } = value as { readonly ConfigFrom?: { readonly Network?: string } };
  const name = from?.Network ?? '';
  if (name === '') return;
  const shared = await Promise.all(
    names.meant('network', name).map((each) => lookup.isNameShared('network', each)),
  );
  if (!shared.includes(true)) return;
  throw taken('network', name, 'ConfigFrom.Network');
}

/** Names that bodies give. */
function checkName({ operation: { id } }: ApiRequest, value: unknown, { areOwn }: Names): void {
  const { Name: name } = value as { readonly Name?: unknown };
  const isNew = /^(?:Network|Volume|Service|Secret|Config)Create$/.test(id);
  if (!isNew || typeof name !== 'string') return;
  checkNewName(name, 'Name');
  if (areOwn && id === 'NetworkCreate') checkGoodName('network', name, 'Name');
  if (areOwn && id === 'VolumeCreate') checkGoodName('volume', name, 'Name');
}

/**
 * A create that names what another has would be answered with the other's volume, labels and all.
 *
 * @returns what a volume that is there already is called on the Engine, by the name that the request gives
 */
async function existingVolume(
  { operation }: ApiRequest,
  value: unknown,
  { lookup, objects, names, sight }: Means,
): Promise<ReadonlyMap<string, string>> {
  const { Name: name = '' } = value as { readonly Name?: string };
  if (operation.id !== 'VolumeCreate' || name === '') return new Map();
  const found = await lookup.find('volume', name, 'Name');
  if (found !== undefined) return new Map([[name, found.id]]);
  const made = names.made(name, sight.tenant, 'Name');
  if ((await objects.find('volume', made)) !== undefined) throw taken('volume', name, 'Name');
  return new Map();
}

/** An update leaves an object whose it is. */
async function labelsOf(object: Owned | undefined, { objects }: Means): Promise<Labels> {
  if (object === undefined) return {};
  const found = await objects.find(object.kind, object.id);
  if (found === undefined) throw absent(object.kind, object.name, 'id');
  return ownLabelsOf(found.labels);
}

/** Says that a name is another's, and not whose. */
export function taken(kind: string, name: string, field: string): Refusal {
  return new Refusal(
    409,
    'name-taken',
    `the name ${quoted(name)} is taken by a ${kind} that you can not use: choose another name`,
    { field },
  );
}
