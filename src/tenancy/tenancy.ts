import type { OutgoingHttpHeaders } from 'node:http';
import { andThen, type Soon } from '../at-once.ts';
import type { Dockerfile } from '../docker/archive/build.ts';
import type { Content } from '../docker/content.ts';
import { NO_FACTS } from '../docker/facts/none.ts';
import type { Facts } from '../docker/facts/types.ts';
import { DEFAULT_NAMESPACE } from '../docker/image-reference.ts';
import { findOperation } from '../docker/operations.ts';
import { encodeName } from '../docker/path.ts';
import type { ApiRequest } from '../docker/types.ts';
import { Refusal } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import type { Approach, DecisionOn, Policy } from '../policy/decision.ts';
import type { Mutation } from '../policy/mutations/mutation.ts';
import type { AskEngine } from '../upstream/ask.ts';
import type { PullImage } from '../upstream/pull.ts';
import type { AdoptedBy } from './adopted.ts';
import { notPinnable, type PinnedBuild, pinBases } from './base-images.ts';
import { withBlankedLabels } from './claim.ts';
import type { Listener } from './follow.ts';
import { type Labels, ownLabels } from './labels.ts';
import { type Located, locate, type Means } from './locate.ts';
import { Lookup } from './lookup.ts';
import { type Acts, DefaultNetworks } from './names/bridge.ts';
import { type Names, privateNames, SHARED } from './names/names.ts';
import { ownName } from './names/prefix.ts';
import { bodyForEngine, queryForEngine } from './names/request.ts';
import { Objects } from './objects.ts';
import type { Owned } from './owned.ts';
import { INSPECT, PolicySight, resourceOf } from './policy-sight.ts';
import type { EngineReader } from './quota/engine.ts';
import type { Reservation } from './quota/lane.ts';
import { createQuotas, type Quotas } from './quota/quota.ts';
import { defaultLimits, type QuotaRule } from './quota/rules.ts';
import type { Usage } from './quota/usage.ts';
import { nothingIn, type Referred, refer, referInArchive, taken } from './refer.ts';
import { TenantReply } from './reply.ts';
import { type Resource, resourcesOf, UNOWNED } from './resource.ts';
import { viewOf } from './view/view.ts';
import { MountedVolumes } from './volumes.ts';

export interface TenancyOptions {
  readonly adoptedBy: AdoptedBy;
  readonly quotas: readonly QuotaRule[];
  /** Whom a refused user should ask. */
  readonly contact: string | undefined;
}

/** Operations that give an image of the client's own a name. */
const NAMING = ['ImageLoad', 'ImageTag', 'ImageBuild', 'ImageCommit'] as const;

/** What the Engine is to get of a request. */
interface ForEngine {
  readonly api: ApiRequest;
  readonly content: Content | undefined;
}

/** Keeps what tenants have apart: one for a gateway. */
export class Tenancy {
  readonly #ask: AskEngine;
  readonly #pull: PullImage;
  readonly #objects: Objects;
  readonly #quotas: Quotas;
  #defaults: (tenant: string) => readonly Mutation[];
  readonly #hasPrivateNames: boolean;
  readonly #bridges: DefaultNetworks;

  /** @param hasPrivateNames whether each tenant has names of its own (decisions/0009) */
  constructor(
    { ask, pull }: { readonly ask: AskEngine; readonly pull: PullImage },
    hasPrivateNames: boolean,
    options: TenancyOptions,
  ) {
    const { adoptedBy, quotas, contact } = options;
    const calls = hasPrivateNames ? ownName : undefined;
    this.#ask = ask;
    this.#pull = pull;
    this.#objects = new Objects((target) => ask('GET', target), adoptedBy, calls);
    this.#quotas = createQuotas(quotas, engineReader(ask), { contact, ownName: calls });
    this.#defaults = defaultLimits(quotas);
    this.#hasPrivateNames = hasPrivateNames;
    this.#bridges = new DefaultNetworks(ask);
  }

  /** Goes on with other rules; what is known of the Engine stays, and who holds room keeps it. */
  use({ adoptedBy, quotas, contact }: TenancyOptions): void {
    this.#objects.adopt(adoptedBy);
    this.#quotas.use(quotas, contact);
    this.#defaults = defaultLimits(quotas);
  }

