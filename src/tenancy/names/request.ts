import { isBuildKit } from '../../docker/facts/build.ts';
import { parseBind } from '../../docker/facts/host-config/bind-spec.ts';
import { isNetworkWord, mapVolumeNames } from '../../docker/references.ts';
import { withQuery } from '../../docker/request.ts';
import { quoted } from '../../docker/text.ts';
import type { ApiRequest, Filters } from '../../docker/types.ts';
import { Refusal } from '../../errors.ts';
import { withLinksInDns } from '../links.ts';
import type { Owned, OwnedKind } from '../owned.ts';
import { UNOWNED } from '../resource.ts';
import { widerEventFilters } from './events.ts';
import { listForEngine } from './lists.ts';
import { BRIDGE, type Names } from './names.ts';
import { isOfAnyTenant } from './prefix.ts';

type Json = Readonly<Record<string, unknown>>;

/** What names of containers and volumes the Engine takes; the prefix must not make others good. */
const GOOD = /^[A-Za-z0-9][A-Za-z0-9_.-]+$/;

/** What a request names anew, and whose that is. */
export interface Named {
  readonly names: Names;
  /** The principal's own tenant. */
  readonly tenant: string;
  /** The object in the path. */
  readonly object: Owned | undefined;
  /** The objects that the body names. */
  readonly objects: readonly Owned[];
  /** Names on the Engine of the volumes that a body is about, by what the client calls them. */
  readonly volumes: ReadonlyMap<string, string>;
  /** The tenant's own network `bridge`, by its id. */
  bridge(): Promise<string>;
}

/**
 * What the Engine itself would say of a new name. It gets another one, so it can not.
 *
 * @throws Refusal 400 or 403 in the Engine's words
 */
export function checkGoodName(kind: OwnedKind, name: string, field: string): void {
  if (name === '') return;
  if (kind === 'network' && isNetworkWord(name)) {
    throw inTheEnginesWords(403, `operation is not permitted on predefined ${name} network`, field);
  }
  if (kind === 'container' && !GOOD.test(name)) {
    const sentence = `Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`;
    throw inTheEnginesWords(400, sentence, field);
  }
  if (kind === 'volume' && !GOOD.test(name)) {
    const sentence =
      name.length === 1
        ? `create ${name}: volume name is too short, names should be at least two alphanumeric characters`
        : `create ${name}: ${JSON.stringify(name)} includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`;
    throw inTheEnginesWords(400, sentence, field);
  }
}

/** @throws Refusal 403 in the Engine's words, for the network that is always there */
export function checkMayGo({ operation }: ApiRequest, object: Owned, names: Names): void {
  if (!names.areOwn || operation.id !== 'NetworkDelete' || object.name !== BRIDGE) return;
  throw inTheEnginesWords(403, `${BRIDGE} is a pre-defined network and cannot be removed`, 'id');
}

/**
 * A judged request with the names that the Engine has. Policies speak of the tenant's own, so this is what is left to do
 * when they have spoken.
 *
 * @throws Refusal 400 `name-too-long`, `filter-pattern`, 403 `name-of-tenant`
 */
export async function queryForEngine(api: ApiRequest, named: Named): Promise<ApiRequest> {
  const { names, tenant, object, bridge } = named;
  const { query } = api;
  switch (api.operation.id) {
    case 'ContainerCreate':
    case 'ContainerRename': {
      const name = bare(query['name']);
      return name === ''
        ? api
        : withQuery(api, { ...query, name: names.made(name, object?.tenant ?? tenant, 'name') });
    }
    case 'ImageBuild':
      // BuildKit knows no network but the Engine's.
      return isBridge(query['networkmode'] ?? '') && !isBuildKit(api)
        ? withQuery(api, { ...query, networkmode: await bridge() })
        : api;
    case 'NetworkList':
      // Every Engine has one.
      await bridge();
      return listForEngine(api, names);
    case 'ContainerList':
    case 'VolumeList':
      return listForEngine(api, names);
    case 'SystemEvents':
      return query['filters'] === undefined
        ? api
        : withQuery(api, { ...query, filters: widerEventFilters(query['filters'] as Filters, names) });
    default:
      return api;
  }
}

