import { BODIES } from '../../src/docker/bodies.ts';
import type { BodyType } from '../../src/docker/body/types.ts';
import { readContent } from '../../src/docker/content.ts';
import { factsOf } from '../../src/docker/facts/facts.ts';
import { mapBodyReferences, mapQueryReferences } from '../../src/docker/references.ts';
import { parseRequest } from '../../src/docker/request.ts';
import type { ApiRequest, Operation, QueryType } from '../../src/docker/types.ts';
import type { Asked } from './caller.ts';
import type { Kind, Thing, Things } from './world.ts';

/** Where a request can name something: found in the catalogue, in the models of bodies, in the reference places. */
export interface Place {
  readonly operation: Operation;
  /** `path`, `query container`, `filter since`, `body HostConfig.Links[] @:alias`. */
  readonly at: string;
  /** What the gateway knows to be named here; undefined where it takes any text. */
  readonly kind: Kind | undefined;
  /** A request that is good but for what it names here. */
  ask(text: string | readonly string[], own: Own): Asked;
}

/** What the rest of the request is made of. */
export interface Own {
  readonly things: Things;
  /** A container that does not run and is on no network but the default one. */
  readonly spare: string;
  /** A service without tasks. */
  readonly service: Thing;
  /** A name that nothing has. */
  fresh(): string;
  /** The version of one's own thing of the swarm now. */
  readonly version: Readonly<Record<string, number>>;
  /** Unix time until which events are wanted. */
  readonly until: string;
}

/** The API version of the tests' Engine. */
export const API = 41;

const KINDS: ReadonlySet<string> = new Set<Kind>([
  'container',
  'exec',
  'image',
  'network',
  'volume',
  'service',
  'task',
  'secret',
  'config',
]);

/** Every key that an Engine of some age reads in some filter (moby, api/types/filters; the catalogue has none). */
export const FILTERS: readonly string[] = [
  ...[
    'ancestor',
    'before',
    'capability',
    'config',
    'container',
    'dangling',
    'daemon',
    'desired-state',
    'driver',
  ],
  ...[
    'enabled',
    'event',
    'exited',
    'expose',
    'health',
    'id',
    'image',
    'is-task',
    'isolation',
    'label',
    'label!',
  ],
  ...[
    'membership',
    'mode',
    'name',
    'names',
    'network',
    'node',
    'node.label',
    'plugin',
    'publish',
    'reference',
  ],
  ...[
    'role',
    'runtime',
    'scope',
    'secret',
    'service',
    'since',
    'status',
    'task',
    'type',
    'until',
    'unused-for',
  ],
  ...['up-to-date', 'volume', 'builtin', 'inuse', 'shared', 'private', 'parent'],
];

/** How a text may stand for an object: alone, or within words around it. */
const WORDINGS = ['@', 'container:@', '@:ro', '@:/elsewhere'] as const;

/** What names nothing, in the words of every kind. */
const PROBE = 'probe-probe';

/** All places of one operation. */
export function placesOf(operation: Operation): readonly Place[] {
  return [...inPath(operation), ...inQuery(operation), ...inFilters(operation), ...inBody(operation)];
}

function inPath(operation: Operation): Place[] {
  const param = /\{(id|name)\}/.exec(operation.path)?.[1];
  if (param === undefined) return [];
  const kind = KINDS.has(operation.kind) ? (operation.kind as Kind) : undefined;
  return [
    { operation, at: 'path', kind, ask: (text, own) => request(operation, own, { [param]: String(text) }) },
  ];
}

const TEXTS: ReadonlySet<QueryType> = new Set<QueryType>(['text', 'list', 'json', 'struct', 'structs']);

function inQuery(operation: Operation): Place[] {
  return operation.query
    .filter(({ type }) => TEXTS.has(type))
    .flatMap(({ name, type }) =>
      WORDINGS.flatMap((wording): Place[] => {
        const written = (text: string) => {
          const words = wording.replace('@', text);
          // Of what is JSON, lists of texts are read (cachefrom), and objects of them (labels).
          return type === 'text' || type === 'list' ? words : JSON.stringify([words]);
        };
        const kind = kindInQuery(operation, { [name]: wording.replace('@', PROBE) });
        if (wording !== '@' && kind === undefined) return [];
        return [
          {
            operation,
            at: `query ${name} ${wording}`,
            kind,
            ask: (text, own) => request(operation, own, {}, { [name]: written(String(text)) }),
          },
        ];
      }),
    );
}

function inFilters(operation: Operation): Place[] {
  if (!operation.query.some(({ type }) => type === 'filters')) return [];
  return FILTERS.map((key) => ({
    operation,
    at: `filter ${key}`,
    kind: kindInQuery(operation, { filters: { [key]: [PROBE] } }),
    ask: (text, own) => {
      const filters = JSON.stringify({ [key]: typeof text === 'string' ? [text] : text });
      return request(operation, own, {}, { filters });
    },
  }));
}

