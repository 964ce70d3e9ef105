import { Refusal } from '../errors.ts';
import { encodeName, parseTarget } from './path.ts';
import { encodeQuery, parseQuery } from './query.ts';
import { checkMethod, type Route, route } from './route.ts';
import type { ApiRequest, Operation, Query } from './types.ts';
import { checkVersion, type VersionRange } from './versions.ts';

/** The versions accepted, and the Engine's own default, which a request without one is treated as. */
export interface Versions extends VersionRange {
  readonly engine: number;
}

/**
 * Understands a request line: one operation, in one version, with typed parameters, and the target that the
 * Engine will receive, built from these and never from the client's bytes.
 *
 * @param line method and target as received
 * @param versions minors of `1.N`
 * @throws Refusal with status 400, 403 or 404; see `parseTarget`, `route`, `checkVersion` and `parseQuery`
 */
export function parseRequest(
  line: { readonly method: string; readonly target: string },
  { floor, ceiling, engine }: Versions,
): ApiRequest {
  checkMethod(line.method);
  const target = parseTarget(line.target);
  const version = target.version ?? Math.min(engine, ceiling);
  checkVersion(version, { floor, ceiling });
  const { operation, params } = route(line.method, target);
  checkExists(operation, version);
  const query = parseQuery(target.query, operation.query);
  return {
    operation,
    version,
    versionGiven: target.version !== null,
    params,
    query,
    target: writeTarget({ operation, params }, version, query),
  };
}

/** The same request with other query parameters, and a target that says so. */
export function withQuery(api: ApiRequest, query: Query): ApiRequest {
  return { ...api, query, target: writeTarget(api, api.version, query) };
}

/** The same request on other objects: a name in the path by what it stands for. */
export function withParams(api: ApiRequest, params: ApiRequest['params']): ApiRequest {
  const named = { ...api, params };
  return { ...named, target: writeTarget(named, api.version, api.query) };
}

/** Writes the target in its one spelling, which `parseRequest` reads back as the same request. */
function writeTarget({ operation, params }: Route, version: number, query: Query): string {
  const prefix = operation.versioned ? `/v1.${version}` : '';
  let path = '';
  for (const [fixed, name] of piecesOf(operation)) {
    path += name === undefined ? fixed : fixed + encodeName(params[name] ?? '');
  }
  const encoded = encodeQuery(query, operation.query);
  return `${prefix}${path}${encoded === '' ? '' : `?${encoded}`}`;
}

/** What stands in a path as it is, and the name that follows it. */
type Piece = readonly [fixed: string, name: string | undefined];

const PIECES = new WeakMap<Operation, readonly Piece[]>();

function piecesOf(operation: Operation): readonly Piece[] {
  let pieces = PIECES.get(operation);
  if (pieces === undefined) {
    pieces = operation.path.split('}').map((text): Piece => {
      const [fixed = '', name] = text.split('{');
      return [fixed, name];
    });
    PIECES.set(operation, pieces);
  }
  return pieces;
}

function checkExists({ id, since, removed }: Operation, version: number): void {
  if (version < since) {
    throw absent(`${id} came with API version 1.${since}; this request is of version 1.${version}`);
  }
  if (removed !== undefined && version >= removed) {
    throw absent(`${id} was removed in API version 1.${removed}; this request is of version 1.${version}`);
  }
}

function absent(sentence: string): Refusal {
  return new Refusal(404, 'operation-not-in-version', sentence, { field: 'version' });
}