/** The same of its body, in which references are ids by now. */
export async function bodyForEngine(api: ApiRequest, value: unknown, named: Named): Promise<unknown> {
  const { names, tenant, volumes } = named;
  const body = value as Json;
  const { id } = api.operation;
  switch (id) {
    case 'NetworkCreate':
    case 'VolumeCreate': {
      const { Name: name } = body;
      if (typeof name !== 'string' || name.trim() === '') return value;
      return { ...body, Name: volumes.get(name) ?? names.made(name, tenant, 'Name') };
    }
    case 'ContainerCreate': {
      checkBinds(body);
      const mounted = mapVolumeNames(id, body, (name) => known(name, volumes)) as Json;
      const bridge = joinsBridge(mounted) ? await named.bridge() : undefined;
      const joined = bridge === undefined ? mounted : withBridge(mounted, bridge);
      const own = named.objects.filter((each) => each.kind === 'network' && each.tenant === tenant);
      const ownIds = new Set(own.map((each) => each.id));
      checkHostname(joined, names);
      for (const [network, settings] of endpointsOf(joined)) {
        if (!ownIds.has(network) && network !== bridge) {
          checkAliases(
            settings,
            names,
            `NetworkingConfig.EndpointsConfig[${JSON.stringify(network)}].Aliases`,
          );
        }
      }
      return withAliases(joined, bare(api.query['name']), new Set([...ownIds, bridge ?? '']));
    }
    case 'ServiceCreate':
    case 'ServiceUpdate':
      return mapVolumeNames(id, body, (name) => known(name, volumes));
    case 'NetworkConnect':
      if (named.object?.tenant !== tenant) {
        const id = named.objects.find(({ kind }) => kind === 'container')?.id;
        checkAliases((body['EndpointConfig'] ?? {}) as Json, names, 'EndpointConfig.Aliases', id);
      }
      return connected(body, named);
    default:
      return value;
  }
}

/** What can not be read may name any volume, another tenant's too. */
function checkBinds(body: Json): void {
  const { Binds: binds } = (body['HostConfig'] ?? {}) as { readonly Binds?: readonly string[] | null };
  const unread = (binds ?? []).findIndex((text) => parseBind(text) === null);
  if (unread === -1) return;
  const sentence = `invalid volume specification: '${binds?.[unread]}'`;
  throw inTheEnginesWords(400, sentence, `HostConfig.Binds[${unread}]`);
}

/** A volume that nobody looked up could be another tenant's. */
function known(name: string, volumes: ReadonlyMap<string, string>): string {
  const onEngine = volumes.get(name);
  if (onEngine !== undefined) return onEngine;
  throw new Refusal(
    500,
    'internal-error',
    'the gateway does not know whose a volume is that the request mounts',
  );
}

