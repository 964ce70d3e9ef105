import { parseBind } from './facts/host-config/bind-spec.ts';
import { joinedContainer } from './facts/host-config/network-mode.ts';
import type { Query } from './types.ts';

/** Kinds of objects that a body or query names. Volumes are told by facts: they have no other reference than a name. */
export type ReferenceKind = 'container' | 'network' | 'service' | 'secret' | 'config' | 'image';

/** What stands in the place of a reference. `field` says where it was. */
export type MapReference = (kind: ReferenceKind, reference: string, field: string) => string;

type Json = Readonly<Record<string, unknown>>;

/** Networks that are words and name no object (moby, runconfig.IsPreDefinedNetwork). */
const NETWORK_WORDS: ReadonlySet<string> = new Set(['', 'default', 'bridge', 'host', 'none']);

/** Whether what stands where a network is named is one that every Engine has, by its own name. */
export function isNetworkWord(text: string): boolean {
  return NETWORK_WORDS.has(text);
}

/**
 * A body with every reference to another object mapped; with a function that gives back what it is given, a way of
 * collecting them. Pure.
 *
 * @param value the body as its model made it; what it was made of is not changed
 */
export function mapBodyReferences(operationId: string, value: unknown, map: MapReference): unknown {
  const body = (value ?? {}) as Json;
  switch (operationId) {
    case 'ContainerCreate':
      return containerCreate(body, map);
    case 'NetworkConnect':
      return edit(body, {
        Container: (text) => reference(text, 'container', 'Container', map),
        EndpointConfig: (endpoint) => endpointSettings(endpoint, 'EndpointConfig', map),
      });
    case 'NetworkDisconnect':
      return edit(body, { Container: (text) => reference(text, 'container', 'Container', map) });
    case 'NetworkCreate':
      return edit(body, {
        ConfigFrom: (from) =>
          edit(from, { Network: (text) => reference(text, 'network', 'ConfigFrom.Network', map) }),
      });
    case 'ServiceCreate':
    case 'ServiceUpdate':
      return service(body, map);
    default:
      return value;
  }
}

/** A query with every reference to another object mapped, filters that fail on what is not there included. */
export function mapQueryReferences(operationId: string, query: Query, map: MapReference): Query {
  switch (operationId) {
    case 'ContainerList':
      return {
        ...query,
        ...inQuery(query, ['since', 'before'], (text, field) => reference(text, 'container', field, map)),
        ...inFilters(query, ['since', 'before'], (text, field) => reference(text, 'container', field, map)),
      };
    case 'TaskList':
      return {
        ...query,
        ...inFilters(query, ['service'], (text, field) => reference(text, 'service', field, map)),
      };
    case 'ImageList':
      return {
        ...query,
        ...inFilters(query, ['since', 'before'], (text, field) => reference(text, 'image', field, map)),
      };
    case 'ImageCommit':
      return {
        ...query,
        ...inQuery(query, ['container'], (text, field) => reference(text, 'container', field, map)),
      };
    case 'ImageBuild':
      return { ...query, ...inQuery(query, ['networkmode'], (text, field) => networkMode(text, field, map)) };
    default:
      return query;
  }
}

/**
 * A body with the name of every volume that is mounted mapped. Their names are references, and nothing else is one.
 *
 * @param map given the name; anonymous volumes have none
 */
export function mapVolumeNames(operationId: string, value: unknown, map: (name: string) => string): unknown {
  const body = (value ?? {}) as Json;
  const mounts = (list: unknown): unknown =>
    each(list, '', (mount) => {
      const { Type: type, Source: source } = (mount ?? {}) as Json;
      const isVolume =
        (type === 'volume' || type === 'cluster') && typeof source === 'string' && source !== '';
      return isVolume ? edit(mount, { Source: () => map(source) }) : mount;
    });
  const bind = (text: unknown): unknown => {
    const name = typeof text === 'string' ? (parseBind(text)?.volume ?? '') : '';
    return name === '' ? text : `${map(name)}${String(text).slice(name.length)}`;
  };
  switch (operationId) {
    case 'ContainerCreate':
      return edit(body, {
        HostConfig: (host) => edit(host, { Binds: (list) => each(list, '', bind), Mounts: mounts }),
      });
    case 'ServiceCreate':
    case 'ServiceUpdate':
      return edit(body, {
        TaskTemplate: (task) =>
          edit(task, { ContainerSpec: (container) => edit(container, { Mounts: mounts }) }),
      });
    default:
      return value;
  }
}

