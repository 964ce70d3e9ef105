/**
 * The words in which the rest of the gateway speaks about the Engine API. Pure types; what fills them is in
 * `operations.ts` (the catalogue), `path.ts` and `query.ts`.
 */

/** What an operation is about, for grants that name a whole class (`@read`). */
export type OperationClass =
  | 'read' // list and inspect: never file contents, output or secrets
  | 'lifecycle' // create, start, stop, remove, rename containers and the like
  | 'exec' // into a container: processes, files, output
  | 'build'
  | 'supply' // where images come from and go to: pull, push, load, save, commit, tag, registry log-in
  | 'network'
  | 'volume'
  | 'swarm'
  | 'secret' // secrets, configs and anything that returns a key or token
  | 'admin'; // opaque or equal to root on the host

/** The kind of object that an operation acts on; the first part of a resource name. */
export type ResourceKind =
  | 'engine'
  | 'container'
  | 'exec'
  | 'image'
  | 'network'
  | 'volume'
  | 'plugin'
  | 'swarm'
  | 'node'
  | 'service'
  | 'task'
  | 'secret'
  | 'config'
  | 'registry'
  | 'build';

/** What the request body is. `json-optional`: an empty body is fine too. */
export type BodyKind = 'none' | 'json' | 'json-optional' | 'tar' | 'tar-optional';

/**
 * How the exchange flows, which decides the road it takes upstream:
 * `plain` is short and small (@fastify/http-proxy); `stream` streams, waits or is large; `hijack` may become
 * a raw stream (101, or 200 on Engines asked without an Upgrade header); `websocket` and `h2c` are upgrades.
 */
export type Connection = 'plain' | 'stream' | 'hijack' | 'websocket' | 'h2c';

/**
 * How the Engine reads a query parameter, and so how it is judged and re-encoded (moby, api/server/httputils/form.go):
 */
export type QueryType =
  | 'text' // meaning as it is; an empty one is kept
  | 'bool' // false for "", 0, no, false, none; everything else is true (`off` too)
  | 'bool-on' // the same, but true when absent; Engines disagree on an empty one, so that is refused
  | 'strict-bool' // Go's strconv.ParseBool: 1, t, true, 0, f, false and their capitals; empty counts as absent
  | 'int' // a decimal int64; empty counts as absent
  | 'list' // may repeat: the Engine uses every value
  | 'json' // JSON whose object keys are data (build arguments, labels)
  | 'struct' // JSON whose object keys are Go field names, which match in any case
  | 'structs' // may repeat, each value a struct
  | 'filters' // map[string][]string or map[string]map[string]bool
  | 'ignored'; // sent by known clients, read by no Engine: accepted, not judged, not forwarded

export interface QueryParameter {
  readonly name: string;
  readonly type: QueryType;
}

/** One row of the catalogue: one endpoint of the Engine API. */
export interface Operation {
  /** The Engine API's operationId; undocumented endpoints have a name of ours in the same style. */
  readonly id: string;
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  /** Path template without version, e.g. `/containers/{id}/json`. */
  readonly path: string;
  /** First API version that has it, as the minor of `1.N`. */
  readonly since: number;
  /** First API version that no longer has it; absent while it lives. */
  readonly removed?: number;
  readonly class: OperationClass;
  readonly kind: ResourceKind;
  /** Kinds of further objects that the request names, each judged like the first (the source of a tag). */
  readonly involves?: readonly ResourceKind[];
  /** Kinds of objects that its body names, each judged like the first where tenants are told apart. */
  readonly names?: readonly ResourceKind[];
  readonly body: BodyKind;
  readonly connection: Connection;
  readonly query: readonly QueryParameter[];
  /** False for endpoints outside the published API (router only): their own grant names them. */
  readonly documented: boolean;
  /** False for `/debug/*`, which below Engine 29 is served without a version prefix only. */
  readonly versioned: boolean;
}

/** A request line, understood: the one reading that is judged, recorded and forwarded. */
export interface ApiRequest {
  readonly operation: Operation;
  /** The minor of the API version this request is judged and forwarded as. */
  readonly version: number;
  /** Whether the client named the version itself. */
  readonly versionGiven: boolean;
  /** Decoded path parameters, by the template's names (`id`, `name`, `checkpoint`). */
  readonly params: Readonly<Record<string, string>>;
  /** Query parameters as typed values, in the catalogue's order; ignored ones are not among them. */
  readonly query: Query;
  /** Path and query as the Engine receives them: built from the fields above, never from the client's bytes. */
  readonly target: string;
}

/** Values by parameter name: every kind of bool boolean, `int` bigint, `list` and `structs` string[], `filters` Filters, else string. */
export type Query = Readonly<Record<string, QueryValue>>;
export type QueryValue = string | boolean | bigint | readonly string[] | Filters;

/** Engine filters in their one canonical shape: key to the list of wanted values. */
export type Filters = Readonly<Record<string, readonly string[]>>;
