import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import { type Auditing, openAuditing } from './audit/open.ts';
import { startSinks } from './audit/sinks/start.ts';
import type { Config } from './config/schema.ts';
import { anyAnswers, type BenchFor, Engines, eachAnswers } from './engines.ts';
import { ConfigError, type Refusal, toRefusal } from './errors.ts';
import { type Arrival, Exchange } from './exchange.ts';
import { ClientTrust } from './identity/client-trust.ts';
import { fixedIdentity } from './identity/fixed.ts';
import type { Caller } from './identity/identity.ts';
import { peerOf } from './identity/mtls.ts';
import { LateRoad } from './late-road.ts';
import { LOCAL } from './limits/address.ts';
import { createLimits } from './limits/limits.ts';
import { answerRefusal, rawRefusal } from './listener/answer.ts';
import { noBody } from './listener/body.ts';
import { Connections } from './listener/connections.ts';
import { inheritedSocket } from './listener/inherited.ts';
import { openLocal } from './listener/local.ts';
import { malformed } from './listener/malformed.ts';
import { openOwnDoors } from './listener/own-doors.ts';
import { verifyRoadHook } from './listener/road.ts';
import {
  createListener,
  type Entrances,
  HANDSHAKE,
  handshakeMs,
  type Listener,
  listen,
  useLimits,
} from './listener/server.ts';
import { Stapling } from './listener/stapling.ts';
import { LiveExchanges } from './live.ts';
import { Observatory } from './observe/observatory.ts';
import { type Condition, readiness } from './observe/readiness.ts';
import { type Operator, openOperator } from './operator.ts';
import { createOrdinaryEntrance } from './ordinary-entrance.ts';
import type { Bench } from './pipeline.ts';
import { observedWhom } from './policy/observed.ts';
import { addStoreMetrics } from './policy-store/metrics.ts';
import type { PolicyStore } from './policy-store/store.ts';
import { Sessions } from './recording/sessions.ts';
import { contentsOf, filesOf, watchFiles } from './reload/files.ts';
import { fixedFaults } from './reload/fixed.ts';
import { type ReloadReport, Reloads } from './reload/reloads.ts';
import { RevokedSweep } from './revoked.ts';
import { closeSetting, readSetting, type Setting } from './setting.ts';
import { createTunnelEntrance, isTunnelRequest } from './tunnel-entrance.ts';
import { lingerClose } from './upstream/splice.ts';
import { Spool } from './upstream/spool.ts';
import { version } from './version.ts';

/** A running gateway. */
export interface Gateway {
  readonly address: { readonly host: string; readonly port: number };
  readonly operator: Operator;
  /** Stops taking connections, lets open exchanges end within the grace period, then closes them. */
  stop(): Promise<void>;
}

/** Where a configuration was read, to be read again. */
export interface ConfigSource {
  readonly file: string;
  /** @throws ConfigError naming each fault */
  read(): Config;
}

export interface GatewayOptions {
  readonly log: Logger;
  /** Without it nothing can be reloaded. */
  readonly source?: ConfigSource;
  /** Its number as one of several processes: the operator's doors are those of the process that started it. */
  readonly worker?: number;
}

/**
 * Builds the gateway from its parts and starts it: validates everything first, then listens.
 *
 * @throws ConfigError naming each fault, when it can not start
 */
export async function startGateway(config: Config, options: GatewayOptions): Promise<Gateway> {
  const opened: (() => Promise<void>)[] = [];
  try {
    return await assemble(config, options, opened);
  } catch (error) {
    // What was opened is closed in an orderly way: the audit log would end in the middle otherwise.
    for (const close of opened.reverse()) await close();
    throw error;
  }
}

