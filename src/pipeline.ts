import type { Socket } from 'node:net';
import { andThen, type Soon } from './at-once.ts';
import type { Auditing } from './audit/open.ts';
import type { Config } from './config/schema.ts';
import { withReplaced } from './docker/archive/replace.ts';
import type { Content } from './docker/content.ts';
import { archiveScan, withArchive } from './docker/facts/archive.ts';
import { factsOf } from './docker/facts/facts.ts';
import { parseRequest } from './docker/request.ts';
import { checkShape } from './docker/shape.ts';
import type { ApiRequest } from './docker/types.ts';
import { FLOOR } from './docker/versions.ts';
import { Refusal } from './errors.ts';
import type { Arrival, Exchange, Findings, Judged } from './exchange.ts';
import type { ClientTrust } from './identity/client-trust.ts';
import type { Caller } from './identity/identity.ts';
import { peerOf } from './identity/mtls.ts';
import type { Revocation } from './identity/revocation/revocation.ts';
import type { Hold } from './limits/hold.ts';
import { readHeaders } from './listener/framing.ts';
import { type Payload, receive } from './listener/payload.ts';
import type { Tracing } from './observe/trace.ts';
import type { Approach, DecisionOn, Policy, Question } from './policy/decision.ts';
import { denied } from './policy/denial.ts';
import { checkFloor } from './policy/floor.ts';
import { decideAll } from './policy/judgement.ts';
import { mutate } from './policy/mutations/mutate.ts';
import type { Mutation } from './policy/mutations/mutation.ts';
import { OBSERVED, type Observable, type Passes } from './policy/observed.ts';
import { type RealPath, withResolvedPaths } from './tenancy/host-paths.ts';
import type { Acts } from './tenancy/names/bridge.ts';
import { type Resource, resourcesOf } from './tenancy/resource.ts';
import { type Inspect, withRunAs } from './tenancy/run-as.ts';
import type { Tenancy } from './tenancy/tenancy.ts';
import type { Secretive } from './tenancy/view/redact.ts';
import type { Destination } from './upstream/engine.ts';
import { upstreamHeaders, withoutCredentials } from './upstream/headers.ts';
import type { Spool } from './upstream/spool.ts';

/** What the stages need besides the request. */
export interface Bench extends Destination {
  /** Which Engine that is, where there are several. */
  readonly engineName?: string | undefined;
  /** Why the request is for none of the Engines. */
  readonly misdirected?: Refusal;
  readonly identity: Caller;
  readonly revocation: Revocation;
  /** The CAs of clients, for what a connection was verified against. */
  readonly trust: ClientTrust;
  readonly policy: Policy;
  readonly contact: string | undefined;
  readonly limits: Pick<Config['limits'], 'bodyBytes' | 'bodySeconds'>;
  /** What requests are recorded with. */
  readonly audit: Auditing;
  /** The Engine's own default API version, for requests that name none. */
  engineVersion(): Soon<number>;
  /** Where archives wait that a policy wants to be read. */
  readonly spool: Spool;
  /** Resolves symlinks of the Engine's host; absent where the gateway does not run on it. */
  readonly realPath?: RealPath;
  /** Asks the Engine about one object. */
  readonly inspect: Inspect;
  /** Whose things are; absent where tenants are not told apart. */
  readonly tenancy?: Tenancy;
  /** Whether the configuration removes the floor for somebody, by all that they are (`user:...`, `role:...`). */
  isFloorOff(subjects: ReadonlySet<string>): boolean;
  /** Whether the policy is only tried out on somebody, by all that they are: what it denies is recorded. */
  isObserved(subjects: ReadonlySet<string>): boolean;
  /** Which denials are recorded only. */
  passes(known: Observable): Passes;
  /** What chain of calls a request is part of. */
  readonly tracing: Tracing;
  /** What is taken out of the replies that somebody gets. */
  hiddenFrom(subjects: ReadonlySet<string>): ReadonlySet<Secretive>;
  /** The mutations that hold for somebody. */
  mutationsFor(subjects: ReadonlySet<string>): readonly Mutation[];
}