  /** What a tenant has of what it may have; undefined when no quota is for it. @throws Refusal when the Engine can not tell */
  usage(tenant: string): Promise<Usage | undefined> {
    return this.#quotas.usage(tenant);
  }

  /** Who minds what happens on the Engine. */
  get listeners(): readonly Listener[] {
    return [this.#objects, this.#quotas];
  }

  /**
   * Opens one request.
   *
   * @param who sends it, and why they say they do
   * @param by `policy`: what it is judged by, to its end; `acts` records what is done on the Engine for it besides;
   *   `seesOwn`: what its tenant owns is seen whatever the policy says
   * @throws Refusal 403 `tenant-reserved`
   */
  of(
    { principal, statedReason }: { readonly principal: Principal } & Pick<Approach, 'statedReason'>,
    api: ApiRequest,
    { policy, acts, seesOwn }: { readonly policy: Policy; readonly acts: Acts; readonly seesOwn: boolean },
  ): TenantRequest {
    checkTenant(principal);
    const names = this.#namesOf(principal, policy);
    const bridge = () => this.#bridges.of(principal, acts);
    const viewer = { principal, version: api.version, statedReason };
    const sight = new PolicySight(policy, this.#objects, viewer, { names, seesOwn });
    const lookup = new Lookup(this.#objects, sight, api.operation.id, { names, bridge });
    const means = { objects: this.#objects, sight, lookup, names, bridge };
    const doing = { ask: this.#ask, pull: this.#pull, acts, quotas: this.#quotas };
    return new TenantRequest(principal, means, doing);
  }

  /** Who sees what all tenants have calls it as the Engine does: their own names would not tell it apart. */
  #namesOf(principal: Principal, policy: Policy): Names {
    if (!this.#hasPrivateNames) return SHARED;
    const seesAll = (['container', 'network', 'volume'] as const).every((kind) =>
      policy.isUnlimited({ principal, operation: INSPECT[kind] }, kind),
    );
    return seesAll ? SHARED : privateNames(principal.tenant);
  }

  /** Limits that a tenant's containers get which ask for none. */
  defaultLimits({ tenant }: Principal): readonly Mutation[] {
    return this.#defaults(tenant);
  }
}

/** What is done on the Engine for a request, and what is counted of it. */
interface Doing {
  readonly ask: AskEngine;
  readonly pull: PullImage;
  readonly acts: Acts;
  readonly quotas: Quotas;
}

/** One request, as far as it is about whose things are. */
export class TenantRequest {
  readonly sight: PolicySight;
  readonly #principal: Principal;
  readonly #means: Means;
  readonly #ask: AskEngine;
  readonly #pull: PullImage;
  readonly #acts: Acts;
  readonly #quotas: Quotas;
  readonly #volumes: MountedVolumes;
  #reservation: Reservation | undefined;
  #isSent = false;
  #located: Located | undefined;
  #referred: Referred | undefined;
  /** The request before it was widened so that its answer can be judged. */
  #wanted: ApiRequest | undefined;

  constructor(principal: Principal, means: Means, { ask, pull, acts, quotas }: Doing) {
    this.#principal = principal;
    this.#means = means;
    this.#ask = ask;
    this.#pull = pull;
    this.#acts = acts;
    this.#quotas = quotas;
    this.sight = means.sight;
    this.#volumes = new MountedVolumes(ask, means);
  }

  /** What the path names, once it was located. */
  get object(): Owned | undefined {
    return this.#located?.object;
  }

  /** Whose the objects are that path and query name. @throws Refusal; see `locate` */
  locate(api: ApiRequest): Soon<Located> {
    return andThen(locate(api, this.#means), (located) => {
      this.#located = located;
      return located;
    });
  }

  /**
   * What the policy says of another operation that the request comes to. Whoever may not exec into a container may not
   * drive what runs in it; an import gives an image of the client's own a name, as a load does and a pull does not.
   *
   * @returns the denial; undefined where there is none
   */
  denialBesides(api: ApiRequest): DecisionOn | undefined {
    const container = this.object;
    if (api.operation.kind === 'exec' && container !== undefined) {
      return this.#denial('ContainerExec', resourceOf(container));
    }
    const isImport = api.operation.id === 'ImageCreate' && (api.query['fromImage'] ?? '') === '';
    return isImport ? this.#denial('ImageLoad', resourcesOf(api)[0]) : undefined;
  }

  /** What would be accepted in place of what was denied: names of images that are the tenant's own. */
  hint({ operation }: ApiRequest, { resource, reason }: DecisionOn): string | undefined {
    const { tenant } = this.#principal;
    if (reason !== 'not-granted' || !/^image(\/|$)/.test(resource)) return undefined;
    const own = this.sight.asked(operation, `image/docker.io/${tenant}/name:latest`);
    return own.effect === 'allow' ? `name the image below your tenant, ${tenant}/NAME` : undefined;
  }

  #denial(operationId: string, resource: Resource): DecisionOn | undefined {
    const operation = findOperation(operationId);
    if (operation === undefined) return undefined;
    const decision = this.sight.asked(operation, resource);
    return decision.effect === 'deny' ? { ...decision, resource } : undefined;
  }

  /**
   * Whose the objects are that the body names, and whose what is made will be; without a body there is nothing to wait for.
   *
   * @throws Refusal; see `refer`
   */
  refer(api: ApiRequest, content: Content | undefined): Soon<Referred> {
    if (content === undefined) return this.#widened(api, nothingIn(api));
    const object = this.object;
    const labels = (): Labels => ownLabels(this.#principal);
    return refer({ api, content, object }, labels, this.#means).then((made) => this.#widened(api, made));
  }

  #widened(api: ApiRequest, referred: Referred): Referred {
    const view = viewOf(api.operation.id);
    this.#wanted = referred.api;
    const widened = view?.kind === 'json' ? view.widen?.(referred.api, this.sight) : undefined;
    this.#referred = widened === undefined ? referred : { ...referred, api: widened };
    return this.#referred;
  }

  /** A judged request as the Engine is to get it, with the names that it has there. @throws Refusal */
  forEngine(api: ApiRequest, content: Content | undefined): Soon<ForEngine> {
    const blanked = withBlankedLabels(api);
    return this.#means.names.areOwn ? this.#renamed(api, blanked, content) : { api: blanked, content };
  }

  async #renamed(api: ApiRequest, blanked: ApiRequest, content: Content | undefined): Promise<ForEngine> {
    const { names, bridge } = this.#means;
    const { objects = [], volumeNames = new Map<string, string>() } = this.#referred ?? {};
    const { tenant } = this.#principal;
    const named = { names, tenant, object: this.#located?.object, objects, volumes: volumeNames, bridge };
    const value = content === undefined ? undefined : await bodyForEngine(api, content.value, named);
    return {
      api: await queryForEngine(blanked, named),
      content: content === undefined ? undefined : { ...content, value },
    };
  }

  /** What becomes of the Engine's answer on its way to the client. */
  reply(api: ApiRequest): TenantReply {
    return new TenantReply({
      means: this.#means,
      ask: this.#ask,
      api: this.#wanted ?? api,
      content: this.#referred?.content,
      settle: (status, created) => this.#settle(api, status, created),
      usage: () => this.#quotas.usage(this.#principal.tenant),
      isCounted: this.#reservation !== undefined && this.#reservation.undo !== 'none',
    });
  }

  /** What an archive must be read for, whoever minds. */
  archiveNeeds(api: ApiRequest): readonly ('baseImages' | 'loadedImages')[] {
    return this.#mayNameAll(api) ? [] : ['baseImages', 'loadedImages'];
  }

  /** What an archive names. @throws Refusal; see `referInArchive` */
  referInArchive(api: ApiRequest, facts: Facts, untold?: string): readonly Resource[] {
    return this.#mayNameAll(api) ? [] : referInArchive(api, { facts, untold }, this.#means);
  }

  /**
   * A build that starts from images by their ids.
   *
   * @param dockerfile of its archive
   * @param headers that the Engine is to get
   * @param signal ends it, when the client has left
   * @returns undefined for all else, and where it does not matter which images an archive names
   * @throws Refusal 403 `archive-untold`; see `pinBases`
   */
  async pinBases(
    api: ApiRequest,
    dockerfile: Dockerfile | undefined,
    { headers, signal }: { readonly headers: OutgoingHttpHeaders; readonly signal: AbortSignal },
  ): Promise<PinnedBuild | undefined> {
    if (api.operation.id !== 'ImageBuild' || this.#mayNameAll(api)) return undefined;
    if (dockerfile === undefined) throw notPinnable();
    return pinBases(api, dockerfile, {
      ...{ ask: this.#ask, pull: this.#pull, acts: this.#acts, headers, signal },
      mayName: (reference) => NAMING.some((id) => this.#denial(id, `image/${reference}`) === undefined),
      room: () => this.#roomForPull(api, signal),
    });
  }

  /** Room for what a build has the Engine pull, as for a pull of its own. */
  async #roomForPull(build: ApiRequest, signal: AbortSignal): Promise<() => Promise<void>> {
    const operation = findOperation('ImageCreate');
    const { tenant } = this.#principal;
    if (operation === undefined || !this.#quotas.isFor(tenant)) return async () => {};
    const reservation = await this.#quotas.reserve({
      ...{ api: { ...build, operation, query: {} }, content: undefined, facts: NO_FACTS, tenant },
      ...{ actedOn: undefined, newVolumes: [], signal: () => signal },
    });
    return async () => void (await reservation?.settle(undefined));
  }

  /** Whether it does not matter which images an archive names: a build starts from what is seen, a load replaces what it names. */
  #mayNameAll({ operation: { id } }: ApiRequest): boolean {
    return this.sight.all('image') && (id !== 'ImageLoad' || this.sight.isUnlimited(id, 'image'));
  }

  /**
   * What has to be there before the request is forwarded; the record of the decision stands by then.
   *
   * @throws Refusal; nothing is left behind then
   */
  before(api: ApiRequest, facts: Facts, signal?: () => AbortSignal): Soon<void> {
    const { volumes = [] } = this.#referred ?? {};
    return andThen(this.#reserve(api, facts, signal), () =>
      andThen(volumes.length === 0 ? undefined : this.#volumes.make(volumes), () => {
        const object = this.object;
        // A name that was remembered is no longer true.
        if (api.operation.id === 'ContainerRename' && object !== undefined)
          this.#means.objects.forget('container', object.id);
      }),
    );
  }

  /** Says that the Engine is being asked to make something: its answer will be looked at, whoever waits for it. */
  sent(): void {
    this.#isSent = true;
  }

  /** Gives back what was kept for a request that came to nothing. To be called when the exchange is over. */
  async release(): Promise<void> {
    if (!this.#isSent) await this.#released(undefined);
  }

  /** Finds room in the quota of whoever owns what is acted on, or made. What is nobody's has none. */
  #reserve(api: ApiRequest, facts: Facts, signal: (() => AbortSignal) | undefined): Soon<void> {
    const tenant = this.object?.tenant ?? this.#principal.tenant;
    return tenant === UNOWNED || !this.#quotas.isFor(tenant)
      ? undefined
      : this.#reserveFor(tenant, api, facts, signal);
  }

  async #reserveFor(
    tenant: string,
    api: ApiRequest,
    facts: Facts,
    signal: (() => AbortSignal) | undefined,
  ): Promise<void> {
    const object = this.object;
    try {
      this.#reservation = await this.#quotas.reserve({
        api,
        content: this.#referred?.content,
        facts,
        tenant,
        actedOn: object?.id,
        newVolumes: (this.#referred?.volumes ?? []).map(({ name }) => name),
        signal,
      });
    } catch (error) {
      if (api.operation.id === 'ContainerStart' && object !== undefined) await this.#neverStarted(object.id);
      throw error;
    }
  }

  /**
   * The Engine removes a container of `docker run --rm` that fails to start, and the client waits for that; what the
   * gateway keeps from starting goes the same way.
   */
  async #neverStarted(id: string): Promise<void> {
    const path = `/containers/${encodeName(id)}`;
    const { status, text } = await this.#ask('GET', `${path}/json`);
    if (status !== 200) return;
    const { HostConfig, State } = JSON.parse(text) as {
      readonly HostConfig?: { readonly AutoRemove?: boolean };
      readonly State?: { readonly Status?: string };
    };
    if (HostConfig?.AutoRemove !== true || State?.Status !== 'created') return;
    await this.#ask('DELETE', `${path}?v=1`).catch(() => undefined);
  }

  /** @param made what was made or started @returns why it has to be taken back */
  async #released(made: string | undefined): Promise<Refusal | undefined> {
    const reservation = this.#reservation;
    this.#reservation = undefined;
    return reservation?.settle(made);
  }