function kindInQuery({ id }: Operation, query: ApiRequest['query']): Kind | undefined {
  let found: Kind | undefined;
  mapQueryReferences(id, query, (kind, text) => {
    if (text === PROBE) found = kind;
    return text;
  });
  return found;
}

/** A text in a body: where it is, and a body that has it. */
interface Leaf {
  readonly at: string;
  put(text: string): unknown;
}

function inBody(operation: Operation): Place[] {
  const model = BODIES[operation.id];
  if (model === undefined) return [];
  return leavesOf(model, '').flatMap(({ at, put }) =>
    WORDINGS.flatMap((wording): Place[] => {
      const written = (text: string) => put(wording.replace('@', text));
      const kind = kindInBody(operation, written(PROBE));
      if (wording !== '@' && kind === undefined) return [];
      return [
        {
          operation,
          at: `body ${at} ${wording}`,
          kind,
          ask: (text, own) => request(operation, own, {}, {}, written(String(text))),
        },
      ];
    }),
  );
}

function kindInBody(operation: Operation, fragment: unknown): Kind | undefined {
  let found: Kind | undefined;
  const api = understood(operation);
  const { value } = readContent(api, Buffer.from(JSON.stringify(fragment)));
  mapBodyReferences(operation.id, value, (kind, text) => {
    if (text === PROBE) found = kind;
    return text;
  });
  const isVolume = () => factsOf(api, value).volumes.some(({ name }) => name === PROBE);
  return found ?? (isVolume() ? 'volume' : undefined);
}

function understood({ method, path, since }: Operation): ApiRequest {
  const target = `/v1.${Math.max(API, since)}${path.replaceAll(/\{\w+\}/g, 'x')}`;
  return parseRequest({ method, target }, { floor: 24, ceiling: Math.max(API, since), engine: API });
}

/** What a struct needs beside a text in it for that to be read in each of its ways. */
const BESIDE: Readonly<Record<string, readonly object[]>> = {
  Mount: [
    { Type: 'volume', Target: '/m', Source: 'another' },
    { Type: 'image', Target: '/m' },
    { Type: 'bind', Target: '/m' },
  ],
};

/** Every text of a model: values, and keys that are data. */
function leavesOf(type: BodyType, at: string): readonly Leaf[] {
  switch (type.kind) {
    case 'string':
      return [{ at, put: (text) => text }];
    case 'strings':
      return [{ at: `${at}[]`, put: (text) => [text] }];
    case 'array':
      return leavesOf(type.of, `${at}[]`).map(({ at, put }) => ({ at, put: (text) => [put(text)] }));
    case 'map':
      return [
        { at: `${at}{key}`, put: (text) => ({ [text]: emptyOf(type.of) }) },
        ...leavesOf(type.of, `${at}{}`).map(({ at, put }) => ({
          at,
          put: (text: string) => ({ key: put(text) }),
        })),
      ];
    case 'struct':
      return Object.entries(type.fields)
        .filter(([, { since = 0, removed = API + 1 }]) => since <= API && API < removed)
        .flatMap(([name, { type: of }]) =>
          leavesOf(of, at === '' ? name : `${at}.${name}`).flatMap(({ at, put }) =>
            (BESIDE[type.name] ?? [{}]).map((beside, way) => ({
              at: way === 0 ? at : `${at} (${JSON.stringify(beside)})`,
              put: (text: string) => ({ ...beside, [name]: put(text) }),
            })),
          ),
        );
    default:
      return [];
  }
}

function emptyOf({ kind }: BodyType): unknown {
  return { string: '', bool: false, int: 0, float: 0, array: [], strings: [] }[kind as string] ?? {};
}

/** What an operation needs at least, of one's own. */
const NEEDS: Readonly<
  Record<string, (own: Own) => { readonly query?: Readonly<Record<string, string>>; readonly body?: object }>