/** What the stages take of an exchange. */
export interface Petition extends Pick<Exchange, 'findings' | 'acting' | 'bytesIn'> {
  readonly arrival: Omit<Arrival, 'socket'>;
  readonly hold: Pick<Hold, 'named' | 'begin' | 'pace'>;
}

/** What the stages need that come after the one who calls is known. */
export type JudgingBench = Omit<Bench, 'identity' | 'revocation' | 'trust' | 'audit' | 'engine'>;

/**
 * One step: takes what those above it have found, and adds to it or throws a Refusal. `known` is typed as if all had
 * passed; what a stage above has not found is not there to be read.
 */
type Stage<B = JudgingBench, E = Petition> = (exchange: E, known: Judged, bench: B) => Soon<Findings>;

/**
 * The way of a request, the same for plain requests and for upgrades. Nothing is forwarded before the last stage has
 * passed; a decision that denies ends the way where it is found. It begins with who calls.
 */
const CALLING: readonly Stage<Bench, Exchange>[] = [
  // limits: whether too many at that address could not be named; listener: a head that Node and Go read alike
  ({ arrival, hold }, _, { trust }) => {
    const { authorized, certificate, isLocal } = peerOf(arrival.socket, trust);
    // Whoever reaches a local listener has no address that could be told from others'.
    hold.arrived((authorized && certificate !== undefined) || isLocal === true);
    try {
      return { headers: readHeaders(arrival) };
    } catch (error) {
      throw counted(error, hold);
    }
  },

  // listener: which of several Engines it is for
  ({ hold }, _, { misdirected, engineName }) => {
    if (misdirected !== undefined) throw counted(misdirected, hold);
    return { engine: engineName };
  },

  // identity: who calls; limits: whether too many are still to be named
  ({ arrival, hold }, { headers: { authorization, all } }, { identity, trust }) => {
    const peer = peerOf(arrival.socket, trust);
    if (authorization !== undefined) hold.identify();
    const named = naming(hold, () => identity.authenticate({ peer, authorization, headers: all }));
    return andThen(named, (principal) => ({ principal }));
  },

  // identity: whether what they came with is good still; once they are known, so that the record names them
  ({ arrival, hold }, { principal }, { revocation, trust }) =>
    andThen(
      naming<void>(hold, () => revocation.check(principal, peerOf(arrival.socket, trust))),
      () => ({}),
    ),
];