/** @param opened gets what has to be closed should the start fail */
async function assemble(
  config: Config,
  { log, source, worker }: GatewayOptions,
  opened: (() => Promise<void>)[],
): Promise<Gateway> {
  // Before anything is read: what changes from here on is noticed.
  let contents = contentsOf(watched(source, config));
  await verifyRoadHook();
  const trust = new ClientTrust();
  const store = await openPolicyStore(config.policy, log);
  opened.push(async () => store?.close());
  const firstStored = store?.latest();
  const first = await readSetting(config, { trust, log, stored: firstStored });
  if (firstStored !== undefined) {
    store?.putInForce(firstStored);
    contents = new Map([...contents, [STORE, firstStored.digest]]);
  }
  opened.push(async () => closeSetting(first));
  trust.use(first.tls.clientCa);
  const live = new LiveExchanges();
  /** What is in force; benches are made of it, and all are replaced together, by `putInForce` alone. */
  let setting = first;
  const observe = new Observatory(config, { log, version: version(), worker });
  observe.certificates.use(first.tls);
  addStoreMetrics(observe, store);
  const audit = await openAuditing(config.audit, {
    version: version(),
    policyVersion: first.policy.version,
    levels: first.levels,
    log,
    onUnavailable: () => {
      if (setting.config.audit.openSessions === 'end') live.destroyTunnels('audit-unavailable');
    },
  });
  opened.push(() => audit.log.close());
  const sinks = startSinks(config.audit, log);
  // After the log, so that its last line is sent too.
  opened.unshift(() => sinks.close());
  const sessions = new Sessions(config.sessions);
  const sweep = new RevokedSweep(live, sessions, log);
  opened.push(async () => sweep.close());
  sweep.use(first.revocation);
  warnOfObserving(log, config);
  const spool = new Spool({ ...config.spool, folder: config.spool.folder ?? tmpdir() });
  const lasting = { trust, audit, spool, tracing: observe.tracing };
  const engines = new Engines(setting, lasting);
  const limits = createLimits(config.limits);
  const newExchange = (arrival: Arrival, { audit: auditing }: Bench): Exchange =>
    new Exchange(arrival, auditing, { limits, observer: observe, log });
  const refuse = (
    request: IncomingMessage,
    response: ServerResponse,
    exchange: Exchange,
    refusal: Refusal,
  ): Promise<void> =>
    exchange
      .refused(refusal)
      .then(() => limits.pause(refusal))
      .then((mayGoOn) => {
        if (!mayGoOn) response.shouldKeepAlive = false;
        answerRefusal(request, response, refusal, exchange.id);
      })
      .catch((error: unknown) => {
        log.error({ err: error }, 'a refusal could not be answered');
        response.destroy();
      });
  let stopping = false;

  // ── connections that may not stay ──
  const admits = (socket: Socket, address = socket.remoteAddress ?? ''): number | undefined => {
    const admitted = limits.connected(address);
    if (typeof admitted === 'number') {
      socket.once('close', () => limits.disconnected(address));
      return admitted;
    }
    const exchange = newExchange({ ...NO_REQUEST, socket }, engines.bench);
    void exchange.refused(admitted, null);
    return undefined;
  };

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
    const exchange = newExchange({ ...NO_REQUEST, socket: socket as Socket }, engines.bench);
    const told = counted(exchange, refusal);
    void exchange.refused(told).then(() => {
      if (socket.writable) socket.write(rawRefusal(told, exchange.id));
      lingerClose(socket);
    });
  };

  // ── requests that stay within HTTP ──
  const proxyRoad = new LateRoad(refuse);
  opened.push(() => proxyRoad.close());

  // ── the ways in; listeners differ in who calls there, and in nothing else ──
  const entrancesWith = (benchFor: BenchFor): Entrances => {
    const parts = { bench: benchFor, live, sessions, newExchange, refuse };
    const enterOrdinary = createOrdinaryEntrance({ ...parts, proxyRoad: proxyRoad.open });
    return {
      isTunnel: isTunnelRequest,
      onTunnel: createTunnelEntrance(parts),
      onMalformed,
      onRequest(request, response) {
        // One that was made under other CAs is asked again now, and is to be made anew.
        if (stopping || !trust.isCurrent(peerOf(request.socket, trust).cas)) response.shouldKeepAlive = false;
        live.inTurn(request.socket, response, () => enterOrdinary(request, response));
      },
    };
  };
  const door = createListener(config, first.tls, entrancesWith(engines.benchFor()), (socket) =>
    admits(socket),
  );

  // ── life ──
  const { server } = door;
  const connections = new Connections();
  const watchDoor = ({ server: of }: Listener): void => {
    of.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      observe.handshakeFailed();
      log.info({ code: error.code, address: socket.remoteAddress }, 'a TLS handshake failed');
    });
    // Read while the connection stands, so that the record of one that breaks off still names its principal.
    of.on('secureConnection', (socket) => void peerOf(socket, trust));
    of.on(HANDSHAKE, (socket: Socket) => trust.connected(socket));
    connections.add(of);
  };
  const ownDoors = openOwnDoors(config, first.tls, (name) => entrancesWith(engines.benchFor(name)), admits);
  const doors = [door, ...ownDoors.map(({ listener: own }) => own)];
  for (const each of doors) watchDoor(each);
  const stapling = new Stapling(
    doors.map((each) => each.server),
    { log },
  );
  opened.push(async () => stapling.close());
  // Handshakes take as long as the first configuration said.
  stapling.use(first.tls.staple, handshakeMs(config.limits));

  const locals: Server[] = [];
  opened.push(async () => {
    for (const local of locals) local.close();
    for (const own of ownDoors) own.listener.server.close();
  });

  // ── what is in force ──
  /** Nothing in here may fail or wait: what is read and valid is in force at once, and whole. */
  const putInForce = (next: Setting): void => {
    const before = setting;
    const { config: now } = next;
    setting = next;
    const hasOtherCas = trust.use(next.tls.clientCa);
    observe.certificates.use(next.tls);
    for (const each of doors) each.use(now, next.tls);
    stapling.use(next.tls.staple, handshakeMs(config.limits));
    for (const local of locals) useLimits(local, now.limits);
    engines.use(next);
    sessions.use(now.sessions);
    limits.update(now.limits);
    log.level = now.log.level;
    warnOfObserving(log, now);
    sweep.use(next.revocation);
    closeSetting(before, next);
    if (hasOtherCas) live.destroyUntrusted(trust);
  };
  const reloads = new Reloads(
    async (cause) => {
      // What changed elsewhere is noticed without this; who asks wants it to be fetched as well.
      if (cause === 'signal' || cause === 'command') {
        await setting.revocation.reload();
        await store?.refresh();
      }
      if (source === undefined) throw new ConfigError(['this gateway has no configuration file to read']);
      // Each file's digest is taken before it is read: what changes in between is read again.
      const ofConfig = contentsOf([source.file]);
      const next = source.read();
      const faults = fixedFaults(setting.config, next);
      if (faults.length > 0) throw new ConfigError(faults);
      const stored = store?.latest();
      const nextContents = new Map([...contentsOf(filesOf(next)), ...ofConfig]);
      if (stored !== undefined) nextContents.set(STORE, stored.digest);
      const changed = differing(contents, nextContents).map((file) =>
        file === STORE ? (stored?.name ?? file) : file,
      );
      if (changed.length === 0) return changed;
      const read = await readSetting(next, { trust, log, stored }, setting);
      try {
        await audit.log.reloaded({ policyVersion: read.policy.version, changed: [...changed] });
      } catch (cause) {
        closeSetting(read, setting);
        throw cause;
      }
      contents = nextContents;
      putInForce(read);
      if (stored !== undefined) store?.putInForce(stored);
      return changed;
    },
    () => setting.policy.version,
    (report, error) => {
      observe.reloaded(report);
      logReload(log, report, error);
    },
  );
  const { watchSeconds } = config.reload;
  const unwatch =
    source === undefined || watchSeconds === 0
      ? () => {}
      : watchFiles(
          () => watched(source, setting.config),
          watchSeconds * 1_000,
          () => void reloads.ask('file'),
        );

  const observing = (): readonly string[] => observedWhom(setting.config.policy);
  store?.follow(() => void reloads.ask('database'));

  const ready = async () => ({
    ...(await readiness({
      audit: () => auditCondition(audit),
      engine: () => anyAnswers(engines.conditions()),
      certificate: () => observe.certificates.condition(),
      descriptors: () => observe.descriptors.condition(),
      running: () => (stopping ? { ok: false, reason: 'the gateway is being stopped' } : { ok: true }),
    })),
    engines: await eachAnswers(config, engines.conditions()),
    // Requests are served whether receivers of the log get on or not.
    sinks: sinks.state(),
    limits: limits.state(),
    revocation: setting.revocation.state(),
    stapling: stapling.state(),
    ...(observing().length === 0 ? {} : { observing: observing() }),
    policyVersion: setting.policy.version,
    ...(store === undefined ? {} : { policyStore: store.state() }),
    ...(reloads.last === undefined ? {} : { reload: reloads.last }),
  });
  observe.watch({
    audit: () => audit.log,
    sinks: () => sinks,
    ready,
    observing,
    quotas: () => setting.config.quotas,
    usage: engines.usage,
    engines: () => engines.conditions(),
    crls: () => setting.revocation.state().crls,
    staple: () => stapling.expiry(),
  });
  const operator: Operator = {
    ready,
    metrics: () => observe.text(),
    sessions: async () => sessions.list(),
    endSession: (id) => sessions.end(id),
    reload: (cause) => reloads.ask(cause),
  };
  const closeOperator = worker === undefined ? await openOperator(config, operator, log) : async () => {};
  opened.push(closeOperator);
  // A path can be listened on by one process only: of several it is the first.
  for (const [index, local] of (worker ?? 1) === 1 ? config.listeners.entries() : []) {
    const entrances = entrancesWith(benchesFor(fixedIdentity(local), engines.benchOf(local.engine)));
    const opening = await openLocal(local, index, config.limits, entrances);
    opening.server.on('connection', (socket: Socket) => {
      if (admits(socket, LOCAL) === undefined) socket.destroy();
    });
    locals.push(opening.server);
    connections.add(opening.server);
    log.info(
      { address: opening.address, principal: local.principal.name },
      'a local listener is open: whoever reaches it is its principal',
    );
  }
  for (const own of ownDoors) log.info(await own.listen(), 'the listener of an Engine of its own is open');
  const address = await listen(server, config.listen, {
    // Of several processes it was handed to the one that started them, whose descriptors they name.
    inherited: inheritedSocket(process.env, worker === undefined ? process.pid : process.ppid),
  });
  engines.follow();
  proxyRoad.openSoon();

  const stop = async (): Promise<void> => {
    stopping = true;
    unwatch();
    await store?.close();
    await reloads.close();
    const closed = connections.close();
    const deadline = performance.now() + setting.config.shutdown.graceSeconds * 1_000;
    while ((live.size > 0 || connections.hasFresh()) && performance.now() < deadline) {
      connections.closeIdle();
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    live.destroyAll();
    connections.destroyAll();
    await closed;
    await live.empty();
    await proxyRoad.close();
    sessions.close();
    await engines.close();
    sweep.close();
    stapling.close();
    closeSetting(setting);
    await audit.log.close();
    await sinks.close();
    await observe.close();
    await closeOperator();
  };
  return {
    address,
    operator,
    stop,
  };
}

