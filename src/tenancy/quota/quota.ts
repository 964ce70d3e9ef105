import { DIMENSIONS, type Dimension } from './amounts.ts';
import type { QuotaRequest } from './demand.ts';
import type { EngineReader } from './engine.ts';
import { type EngineEvent, Heard } from './heard.ts';
import { holdingsOf } from './holdings.ts';
import { imageBytesOf, imagePlan, type OwnsImage, ownsByPath } from './images.ts';
import { Lane, type Reservation } from './lane.ts';
import { LimitsOfContainers } from './limits.ts';
import { PLANS } from './plans.ts';
import { checkPorts } from './ports.ts';
import { compileQuotas, type Quota, type QuotaRule } from './rules.ts';
import { Sentences } from './sentences.ts';
import { Turns } from './turns.ts';
import { type Usage, usageOf } from './usage.ts';

/** What tenants may have, counted from the Engine. */
export interface Quotas {
  /**
   * Goes on with other rules; who holds room keeps it.
   *
   * @param contact whom a refused user should ask
   * @throws Error when a rule is unsound, which the configuration's schema rules out
   */
  use(rules: readonly QuotaRule[], contact: string | undefined): void;
  /** Whether a tenant has a quota. */
  isFor(tenant: string): boolean;
  /**
   * Reserves what a judged request would add. Waits where that depends on requests that are under way. A reservation
   * has to be settled, whatever becomes of the request.
   *
   * @returns undefined when the request adds nothing or no quota holds
   * @throws Refusal 403 `quota` naming what is used and what is allowed; 400 `client-gone`; 502 or 503 when the Engine
   *   can not tell
   */
  reserve(request: QuotaRequest): Promise<Reservation | undefined>;
  /**
   * What a tenant has and may have; undefined when no quota is for it.
   *
   * @throws Refusal 502 or 503 when the Engine can not tell
   */
  usage(tenant: string): Promise<Usage | undefined>;
  /** Tells of a line of the Engine's `/events`, from whoever follows them; needed are those of containers, networks and volumes. */
  heard(event: EngineEvent): void;
  /** Tells that events are followed from now on, or no longer: what is known of containers is then looked up anew. */
  follows(following: boolean): void;
}

export interface QuotaOptions {
  /** Whom a refused user should ask. */
  readonly contact?: string | undefined;
  /** What a tenant calls what is its own; as the Engine does when absent. */
  readonly ownName?: ((tenant: string, onEngine: string) => string) | undefined;
  /** Which images count for whom; by the path of their names when absent. */
  readonly ownsImage?: OwnsImage | undefined;
  /** How long a request at the edge of its quota waits for others that are under way; milliseconds. */
  readonly waitMs?: number;
  /** How long a request that is one too many waits to learn whether it is the one to go; milliseconds. */
  readonly orderMs?: number;
}

const WAIT_MS = 30_000;
const ORDER_MS = 2_000;

/** @throws Error when a rule is unsound, which the configuration's schema rules out */
export function createQuotas(
  rules: readonly QuotaRule[],
  engine: EngineReader,
  { contact, ownName, ownsImage = ownsByPath, waitMs = WAIT_MS, orderMs = ORDER_MS }: QuotaOptions = {},
): Quotas {
  let quotaFor = compileQuotas(rules);
  let sentences = new Sentences(contact, ownName);
  const heard = new Heard();
  let following = false;
  const limits = new LimitsOfContainers(engine, () => following);
  const lanes = new Map<string, Lane>();
  const pulls = new Map<string, Turns>();

  const reserveImages = async (
    { api, tenant, signal }: QuotaRequest,
    most: bigint,
  ): Promise<Reservation | undefined> => {
    const plan = imagePlan(api);
    if (plan === undefined) return undefined;
    const pass =
      plan === 'in-turn' ? await entry(pulls, tenant, () => new Turns()).take(signal?.()) : () => {};
    try {
      const used = await imageBytesOf(tenant, engine, ownsImage);
      if (used >= most) throw sentences.images(tenant, used, most);
    } catch (error) {
      pass();
      throw error;
    }
    if (plan === 'at-once') return undefined;
    return {
      undo: 'none',
      async settle() {
        pass();
        return undefined;
      },
    };
  };

  return {
    use(others, ask) {
      quotaFor = compileQuotas(others);
      sentences = new Sentences(ask, ownName);
    },

    isFor: (tenant) => quotaFor(tenant) !== undefined,

    async reserve(request) {
      const { api, tenant, facts } = request;
      const quota = quotaFor(tenant);
      if (quota === undefined) return undefined;
      if (quota.ports !== undefined) checkPorts(tenant, quota.ports, facts.ports);
      if (quota.imageBytes !== undefined) {
        const reservation = await reserveImages(request, quota.imageBytes);
        if (reservation !== undefined) return reservation;
      }
      const plan = PLANS.get(api.operation.id);
      const counted = plan === undefined ? [] : countedBy(plan.adds, quota);
      if (plan === undefined || counted.length === 0) return undefined;
      const lane = entry(lanes, tenant, () => new Lane(tenant));
      return lane.reserve(request, plan, {
        limits: quota.limits,
        counted,
        look: () => holdingsOf(tenant, new Set(counted), engine, limits),
        forget: (id) => limits.forget(id),
        heard,
        following: () => following,
        sentences,
        waitMs,
        orderMs,
      });
    },

    async usage(tenant) {
      const quota = quotaFor(tenant);
      if (quota === undefined) return undefined;
      const held = await holdingsOf(tenant, new Set(DIMENSIONS), engine, limits);
      const imageBytes = await imageBytesOf(tenant, engine, ownsImage);
      return usageOf(quota, held, imageBytes);
    },

    heard(event) {
      if (event.Type === 'container' && event.Action === 'update') limits.forget(event.Actor?.ID);
      if (event.Type === 'container' && event.Action === 'destroy') limits.forget(event.Actor?.ID);
      heard.note(event);
    },

    follows(now) {
      following = now;
      limits.forget();
    },
  };
}

function countedBy(adds: readonly Dimension[], { limits }: Quota): readonly Dimension[] {
  return adds.filter((of) => limits[of] !== undefined);
}

function entry<V>(map: Map<string, V>, key: string, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