/** And goes on with what they ask for. */
const JUDGING: readonly Stage[] = [
  // policy: all that they are, and what is hidden from them
  (_, { principal }, { policy, hiddenFrom }) => {
    const subjects = policy.subjects(principal);
    return { subjects, hide: hiddenFrom(subjects) };
  },

  // limits: whether they, or their tenant, ask too often
  ({ hold }, { principal, subjects, engine }) => {
    hold.named(principal, subjects, engine);
    return {};
  },

  // docker: which operation, in which version, with which parameters
  ({ arrival }, { subjects }, bench) => andThen(readApi(arrival, subjects, bench), (api) => ({ api })),

  // limits: whether they have too much under way; until here there was neither a body nor a question to anybody
  ({ hold }, { api }) => {
    const { id, connection } = api.operation;
    return hold.begin(connection !== 'plain', id === 'ContainerExec')?.then(() => ({})) ?? {};
  },

  // docker: a body, an upgrade and headers that this operation may have
  (_, { headers, api }, { limits }) => {
    checkShape(headers, api, limits.bodyBytes);
    return {};
  },

  // upstream: headers that can go on, and what chain of calls this is part of
  (_, { headers, api }, { tracing }) => {
    const forward = upstreamHeaders(headers, api.operation);
    const trace = tracing(headers);
    return trace === undefined ? { forward } : { forward: { ...forward, ...trace.headers }, trace };
  },

  // policy: whether any grant speaks of it; until here the Engine was asked nothing
  (_, known, bench) => {
    const { principal, api } = known;
    const { policy, tenancy } = bench;
    if (tenancy === undefined || policy.speaksOf({ principal, operation: api.operation.id })) return {};
    const resources = resourcesOf(api, principal.tenant);
    return { resources, decision: admitted(known, resources, bench) };
  },

  // tenancy: on what, and whose it is; references become full ids
  (exchange, { headers, principal, subjects, api }, { tenancy, policy, isObserved }) => {
    if (tenancy === undefined) return { resources: resourcesOf(api) };
    const acts: Acts = (what) => exchange.acting(what, policy.version);
    const who = { principal, statedReason: headers.statedReason };
    const tenant = tenancy.of(who, api, { policy, acts, seesOwn: isObserved(subjects) });
    return andThen(tenant.locate(api), ({ api: located, resources }): Findings => {
      const denial = tenant.denialBesides(located);
      if (denial === undefined) return { tenant, api: located, resources };
      return { tenant, api: located, resources, decision: denial };
    });
  },

  // policy: whether any body could be allowed; until here nothing of it was asked for
  (_, known, bench) => {
    const decision = admitted(known, known.resources, bench);
    return decision.effect === 'deny' ? { decision } : {};
  },

  // listener, docker: the body, read by the model of its operation
  (exchange, { headers, api }) =>
    andThen(receive(api, headers, exchange.arrival.body), ({ payload, bytes }) => {
      exchange.bytesIn += bytes;
      return { payload };
    }),

  // policy: what the operator wants to be added or changed; what comes out is judged, and forwarded
  (_, { subjects, principal, api, forward, payload, resources, tenant }, { mutationsFor, tenancy }) => {
    const made = mutate({ api, content: contentOf(payload) }, [
      ...mutationsFor(subjects),
      ...(tenancy?.defaultLimits(principal) ?? []),
    ]);
    if (made.changes.length === 0) return { changes: [] };
    return {
      api: made.api,
      // Credentials for one registry are not for the mirror that the image is now pulled from.
      forward: made.api === api ? forward : withoutCredentials(forward),
      resources: made.api === api ? resources : resourcesOf(made.api, tenant && principal.tenant),
      changes: made.changes,
      payload: made.content === undefined ? payload : { kind: 'json', content: made.content },
    };
  },

  // tenancy: the objects that the body names, as full ids; what is made gets its owner
  (_, { api, payload, resources, tenant }) => {
    if (tenant === undefined) return { asked: contentOf(payload) };
    return andThen(tenant.refer(api, contentOf(payload)), (referred): Findings => {
      const { content } = referred;
      return {
        api: referred.api,
        asked: referred.named,
        payload: content === undefined ? payload : { kind: 'json', content },
        resources: withMore(resources, referred.resources),
      };
    });
  },

  // tenancy: as whom a process runs, where a policy minds and the request leaves it to the image
  (_, { headers, principal, api, resources, payload, asked, changes }, { policy, inspect }) => {
    const content = contentOf(payload);
    if (content === undefined || asked === undefined) return {};
    const needs = (resource: Resource) => policy.needs(approachOf({ principal, headers, api }, resource));
    if (!resources.some((resource) => needs(resource).has('imageUser'))) return {};
    return withRunAs(api, content, inspect).then((made): Findings => {
      if (made.change === undefined) return {};
      return {
        payload: { kind: 'json', content: made.content },
        asked: { ...asked, value: { ...(asked.value as object), User: made.user } },
        changes: [...changes, made.change],
      };
    });
  },

  // docker: what the request asks for
  (_, { api, asked }) => ({ facts: factsOf(api, asked?.value) }),

  // tenancy: where paths of the host lead, where the gateway sees that host
  (_, { facts }, { realPath }) =>
    realPath === undefined ? {} : { facts: withResolvedPaths(facts, realPath) },

  // docker: what an archive brings, where a policy minds; it then waits on disk for the verdict
  (exchange, { headers, principal, api, resources, payload, facts, tenant }, { policy, spool }) => {
    if (payload.kind !== 'archive') return {};
    const of = { principal, headers, api };
    const needs = resources.flatMap((resource) => [...policy.needs(approachOf(of, resource))]);
    const scan = archiveScan(api, facts, new Set([...needs, ...(tenant?.archiveNeeds(api) ?? [])]));
    if (scan === undefined) return {};
    return spool.receive(payload.open(), scan, exchange.hold.pace).then(({ body, found }): Findings => {
      exchange.bytesIn += body.received;
      return {
        payload: { kind: 'archive', ...body, dockerfile: found.dockerfile, untold: found.why },
        facts: withArchive(facts, found),
      };
    });
  },

  // tenancy: images that are only named in there
  (_, { api, resources, facts, payload, tenant }) => {
    if (tenant === undefined) return {};
    const untold = payload.kind === 'archive' ? payload.untold : undefined;
    return { resources: withMore(resources, tenant.referInArchive(api, facts, untold)) };
  },

  // policy: what no grant allows
  (_, { headers, principal, subjects, api, resources, asked, facts }, { policy, contact, isFloorOff }) => {
    const unknown = asked?.unknown ?? [];
    if (!isFloorOff(subjects)) {
      const of = { principal, headers, api };
      const granted =
        unknown.length > 0 &&
        resources.every((resource) => policy.allowsUnknownFields(approachOf(of, resource)));
      checkFloor(api, facts, granted ? [] : unknown, asked?.hints ?? {}, contact);
    }
    return {};
  },

  // policy: may they
  (_, known, { policy, passes }) => ({
    decision: decideAll(
      known.resources,
      (resource) => policy.decide(questionOf(known, resource)),
      passes(known),
    ),
  }),

  // tenancy: names as the Engine has them, and what an image must not bring along; nobody asked for it, so it is not
  // judged
  (_, { api, payload, tenant }) => {
    if (tenant === undefined) return {};
    return andThen(
      tenant.forEngine(api, contentOf(payload)),
      ({ api: forwarded, content }): Findings => ({
        api: forwarded,
        payload: content === undefined ? payload : { kind: 'json', content },
      }),
    );
  },
];