function bare(name: unknown): string {
  return typeof name === 'string' ? name.replace(/^\//, '') : '';
}

/** Whether what stands where a network is named means the one that containers join which name none. */
function isBridge(text: unknown): boolean {
  return text === '' || text === 'default' || text === BRIDGE;
}

function endpointsOf(body: Json): readonly (readonly [string, Json])[] {
  const { EndpointsConfig: given } = (body['NetworkingConfig'] ?? {}) as {
    readonly EndpointsConfig?: Json | null;
  };
  return Object.entries(given ?? {}).map(
    ([network, settings]) => [network, (settings ?? {}) as Json] as const,
  );
}

function withEndpoints(body: Json, endpoints: readonly (readonly [string, Json])[]): Json {
  const config = body['NetworkingConfig'] as Json | undefined;
  return { ...body, NetworkingConfig: { ...config, EndpointsConfig: Object.fromEntries(endpoints) } };
}

function modeOf(body: Json): unknown {
  return ((body['HostConfig'] ?? {}) as Json)['NetworkMode'] ?? '';
}

function joinsBridge(body: Json): boolean {
  return isBridge(modeOf(body)) || endpointsOf(body).some(([network]) => isBridge(network));
}

/**
 * A container on the tenant's own network in place of everybody's. Links are of the endpoint there: those of the host's
 * configuration are for the Engine's own network only.
 */
function withBridge(body: Json, bridge: string): Json {
  const mode = modeOf(body);
  const { Links: links, ...host } = (body['HostConfig'] ?? {}) as Json;
  const linked = Array.isArray(links) && links.length > 0 ? { Links: links } : {};
  const given = endpointsOf(body);
  const endpoints = given.length === 0 ? [[BRIDGE, {}] as const] : given;
  return withEndpoints(
    { ...body, HostConfig: { ...host, NetworkMode: isBridge(mode) ? bridge : mode } },
    endpoints.map(([network, settings]) =>
      isBridge(network)
        ? [bridge, withLinksInDns({ ...settings, ...linked, NetworkID: bridge })]
        : [network, settings],
    ),
  );
}

/**
 * A container's own name among its aliases on networks of its own tenant, where the Engine knows it by another. On those
 * of others its name may be somebody else's too.
 */
function withAliases(body: Json, name: string, own: ReadonlySet<string>): Json {
  const endpoints = endpointsOf(body);
  if (name === '' || !endpoints.some(([network]) => own.has(network))) return body;
  return withEndpoints(
    body,
    endpoints.map(([network, settings]) => [
      network,
      own.has(network) ? alsoCalled(name, settings) : settings,
    ]),
  );
}

/**
 * What a container of another tenant's answers to by itself: its name on the Engine. Or what may come to that: Go makes a k of the
 * Kelvin sign and an i of the dotted capital one, and the Engine's DNS has names in lower case.
 */
function isAnothers(name: string, names: Names): boolean {
  return /[^!-~]/.test(name) || (isOfAnyTenant(name) && names.shown(name) === name);
}

/** How an id begins is in the DNS too. */
const LIKE_ID = /^[0-9a-f]{12,64}$/i;

/**
 * On a network that several tenants join, each container is called by its name on the Engine. Who calls theirs so too
 * gets what is meant for the other's.
 *
 * @param id of the container, whose own beginning Compose has for an alias
 * @throws Refusal 403 `name-of-tenant`
 */
function checkAliases(settings: Json, names: Names, field: string, id = ''): void {
  for (const alias of (settings['Aliases'] ?? []) as readonly string[]) {
    const isOtherId = LIKE_ID.test(alias) && !id.startsWith(alias);
    if (isOtherId || isAnothers(alias, names)) throw ofTenant(alias, field);
  }
}

/** Newer Engines have the host name of a container in the DNS of all its networks, those that it joins later as well. */
function checkHostname(body: Json, names: Names): void {
  const { Hostname: name } = body;
  if (typeof name === 'string' && isAnothers(name, names)) throw ofTenant(name, 'Hostname');
}

function ofTenant(name: string, field: string): Refusal {
  const sentence = `${quoted(name)} is what a container of another tenant's may be called on networks that both join: choose another name`;
  return new Refusal(403, 'name-of-tenant', sentence, { field });
}

function alsoCalled(name: string, settings: Json): Json {
  const given = (settings['Aliases'] ?? []) as readonly string[];
  return given.includes(name) ? settings : { ...settings, Aliases: [...given, name] };
}

/** The same for a container that joins another network. */
function connected(body: Json, { object: network, objects }: Named): Json {
  const container = objects.find(({ kind }) => kind === 'container');
  const isOwn = container !== undefined && container.name !== '' && container.tenant === network?.tenant;
  if (!isOwn || network?.tenant === UNOWNED) return body;
  return { ...body, EndpointConfig: alsoCalled(container.name, (body['EndpointConfig'] ?? {}) as Json) };
}

function inTheEnginesWords(status: 400 | 403, sentence: string, field: string): Refusal {
  return new Refusal(status, 'name-invalid', sentence, { field, verbatim: true });
}