function containerCreate(body: Json, map: MapReference): Json {
  const joins = (field: string) => (text: unknown) => joined(text, field, map);
  return edit(body, {
    Image: (text) => reference(text, 'image', 'Image', map),
    HostConfig: (host) =>
      edit(host, {
        NetworkMode: (text) => networkMode(text, 'HostConfig.NetworkMode', map),
        PidMode: joins('HostConfig.PidMode'),
        IpcMode: joins('HostConfig.IpcMode'),
        Cgroup: joins('HostConfig.Cgroup'),
        UTSMode: joins('HostConfig.UTSMode'),
        UsernsMode: joins('HostConfig.UsernsMode'),
        CgroupnsMode: joins('HostConfig.CgroupnsMode'),
        VolumesFrom: (list) => each(list, 'HostConfig.VolumesFrom', (text, at) => volumesFrom(text, at, map)),
        Links: (list) => each(list, 'HostConfig.Links', (text, at) => link(text, at, map)),
        Mounts: (list) => each(list, 'HostConfig.Mounts', (mount, at) => imageMount(mount, at, map)),
      }),
    NetworkingConfig: (config) =>
      edit(config, { EndpointsConfig: (endpoints) => endpointsConfig(endpoints, map) }),
  });
}

function service(body: Json, map: MapReference): Json {
  const attachment = (config: unknown, at: string): unknown =>
    edit(config, { Target: (text) => network(text, `${at}.Target`, map) });
  const spec = 'TaskTemplate.ContainerSpec';
  return edit(body, {
    TaskTemplate: (task) =>
      edit(task, {
        Networks: (list) => each(list, 'TaskTemplate.Networks', attachment),
        NetworkAttachmentSpec: (attached) =>
          edit(attached, {
            ContainerID: (text) =>
              reference(text, 'container', 'TaskTemplate.NetworkAttachmentSpec.ContainerID', map),
          }),
        ContainerSpec: (container) =>
          edit(container, {
            Image: (text) => reference(text, 'image', `${spec}.Image`, map),
            Mounts: (list) => each(list, `${spec}.Mounts`, (mount, at) => imageMount(mount, at, map)),
            Secrets: (list) =>
              each(list, `${spec}.Secrets`, (of, at) => byId('secret', 'Secret', of, at, map)),
            Configs: (list) =>
              each(list, `${spec}.Configs`, (of, at) => byId('config', 'Config', of, at, map)),
            Privileges: (privileges) =>
              edit(privileges, {
                CredentialSpec: (credential) =>
                  edit(credential, {
                    Config: (text) =>
                      reference(text, 'config', `${spec}.Privileges.CredentialSpec.Config`, map),
                  }),
              }),
          }),
      }),
    Networks: (list) => each(list, 'Networks', attachment),
  });
}

/** A secret or config by its id; a name without an id is one too, and becomes it. */
function byId(
  kind: 'secret' | 'config',
  prefix: 'Secret' | 'Config',
  value: unknown,
  at: string,
  map: MapReference,
): unknown {
  const given = (value ?? {}) as Json;
  const id = given[`${prefix}ID`];
  const name = given[`${prefix}Name`];
  const text = typeof id === 'string' && id !== '' ? id : name;
  const field = text === id ? `${at}.${prefix}ID` : `${at}.${prefix}Name`;
  return typeof text === 'string' && text !== ''
    ? { ...given, [`${prefix}ID`]: map(kind, text, field) }
    : value;
}