/** And what only the Engine can tell, of a request that may be forwarded. */
const RESOLVING: readonly Stage<Bench, Exchange>[] = [
  // tenancy: what a build starts from, by ids: names may mean other images by the time the Engine comes to them
  ({ arrival }, { api, payload, forward, changes, tenant }) => {
    if (tenant === undefined || api.operation.id !== 'ImageBuild') return {};
    const { dockerfile } = payload.kind === 'archive' ? payload : {};
    const leaving = whenLeft(arrival.socket);
    return tenant
      .pinBases(api, dockerfile, { headers: forward, signal: leaving.signal })
      .finally(leaving.stop)
      .then((made): Findings => {
        if (made === undefined) return {};
        return {
          api: made.api,
          payload: withDockerfile(payload, made.dockerfile),
          changes: [...changes, ...made.changes],
        };
      });
  },
];

/** Tells when a client has left whose request has arrived whole; one that ends its side has, as to the Engine (net/http). */
function whenLeft(socket: Socket): { readonly signal: AbortSignal; stop(): void } {
  const left = new AbortController();
  const leave = (): void => left.abort();
  if (socket.destroyed || socket.readableEnded) leave();
  socket.once('end', leave).once('close', leave);
  return { signal: left.signal, stop: () => void socket.off('end', leave).off('close', leave) };
}

/** An archive of a build with another Dockerfile in the place of its own. */
function withDockerfile(payload: Payload, content: Buffer): Payload {
  if (payload.kind !== 'archive' || payload.dockerfile === undefined) return payload;
  const { at, content: before } = payload.dockerfile;
  return { ...payload, ...withReplaced(payload, { at, size: before.length }, content) };
}

function withMore(
  resources: readonly [Resource, ...Resource[]],
  more: readonly Resource[],
): readonly [Resource, ...Resource[]] {
  return more.length === 0 ? resources : [...resources, ...more];
}

/** Why nobody could be named, once its address has it counted. @throws Refusal in its place where that was once too often */
function counted(error: unknown, hold: Exchange['hold']): unknown {
  hold.failed(error);
  return error;
}

/** What somebody finds out about who calls; why nobody could be named, at once or later, is counted. */
function naming<T>(hold: Exchange['hold'], ask: () => Soon<T>): Soon<T> {
  const fail = (error: unknown): never => {
    throw counted(error, hold);
  };
  try {
    const found = ask();
    return found instanceof Promise ? found.catch(fail) : found;
  } catch (error) {
    return fail(error);
  }
}

/**
 * Takes a request through all stages.
 *
 * @returns what they found, when the request may be forwarded
 * @throws Refusal otherwise; `exchange.findings` then holds what was known until there
 */