> = {
  ContainerCreate: ({ fresh }) => ({ query: { name: fresh() }, body: { Image: 'busybox:latest' } }),
  ContainerRename: ({ fresh }) => ({ query: { name: fresh() } }),
  ContainerArchive: () => ({ query: { path: '/etc/passwd' } }),
  ContainerArchiveInfo: () => ({ query: { path: '/etc/passwd' } }),
  PutContainerArchive: () => ({ query: { path: '/nowhere' } }),
  ContainerExec: () => ({ body: { Cmd: ['true'] } }),
  ContainerLogs: () => ({ query: { stdout: '1' } }),
  ContainerResize: () => ({ query: { h: '5', w: '5' } }),
  ContainerStop: () => ({ query: { t: '0' } }),
  ContainerRestart: () => ({ query: { t: '0' } }),
  ExecResize: () => ({ query: { h: '5', w: '5' } }),
  ExecStart: () => ({ body: { Detach: true } }),
  ImageCommit: ({ things, spare, fresh }) => ({
    query: { container: spare, repo: repositoryOf(things), tag: fresh() },
  }),
  ImageTag: ({ things, fresh }) => ({ query: { repo: repositoryOf(things), tag: fresh() } }),
  ImageGetAll: ({ things }) => ({ query: { names: things.of.image.name } }),
  NetworkCreate: ({ fresh }) => ({ body: { Name: fresh(), CheckDuplicate: true } }),
  NetworkConnect: ({ spare }) => ({ body: { Container: spare } }),
  NetworkDisconnect: ({ spare }) => ({ body: { Container: spare } }),
  VolumeCreate: ({ fresh }) => ({ body: { Name: fresh() } }),
  SecretCreate: ({ fresh }) => ({ body: { Name: fresh(), Data: 'eA==' } }),
  ConfigCreate: ({ fresh }) => ({ body: { Name: fresh(), Data: 'eA==' } }),
  ServiceCreate: ({ fresh }) => ({ body: serviceBody(fresh()) }),
  ServiceUpdate: ({ service, version }) => ({
    query: { version: String(version['service']) },
    body: serviceBody(service.name),
  }),
  SecretUpdate: ({ things, version }) => ({
    query: { version: String(version['secret']) },
    body: { Name: things.of.secret.name },
  }),
  ConfigUpdate: ({ things, version }) => ({
    query: { version: String(version['config']) },
    body: { Name: things.of.config.name },
  }),
  ServiceLogs: () => ({ query: { stdout: '1' } }),
  TaskLogs: () => ({ query: { stdout: '1' } }),
  SystemEvents: ({ until }) => ({ query: { since: '1', until } }),
};

function serviceBody(Name: string): object {
  const ContainerSpec = { Image: 'busybox:latest', Command: ['true'] };
  return { Name, TaskTemplate: { ContainerSpec }, Mode: { Replicated: { Replicas: 0 } } };
}

/** The repository of somebody's image. */
function repositoryOf({ of }: Things): string {
  return of.image.name.slice(0, of.image.name.indexOf(':'));
}

function request(
  operation: Operation,
  own: Own,
  params: Readonly<Record<string, string>>,
  query: Readonly<Record<string, string>> = {},
  fragment: unknown = undefined,
): Asked {
  const { id, kind, method, path, versioned, removed, body, connection } = operation;
  const needs = NEEDS[id]?.(own) ?? {};
  const usual = KINDS.has(kind) ? own.things.of[kind as Kind] : undefined;
  const thing = id === 'ServiceUpdate' ? own.service : usual;
  const mine = thing === undefined ? 'x' : thing.kind === 'image' ? thing.name : thing.id;
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? mine));
  const off = operation.query
    .filter(({ type }) => type === 'bool-on')
    .map(({ name }) => [name, '0'] as const);
  const given = { ...Object.fromEntries(off), ...needs.query, ...query };
  const written = Object.entries(given).map(([name, text]) => `${name}=${encodeURIComponent(text)}`);
  const prefix = versioned ? `/v1.${Math.min(API, (removed ?? API + 1) - 1)}` : '';
  const target = `${prefix}${filled}${written.length === 0 ? '' : `?${written.join('&')}`}`;
  const upgrade =
    connection === 'hijack' ? { connection: 'Upgrade', upgrade: 'tcp' } : ({} as Record<string, string>);
  if (connection === 'websocket') {
    Object.assign(upgrade, {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-version': '13',
      'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    });
  }
  if (body === 'json' || fragment !== undefined) {
    const text = JSON.stringify(merged(needs.body ?? {}, fragment ?? {}));
    return { method, target, body: text, headers: { ...upgrade, 'content-type': 'application/json' } };
  }
  if (body === 'tar') {
    return {
      method,
      target,
      body: Buffer.alloc(1024),
      headers: { ...upgrade, 'content-type': 'application/x-tar' },
    };
  }
  return { method, target, headers: { ...upgrade, ...(method === 'POST' ? { 'content-length': '0' } : {}) } };
}

function merged(base: unknown, over: unknown): unknown {
  if (!isObject(base) || !isObject(over)) return over;
  const keys = new Set([...Object.keys(base), ...Object.keys(over)]);
  return Object.fromEntries(
    [...keys].map((key) => [
      key,
      key in over ? (key in base ? merged(base[key], over[key]) : over[key]) : base[key],
    ]),
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