  /**
   * What is left to do once the Engine has answered.
   *
   * @param status of its answer
   * @param created the id of the container that it made, or the name of the volume
   * @throws Refusal in place of its answer, when what it made can not stay
   */
  async #settle(api: ApiRequest, status: number, created: string | undefined): Promise<void> {
    const { kind } = api.operation;
    const done = status < 300;
    const undo = this.#reservation?.undo;
    const made = done ? (created ?? this.object?.id) : undefined;
    const foreign = created === undefined ? undefined : await this.#foreign(api, created);
    const excess = await this.#released(foreign === undefined ? made : undefined);
    if (done && foreign === undefined && excess === undefined) {
      if (created !== undefined) this.#remember(api, created);
      return;
    }
    if (made !== undefined && (foreign !== undefined || undo === 'remove')) await this.#remove(kind, made);
    else if (made !== undefined && excess !== undefined && undo === 'stop') {
      await this.#ask('POST', `/containers/${encodeName(made)}/kill`).catch(() => undefined);
    }
    await this.#volumes.undo();
    const refusal = foreign ?? excess;
    if (refusal !== undefined) throw refusal;
  }

  /** Why what was made can not stay: it holds a volume that another was faster to make. */
  async #foreign(api: ApiRequest, created: string): Promise<Refusal | undefined> {
    const { id } = api.operation;
    const { names } = this.#means;
    if (id === 'ContainerCreate') {
      const { volumes = [], held = [] } = this.#referred ?? {};
      const foreign = await this.#volumes.foreign([...volumes.map(({ name }) => name), ...held]);
      return foreign === undefined ? undefined : taken('volume', names.shown(foreign), 'HostConfig');
    }
    // 201 is also the answer to a name that is there already.
    const isForeign = id === 'VolumeCreate' && !(await this.sight.seesById('volume', created));
    return isForeign ? taken('volume', names.shown(created), 'Name') : undefined;
  }

  /** Takes back what this request made; a volume that was there already is nobody's to remove. */
  async #remove(kind: string, id: string): Promise<void> {
    const name = encodeName(id);
    const targets: Readonly<Record<string, string>> = {
      container: `/containers/${name}?force=1&v=1`,
      network: `/networks/${name}`,
      volume: `/volumes/${name}`,
      service: `/services/${name}`,
    };
    if (kind === 'volume' && !(await this.sight.seesById('volume', id))) return;
    const target = targets[kind];
    if (target !== undefined) await this.#ask('DELETE', target).catch(() => undefined);
  }

  /** So that what becomes of it can be told even when it is gone. */
  #remember({ operation, query }: ApiRequest, id: string): void {
    const { name } = query;
    if (operation.id !== 'ContainerCreate' || typeof name !== 'string' || name === '') return;
    const { tenant } = this.#principal;
    const own = this.#means.names.shown(name.replace(/^\//, ''));
    this.#means.objects.know({ kind: 'container', id, name: own, tenant });
  }
}

/**
 * Grants give a tenant the images below its name (`image/*\/{tenant}/**`). Below `library` are those of Docker's own namespace, which
 * everybody runs and builds on: nobody's tenant is called so.
 */
function checkTenant({ tenant }: Principal): void {
  if (tenant !== DEFAULT_NAMESPACE) return;
  throw new Refusal(
    403,
    'tenant-reserved',
    `no tenant may be called ${tenant}: the images below that name are everybody's; map it to another name in the configuration (identity)`,
  );
}

/** What quotas are counted with. A swarm that is not there has no services and tasks. */
function engineReader(ask: AskEngine): EngineReader {
  return {
    get: async (target) => {
      const { status, text } = await ask('GET', target);
      if (status === 200) return JSON.parse(text) as unknown;
      if (status === 404 || status === 503) return undefined;
      throw new Refusal(502, 'engine-can-not-tell', 'the Engine could not tell what there is', {
        cause: new Error(`${status} to ${target.split('?', 1)[0]}`),
      });
    },
  };
}