/** What is in force but for who calls; made anew when that changes. */
function benchesFor(identity: Caller, now: BenchFor): BenchFor {
  let before: Bench | undefined;
  let own: Bench | undefined;
  return (request) => {
    const bench = now(request);
    if (own === undefined || bench !== before) {
      before = bench;
      own = { ...bench, identity };
    }
    return own;
  };
}

/** A refusal of somebody who could not be named, counted; in its place that of a limit where it was once too often. */
function counted(exchange: Exchange, refusal: Refusal): Refusal {
  try {
    exchange.hold.failed(refusal);
    return refusal;
  } catch (limit) {
    return toRefusal(limit);
  }
}

/** Loaded only where it is asked for: what speaks to a database takes a part of a start. */
async function openPolicyStore(policy: Config['policy'], log: Logger): Promise<PolicyStore | undefined> {
  if (policy.store === 'files') return undefined;
  return (await import('./policy-store/store.ts')).PolicyStore.open(policy, log);
}

/** Under which name the policy of a database stands among the contents of files. */
const STORE = 'policy.postgres';

/** The files that are looked at for changes. */
function watched(source: ConfigSource | undefined, config: Config): readonly string[] {
  return [...(source === undefined ? [] : [source.file]), ...filesOf(config)];
}

/** The files that hold something else than before, or are named no more. */
function differing(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): readonly string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter(
    (file) => before.get(file) !== after.get(file),
  );
}

/** What the policy refuses passes: nobody is to find that out later. */
function warnOfObserving(log: Logger, { policy }: Config): void {
  const whom = observedWhom(policy);
  if (whom.length === 0) return;
  log.warn(
    { observing: whom },
    'the policy is only observed for these: what it refuses them is recorded, and forwarded to the Engine',
  );
}

function logReload(
  log: Logger,
  { outcome, cause, policyVersion, changed, faults }: ReloadReport,
  error: unknown,
): void {
  if (outcome === 'refused') {
    const isOurs = !(error instanceof ConfigError);
    log.error(
      { cause, faults, policyVersion, ...(isOurs ? { err: error } : {}) },
      'a reload was refused, and all stays as it was',
    );
  } else log.info({ cause, policyVersion, changed }, `the configuration is ${outcome}`);
}

/** What is known of a request that was none. */
const NO_REQUEST = { method: '', target: '', httpVersion: '', rawHeaders: [], body: noBody } as const;

function auditCondition({ log: { fault } }: Auditing): Condition {
  return fault === undefined
    ? { ok: true }
    : { ok: false, reason: `the audit log can not be written (${fault.code})`, since: fault.since };
}
