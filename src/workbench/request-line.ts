import { nearest } from '../config/suggest.ts';
import { formatImageName, parseImageName, withDefaultTag } from '../docker/image-reference.ts';
import { findOperation, OPERATIONS } from '../docker/operations.ts';
import { encodeName } from '../docker/path.ts';
import { bodyKind } from '../docker/shape.ts';
import type { Operation } from '../docker/types.ts';
import { ConfigError } from '../errors.ts';
import { partsOf } from '../policy/resource-pattern.ts';
import { supposed } from './supposed-engine.ts';

/** A request as it stands on the wire, but for its headers. */
export interface RequestLine {
  readonly method: string;
  readonly target: string;
  /** What is sent where nobody gives a body; undefined: nothing. */
  readonly body: string | undefined;
}

/** What an operation is asked on. */
export interface On {
  /** `kind/tenant/name`. */
  readonly resource?: string | undefined;
  /** Name and value each, in order. */
  readonly query?: readonly (readonly [name: string, value: string])[];
  /** `1.41`; default: none is named. */
  readonly api?: string | undefined;
  readonly hasPrivateNames?: boolean;
  readonly hasTenants?: boolean;
}

/** Bodies that are lists. */
const LISTS: ReadonlySet<string> = new Set(['PluginPull', 'PluginUpgrade', 'PluginSet']);

/** Where what is made gets its name from the body. */
const NAMED_IN_BODY: Readonly<Record<string, string>> = {
  VolumeCreate: 'Name',
  NetworkCreate: 'Name',
  ServiceCreate: 'Name',
  SecretCreate: 'Name',
  ConfigCreate: 'Name',
};

/** The operation of that id. @throws ConfigError with the one that may be meant */
export function operationNamed(id: string): Operation {
  const operation = findOperation(id);
  if (operation !== undefined) return operation;
  const meant = nearest(
    id,
    OPERATIONS.map((each) => each.id),
  );
  const hint = meant === undefined ? 'docs/policies.md lists them' : `did you mean ${meant}?`;
  throw new ConfigError([`${JSON.stringify(id)} is no operation; ${hint}`]);
}

/**
 * Writes the request that does an operation on a resource.
 *
 * @throws ConfigError where the operation acts on one object and none is named, or one of another kind
 */
export function requestLineOf(operation: Operation, on: On): RequestLine {
  const { id, kind, method } = operation;
  const { kind: given, name } = on.resource === undefined ? { kind, name: null } : partsOf(on.resource);
  if (given !== kind && !(operation.involves ?? []).includes(given as Operation['kind'])) {
    throw new ConfigError([`${id} acts on ${kind} resources, and ${on.resource} is none`]);
  }
  const named = nameFor(operation, on, name);
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, part: string) => {
    if (part === 'checkpoint') return 'example';
    if (kind === 'engine') return 'heap';
    if (named !== undefined) return encodeName(named);
    throw new ConfigError([`${id} acts on one ${kind}: name it, such as ${example(operation)}`]);
  });
  const query = [...impliedQuery(id, name, given), ...(on.query ?? [])];
  const implied = new Map(query.map((pair) => [pair[0], pair]));
  // What is given by name replaces what the resource implies.
  const pairs = query.filter((pair) => (on.query ?? []).includes(pair) || implied.get(pair[0]) === pair);
  const text = pairs
    .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
    .join('&');
  const version = on.api ?? (operation.removed === undefined ? undefined : `1.${operation.removed - 1}`);
  const prefix = version === undefined || !operation.versioned ? '' : `/v${version}`;
  return {
    method,
    target: `${prefix}${path}${text === '' ? '' : `?${text}`}`,
    body: bodyFor(operation, name),
  };
}

/** What the path names. Of what tenants own that is the id: whoever knows it may try it. */
function nameFor({ id, kind }: Operation, on: On, name: string | null): string | undefined {
  if (name === null) return undefined;
  if (kind === 'registry') return `${name}/library/example`;
  if (id === 'ImagePush') return splitTag(name).repository;
  if (on.hasTenants !== true || on.resource === undefined) return name;
  return supposed(on.resource, on.hasPrivateNames === true)?.id ?? name;
}

function impliedQuery(
  id: string,
  name: string | null,
  kind: string,
): readonly (readonly [name: string, value: string])[] {
  if (name === null) return [];
  switch (id) {
    case 'ContainerCreate':
      return [['name', name]];
    case 'ImageCreate':
      return [['fromImage', name]];
    case 'ImageTag':
    case 'ImageCommit': {
      if (kind !== 'image') return [['container', name]];
      const { repository, tag } = splitTag(name);
      return [
        ['repo', repository],
        ['tag', tag],
      ];
    }
    case 'ImagePush':
      return [['tag', splitTag(name).tag]];
    case 'ImageGetAll':
      return [['names', name]];
    case 'ImageBuild':
      return [['t', name]];
    case 'ImageSearch':
      return [['term', `${name}/example`]];
    case 'PluginPull':
    case 'GetPluginPrivileges':
      return [['remote', name]];
    default:
      return [];
  }
}

function splitTag(name: string): { readonly repository: string; readonly tag: string } {
  const parsed = parseImageName(name);
  if (parsed === null) return { repository: name, tag: '' };
  const full = formatImageName(withDefaultTag(parsed));
  const colon = full.lastIndexOf(':');
  return colon > full.lastIndexOf('/') && !full.includes('@')
    ? { repository: full.slice(0, colon), tag: full.slice(colon + 1) }
    : { repository: full, tag: '' };
}

function bodyFor(operation: Operation, name: string | null): string | undefined {
  const { id } = operation;
  if (bodyKind({ operation, query: {} }) !== 'json') return undefined;
  if (LISTS.has(id)) return '[]';
  const key = NAMED_IN_BODY[id];
  return key === undefined || name === null ? '{}' : JSON.stringify({ [key]: name });
}

function example({ kind }: Operation): string {
  switch (kind) {
    case 'image':
      return 'image/docker.io/library/alpine:3';
    case 'registry':
      return 'registry/docker.io';
    case 'plugin':
    case 'node':
      return `${kind}/NAME`;
    default:
      return `${kind}/-/NAME`;
  }
}

const UPGRADES = { hijack: 'tcp', websocket: 'websocket', h2c: 'h2c' } as const;

/** Headers without which the operation would be refused for its form; none that a client has given are among them. */
export function headersFor(
  operation: Operation | undefined,
  hasBody: boolean,
  given: readonly string[] = [],
): readonly string[] {
  const has = (name: string): boolean =>
    given.some((each, index) => index % 2 === 0 && each.toLowerCase() === name);
  const headers: string[] = [];
  if (hasBody && !has('content-type')) {
    const isArchive = operation?.body === 'tar' || operation?.body === 'tar-optional';
    headers.push('Content-Type', isArchive ? 'application/x-tar' : 'application/json');
  }
  const connection = operation?.connection;
  if ((connection === 'hijack' || connection === 'websocket' || connection === 'h2c') && !has('upgrade')) {
    headers.push('Connection', 'Upgrade', 'Upgrade', UPGRADES[connection]);
    if (connection === 'websocket') {
      headers.push('Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version', '13');
    }
  }
  return headers;
}