export function judge(exchange: Exchange, bench: Bench): Promise<Judged> {
  return pass(exchange, bench, STAGES);
}

/**
 * The same of a request whose head was read and whose principal is known, both found already, as far as it can be told
 * without the Engine.
 */
export function judgeNamed(petition: Petition, bench: JudgingBench): Promise<Judged> {
  return pass(petition, bench, JUDGING);
}

const STAGES: readonly Stage<Bench, Exchange>[] = [...CALLING, ...JUDGING, ...RESOLVING];

async function pass<B extends JudgingBench, E extends Petition>(
  exchange: E,
  bench: B,
  stages: readonly Stage<B, E>[],
): Promise<Judged> {
  const { findings } = exchange;
  /** The denial of one who is only observed: the last that was found knows most. */
  let observed: DecisionOn | undefined;
  for (const stage of stages) {
    const found = stage(exchange, findings as Judged, bench);
    // Most stages ask nobody, and need no turn of the event loop.
    Object.assign(findings, found instanceof Promise ? await found : found);
    if (findings.decision?.effect === 'deny') {
      const { principal, api, decision } = findings as Judged;
      if (bench.passes(findings as Judged)(decision)) {
        observed = decision;
        delete findings.decision;
        continue;
      }
      if (bench.tenancy !== undefined && isUnseen(api, decision)) throw notThere(api);
      throw denied(
        { principal, operation: api.operation, engine: findings.engine },
        decision,
        bench.contact,
        findings.tenant?.hint(api, decision),
      );
    }
  }
  if (observed !== undefined) {
    const { resource, policyVersion } = observed;
    findings.decision = { effect: 'allow', reason: OBSERVED, resource, policyVersion, observed };
  }
  if (findings.decision?.effect !== 'allow') {
    throw new Refusal(
      500,
      'internal-error',
      'the gateway did not finish judging this request and did not forward it',
    );
  }
  return findings as Judged;
}

function readApi(
  line: { readonly method: string; readonly target: string },
  subjects: ReadonlySet<string>,
  bench: JudgingBench,
): Soon<ApiRequest> {
  const { ceiling } = bench;
  const floor = bench.isFloorOff(subjects) ? FLOOR : bench.floor;
  // A request that names its version is understood without asking the Engine for its own.
  const asked = /^\/v[0-9]/.test(line.target) ? ceiling : bench.engineVersion();
  return andThen(asked, (engine) => parseRequest(line, { floor, ceiling, engine }));
}

function approachOf(
  { principal, headers: { statedReason }, api }: Pick<Judged, 'principal' | 'headers' | 'api'>,
  resource: Resource,
): Approach {
  const { operation, version, query } = api;
  return { principal, resource, operation, version, query, statedReason };
}

function questionOf({ principal, headers, api, asked, facts }: Judged, resource: Resource): Question {
  const { operation, version, query } = api;
  const { statedReason } = headers;
  return { principal, resource, operation, version, query, statedReason, body: asked?.value, facts };
}

/** What is nobody's may not be inspected by everybody either, and then it does not exist, as all else that is not seen. */
function isUnseen({ operation }: ApiRequest, { reason }: DecisionOn): boolean {
  return reason === 'not-granted' && (operation.id === 'PluginInspect' || operation.id === 'NodeInspect');
}

function notThere({ operation: { kind }, params }: ApiRequest): Refusal {
  const name = params['name'] ?? params['id'] ?? '';
  const sentence = kind === 'plugin' ? `plugin "${name}" not found` : `${kind} ${name} not found`;
  return new Refusal(404, 'no-such-object', sentence, { verbatim: true });
}

/** What the policy says as far as that can be told before the body is read. */
function admitted(
  known: Observable & Pick<Judged, 'principal' | 'headers' | 'api'>,
  resources: Judged['resources'],
  { policy, passes }: Pick<JudgingBench, 'policy' | 'passes'>,
): DecisionOn {
  return decideAll(resources, (resource) => policy.admits(approachOf(known, resource)), passes(known));
}

function contentOf(payload: Payload): Content | undefined {
  return payload.kind === 'json' ? payload.content : undefined;
}