function endpointsConfig(value: unknown, map: MapReference): unknown {
  if (!isObject(value)) return value;
  const at = 'NetworkingConfig.EndpointsConfig';
  return Object.fromEntries(
    Object.entries(value).map(([name, settings]) => [
      network(name, `${at}[${JSON.stringify(name)}]`, map),
      endpointSettings(settings, `${at}[${JSON.stringify(name)}]`, map),
    ]),
  );
}

function endpointSettings(value: unknown, at: string, map: MapReference): unknown {
  return edit(value, {
    NetworkID: (text) => network(text, `${at}.NetworkID`, map),
    Links: (list) => each(list, `${at}.Links`, (text, where) => link(text, where, map)),
  });
}

function imageMount(value: unknown, at: string, map: MapReference): unknown {
  if (!isObject(value) || value['Type'] !== 'image') return value;
  return edit(value, { Source: (text) => reference(text, 'image', `${at}.Source`, map) });
}

/** `host`, `none`, `container:<ref>`, or a network. */
function networkMode(value: unknown, field: string, map: MapReference): unknown {
  if (typeof value !== 'string') return value;
  return joinedContainer(value) === null ? network(value, field, map) : joined(value, field, map);
}

function network(value: unknown, field: string, map: MapReference): string {
  const text = String(value);
  return NETWORK_WORDS.has(text) ? text : map('network', text, field);
}

/** `container:<ref>`; every other mode is left. */
function joined(value: unknown, field: string, map: MapReference): unknown {
  const container = typeof value === 'string' ? joinedContainer(value) : null;
  return container === null || container === '' ? value : `container:${map('container', container, field)}`;
}

/** `<container>[:mode]` (moby, volume/mounts/parser.go, ParseVolumesFrom). */
function volumesFrom(value: unknown, field: string, map: MapReference): unknown {
  if (typeof value !== 'string' || value === '') return value;
  const colon = value.indexOf(':');
  const container = colon === -1 ? value : value.slice(0, colon);
  return `${map('container', container, field)}${colon === -1 ? '' : value.slice(colon)}`;
}

/**
 * `<container>[:alias]`, or `/<container>:/<web>/<alias>` as an inspection tells it (docker/cli, opts.ParseLink); without
 * an alias the container's name is one.
 */
function link(value: unknown, field: string, map: MapReference): unknown {
  if (typeof value !== 'string' || value === '') return value;
  const colon = value.indexOf(':');
  const container = colon === -1 ? value : value.slice(0, colon);
  const alias = colon === -1 ? container.replace(/^\//, '') : value.slice(colon + 1);
  return container === '' ? value : `${map('container', container, field)}:${alias}`;
}

function reference(value: unknown, kind: ReferenceKind, field: string, map: MapReference): unknown {
  return typeof value === 'string' && value !== '' ? map(kind, value, field) : value;
}

function inQuery(
  query: Query,
  names: readonly string[],
  change: (text: unknown, field: string) => unknown,
): Query {
  const given = names.filter((name) => typeof query[name] === 'string');
  return Object.fromEntries(given.map((name) => [name, change(query[name], name) as string]));
}

function inFilters(
  query: Query,
  names: readonly string[],
  change: (text: unknown, field: string) => unknown,
): Query {
  const { filters } = query;
  if (!isObject(filters)) return {};
  const lists = Object.entries(filters as Readonly<Record<string, readonly string[]>>);
  return {
    filters: Object.fromEntries(
      lists.map(([name, values]) => [
        name,
        names.includes(name) ? values.map((text) => change(text, `filters.${name}`) as string) : values,
      ]),
    ),
  };
}

/** A copy in which fields that are there are changed; what is no object is left. */
function edit(value: unknown, changes: Readonly<Record<string, (member: unknown) => unknown>>): Json {
  if (!isObject(value)) return value as Json;
  const changed = Object.entries(changes).flatMap(([name, change]) =>
    value[name] === undefined ? [] : [[name, change(value[name])] as const],
  );
  return { ...value, ...Object.fromEntries(changed) };
}

function each(value: unknown, at: string, change: (member: unknown, at: string) => unknown): unknown {
  return Array.isArray(value) ? value.map((member, index) => change(member, `${at}[${index}]`)) : value;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
