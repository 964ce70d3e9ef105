import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import { tmpdir } from 'node:os';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import httpProxy from '@fastify/http-proxy';
import Fastify, { type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { type Auditing, openAuditing } from './audit/open.ts';
import { startSinks } from './audit/sinks/start.ts';
import type { Config } from './config/schema.ts';
import { minorOf } from './docker/versions.ts';
import { Refusal, toRefusal, wrongRoad } from './errors.ts';
import { type Arrival, Exchange } from './exchange.ts';
import { createIdentity } from './identity/identity.ts';
import { peerOf } from './identity/mtls.ts';
import { answerRefusal, rawRefusal } from './listener/answer.ts';
import { noBody } from './listener/body.ts';
import { type ControlRoute, listenControl } from './listener/control.ts';
import { malformed } from './listener/malformed.ts';
import { verifyRoadHook } from './listener/road.ts';
import { createListener, listen } from './listener/server.ts';
import { LiveExchanges } from './live.ts';
import { openAdmin } from './observe/admin.ts';
import { type Condition, readiness } from './observe/readiness.ts';
import { createOrdinaryEntrance } from './ordinary-entrance.ts';
import type { Bench } from './pipeline.ts';
import { loadPolicy } from './policy/load.ts';
import { compileMutations } from './policy/mutations/rules.ts';
import { Sessions } from './recording/sessions.ts';
import { loadAdopted } from './tenancy/adopted.ts';
import { followEvents } from './tenancy/follow.ts';
import { realPathHere } from './tenancy/host-paths.ts';
import type { Inspect } from './tenancy/run-as.ts';
import { Tenancy } from './tenancy/tenancy.ts';
import { createTunnelEntrance, isTunnelRequest } from './tunnel-entrance.ts';
import { type AskEngine, asker } from './upstream/ask.ts';
import { createEngine } from './upstream/engine.ts';
import { engineVersionOf } from './upstream/engine-version.ts';
import { type PlainExchange, plainRoad } from './upstream/plain.ts';
import { lingerClose } from './upstream/splice.ts';
import { Spool } from './upstream/spool.ts';
import { version } from './version.ts';

/** A running gateway. */
export interface Gateway {
  readonly address: { readonly host: string; readonly port: number };
  readonly engine: { readonly address: string };
  /** Stops taking connections, lets open exchanges end within the grace period, then closes them. */
  stop(): Promise<void>;
}

/**
 * Builds the gateway from its parts and starts it: validates everything first, then listens.
 *
 * @throws ConfigError naming each fault, when it can not start
 */
export async function startGateway(config: Config, { log }: { readonly log: Logger }): Promise<Gateway> {
  const opened: (() => Promise<void>)[] = [];
  try {
    return await assemble(config, log, opened);
  } catch (error) {
    // What was opened is closed in an orderly way: the audit log would end in the middle otherwise.
    for (const close of opened.reverse()) await close();
    throw error;
  }
}

/** @param opened gets what has to be closed should the start fail */
async function assemble(config: Config, log: Logger, opened: (() => Promise<void>)[]): Promise<Gateway> {
  const range = { floor: minorOf(config.api.floor), ceiling: minorOf(config.api.ceiling) };
  await verifyRoadHook();
  const realPath = config.engine.onThisHost ? realPathHere : undefined;
  const policy = await loadPolicy(config.policy, {
    ...(realPath === undefined ? {} : { realPath }),
    tenants: config.tenancy.enabled,
  });
  const identity = await createIdentity(config.identity, config.tls.clientCertificate, { log });
  const engine = createEngine(config.engine);
  const ask = asker(engine);
  const live = new LiveExchanges();
  const audit = await openAuditing(config.audit, {
    version: version(),
    policyVersion: policy.version,
    tenants: config.tenancy.enabled,
    log,
    onUnavailable: () => {
      if (config.audit.openSessions === 'end') live.destroyTunnels('audit-unavailable');
    },
  });
  opened.push(() => audit.log.close());
  const sinks = startSinks(config.audit, log);
  // After the log, so that its last line is sent too.
  opened.unshift(() => sinks.close());
  const tenancy = config.tenancy.enabled
    ? new Tenancy(policy, ask, {
        adoptedBy: loadAdopted(config.tenancy.adopted),
        quotas: config.quotas,
        contact: config.policy.contact,
        privateNames: config.tenancy.names === 'private',
      })
    : undefined;
  const inspect: Inspect = async (target) => {
    const { status, text } = await ask('GET', target);
    if (status === 404) return undefined;
    if (status !== 200) throw engine.refusal({ code: 'no answer to an inspection' });
    try {
      return JSON.parse(text) as Record<string, unknown>;
    } catch (cause) {
      throw new Refusal(502, 'engine-garbled', 'what the Engine answers to an inspection is not JSON', {
        cause,
      });
    }
  };
  const sessions = new Sessions(config.sessions, inspect);
  const bench: Bench = {
    identity,
    policy,
    contact: config.policy.contact,
    limits: config.limits,
    ...range,
    isFloorOff: floorOff(config.policy.roles),
    hiddenFrom: hiddenFrom(config.redactions),
    mutationsFor: compileMutations(config.mutations),
    engineVersion: engineVersionOf(engine),
    ...(realPath === undefined ? {} : { realPath }),
    spool: new Spool({ ...config.spool, folder: config.spool.folder ?? tmpdir() }),
    inspect,
    ...(tenancy === undefined ? {} : { tenancy }),
  };
  const newExchange = (arrival: Arrival): Exchange => new Exchange(arrival, audit, log);
  const refuse = (
    request: IncomingMessage,
    response: ServerResponse,
    exchange: Exchange,
    refusal: Refusal,
  ): Promise<void> =>
    exchange
      .refused(refusal)
      .then(() => answerRefusal(request, response, refusal, exchange.id))
      .catch((error: unknown) => {
        log.error({ err: error }, 'a refusal could not be answered');
        response.destroy();
      });
  let stopping = false;

  // ── requests that may become a raw stream ──
  const enterTunnel = createTunnelEntrance({
    bench,
    engine,
    live,
    sessions,
    limits: config.limits,
    newExchange,
    refuse,
  });

  // ── bytes that are not HTTP ──
  const hopeless = new WeakSet<Duplex>();
  const onMalformed = (error: NodeJS.ErrnoException, socket: Duplex): void => {
    // Told of each further piece of what was refused, while that is recorded.
    if (hopeless.has(socket)) return;
    const refusal = malformed(error);
    if (refusal === undefined || live.isBusy(socket) || !socket.writable) {
      socket.destroy();
      return;
    }
    hopeless.add(socket);
    const exchange = newExchange({
      method: '',
      target: '',
      httpVersion: '',
      rawHeaders: [],
      socket: socket as TLSSocket,
      body: noBody,
    });
    void exchange.refused(refusal).then(() => {
      if (socket.writable) socket.write(rawRefusal(refusal, exchange.id));
      lingerClose(socket);
    });
  };

  // ── requests that stay within HTTP ──
  const plainOf = new WeakMap<IncomingMessage, PlainExchange>();
  let proxy: RequestListener | undefined;
  const enterOrdinary = createOrdinaryEntrance({
    bench,
    range,
    engine,
    live,
    sessions,
    limits: config.limits,
    newExchange,
    forwardPlain: (plain, request, response) => {
      if (proxy === undefined) throw wrongRoad();
      plainOf.set(request, plain);
      proxy(request, response);
    },
    refuse,
  });
  let server: Server | undefined;
  const app = Fastify({
    serverFactory: (handle) => {
      proxy = handle;
      server = createListener(config, {
        isTunnel: isTunnelRequest,
        onTunnel: enterTunnel,
        onMalformed,
        onRequest(request, response) {
          if (stopping) response.shouldKeepAlive = false;
          live.inTurn(request.socket, response, () => enterOrdinary(request, response));
        },
      });
      return server;
    },
    // Fastify would answer bytes that are not HTTP itself, while their record is still being written.
    clientErrorHandler: () => {},
    // One route; the target is read by docker/path.ts and by nobody else.
    rewriteUrl: () => '/',
  });
  // Bodies are read by the stages; Fastify's parser of text/plain would wait for one that is gone already.
  app.removeAllContentTypeParsers();

  const exchangeOf = (request: FastifyRequest): PlainExchange => {
    const plain = plainOf.get(request.raw);
    if (plain === undefined) throw wrongRoad();
    return plain;
  };
  app.setErrorHandler((error, request, reply) => {
    const { exchange } = exchangeOf(request);
    reply.hijack();
    void refuse(request.raw, reply.raw, exchange, toRefusal(error));
  });
  await app.register(
    httpProxy,
    plainRoad(engine, range, exchangeOf, (reply, exchange, refusal) => {
      reply.hijack();
      void refuse(reply.request.raw, reply.raw, exchange, refusal);
    }),
  );
  await app.ready();

  // ── life ──
  const listener = server as Server | undefined;
  if (listener === undefined) throw new Error('Fastify made no server');
  listener.on('tlsClientError', (error: NodeJS.ErrnoException, socket) =>
    log.info({ code: error.code, address: socket.remoteAddress }, 'a TLS handshake failed'),
  );
  // Read while the connection stands, so that the record of one that breaks off still names its principal.
  listener.on('secureConnection', (socket) => void peerOf(socket));
  const sockets = new Set<Duplex>();
  listener.on('connection', (socket: Duplex) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const ready = async () => ({
    ...(await readiness({ audit: () => auditCondition(audit), engine: () => engineCondition(ask) })),
    // Requests are served whether receivers of the log get on or not.
    sinks: sinks.state(),
  });
  const closeAdmin = await openAdmin(config.admin.listen, ready, log);
  opened.push(closeAdmin);
  const control = await listenControl(config.control.socket, controlRoutes(sessions));
  opened.push(control.close);
  const address = await listen(listener, config.listen);
  const unfollow =
    tenancy === undefined
      ? () => {}
      : followEvents((target) => engine.request('GET', target, { Host: 'docker' }), tenancy.listeners);

  const stop = async (): Promise<void> => {
    stopping = true;
    const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
    const deadline = Date.now() + config.shutdown.graceSeconds * 1_000;
    while (live.size > 0 && Date.now() < deadline) {
      listener.closeIdleConnections();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    live.destroyAll();
    for (const socket of sockets) socket.destroy();
    await closed;
    await live.empty();
    await app.close();
    unfollow();
    sessions.close();
    await control.close();
    await engine.close();
    identity.close();
    await audit.log.close();
    await sinks.close();
    await closeAdmin();
  };
  return { address, engine: { address: config.engine.address }, stop };
}

/** How long the Engine may take to answer a check, in milliseconds. */
const ENGINE_PATIENCE_MS = 2_000;

function auditCondition({ log: { fault } }: Auditing): Condition {
  return fault === undefined
    ? { ok: true }
    : { ok: false, reason: `the audit log can not be written (${fault.code})`, since: fault.since };
}

async function engineCondition(ask: AskEngine): Promise<Condition> {
  const late = new Promise<Condition>((resolve) => {
    setTimeout(resolve, ENGINE_PATIENCE_MS, { ok: false, reason: 'the Engine does not answer' }).unref();
  });
  const asked = ask('GET', '/_ping').then(
    ({ status }) => (status === 200 ? { ok: true } : { ok: false, reason: `the Engine answers ${status}` }),
    (error: unknown) => ({ ok: false, reason: toRefusal(error).message }),
  );
  return Promise.race([late, asked]);
}

/** What an operator may ask of a running gateway. */
function controlRoutes(sessions: Sessions): readonly ControlRoute[] {
  return [
    { method: 'GET', path: /^\/v1\/sessions$/, answer: () => ({ sessions: sessions.list() }) },
    {
      method: 'DELETE',
      path: /^\/v1\/sessions\/([0-9a-f-]{36})$/,
      answer: async (id) => ((await sessions.end(id)) ? { ended: id } : undefined),
    },
  ];
}

/** What is taken out of the replies that somebody gets: all that any rule for them names. */
function hiddenFrom(redactions: Config['redactions']): Bench['hiddenFrom'] {
  return (subjects) =>
    new Set(
      redactions.flatMap(({ for: whom, hide }) => (whom.some((each) => subjects.has(each)) ? hide : [])),
    );
}

/** Whom the configuration takes the floor away from. */
function floorOff(roles: Config['policy']['roles']): (subjects: ReadonlySet<string>) => boolean {
  const off = roles.filter(({ floor }) => floor === 'off').map(({ role }) => `role:${role}`);
  return (subjects) => off.some((role) => subjects.has(role));
}
