import type { Refusal } from '../../errors.ts';
import { type Amounts, type Dimension, excess, type Limits, NOTHING, sum } from './amounts.ts';
import type { Demand, Plan, QuotaRequest } from './demand.ts';
import type { Heard } from './heard.ts';
import type { Holding } from './holdings.ts';
import type { Sentences } from './sentences.ts';
import { orAborted, Turns } from './turns.ts';

/** Room that was found for a request. */
export interface Reservation {
  /** What takes the request back, if `settle` says so: removing what it made, or stopping what it started. */
  readonly undo: 'remove' | 'stop' | 'none';
  /**
   * Gives the room back, after the Engine has answered: what was made then counts by itself. Looks once more, for
   * another gateway may have found the same room at the same time.
   *
   * @param made full id of the container, service or network, or the name of the volume, that was made or started;
   *   undefined when the request failed or was not sent
   * @returns why it has to be taken back; undefined when it stays. It stays too when the Engine can not tell any more
   */
  settle(made: string | undefined): Promise<Refusal | undefined>;
}

/** What a lane needs to judge one request. */
export interface LaneContext {
  readonly limits: Limits;
  /** The dimensions of the plan that are limited. */
  readonly counted: readonly Dimension[];
  /** What the tenant has now. */
  look(): Promise<readonly Holding[]>;
  /** Forgets the limits of a container. */
  forget(id: string): void;
  readonly heard: Heard;
  /** Whether the Engine's events are heard. */
  following(): boolean;
  readonly sentences: Sentences;
  readonly waitMs: number;
  readonly orderMs: number;
}

/** A request that has room and was not settled yet: what it makes may show on the Engine already, or not. */
interface UnderWay {
  readonly adds: Amounts;
  /** Known once the Engine has answered. */
  made?: string;
  readonly over: Promise<void>;
}

/** The requests of one tenant in this gateway. */
export class Lane {
  readonly #tenant: string;
  readonly #turns = new Turns();
  readonly #underWay = new Set<UnderWay>();

  constructor(tenant: string) {
    this.#tenant = tenant;
  }

  /** Finds room for one request; see `Quotas.reserve`. */
  async reserve(request: QuotaRequest, plan: Plan, context: LaneContext): Promise<Reservation | undefined> {
    const pass = await this.#turns.take(request.signal?.());
    try {
      return await this.#findRoom(request, plan, context);
    } finally {
      pass();
    }
  }

  /**
   * What is under way counts even when it shows on the Engine already, so nothing is missed; when the request does not
   * fit then, it waits until what is under way is over, and counts again. One request at a time does so.
   */
  async #findRoom(request: QuotaRequest, plan: Plan, context: LaneContext): Promise<Reservation | undefined> {
    const deadline = performance.now() + context.waitMs;
    for (;;) {
      const underWay = [...this.#underWay];
      const heardBefore = context.heard.count;
      const held = await context.look();
      const demand = onlyCounted(plan.demand(request, held), context.counted);
      if (!mayAdd(demand, plan, context.counted)) return undefined;
      this.#checkLimited(demand, plan, held, context);
      const ids = new Set(held.map(({ id }) => id));
      const coming = sum(
        underWay.filter(({ made }) => made === undefined || !ids.has(made)).map(({ adds }) => adds),
      );
      const has = sum(held.map((each) => each.amounts));
      const used = sum([has, coming]);
      const of = excess(context.limits, used, demand.adds);
      if (of === undefined) return this.#enter(request, plan, context, { demand, held, heardBefore });
      const left = deadline - performance.now();
      if (coming[of] === 0n || left <= 0) throw this.#refusal(context, of, used, demand, coming);
      await orAborted(anyOver(underWay, left), request.signal?.());
    }
  }

  #checkLimited(
    demand: Demand,
    plan: Plan,
    held: readonly Holding[],
    { sentences, counted }: LaneContext,
  ): void {
    const [missing] = demand.unlimited;
    if (missing !== undefined) throw sentences.unlimited(this.#tenant, missing);
    if (!plan.makes) return;
    for (const of of ['memory', 'cpus'] as const) {
      const unlimited = held.find((each) => each.unlimited.includes(of));
      if (counted.includes(of) && unlimited !== undefined)
        throw sentences.uncountable(this.#tenant, of, unlimited);
    }
  }

  #enter(request: QuotaRequest, plan: Plan, context: LaneContext, found: Found): Reservation {
    let over: () => void = () => {};
    const mine: UnderWay = {
      adds: found.demand.adds,
      over: new Promise((resolve) => {
        over = resolve;
      }),
    };
    this.#underWay.add(mine);
    return {
      undo: plan.event === undefined ? 'none' : plan.event === 'start' ? 'stop' : 'remove',
      settle: async (made) => {
        try {
          if (request.actedOn !== undefined) context.forget(request.actedOn);
          if (made === undefined || plan.event === undefined) return undefined;
          mine.made = made;
          return await this.#lookAgain(made, request, plan, context, found);
        } catch {
          // It had room when it was asked for, and the next request counts anew.
          return undefined;
        } finally {
          this.#underWay.delete(mine);
          over();
        }
      },
    };
  }

  /** Where there is too much now, the last to come has to go, and every gateway finds the same to be the last. */
  async #lookAgain(
    made: string,
    request: QuotaRequest,
    plan: Plan,
    context: LaneContext,
    { demand, held: before, heardBefore }: Found,
  ): Promise<Refusal | undefined> {
    const held = await context.look();
    const own = held.find(({ kind, id }) => kind === plan.kind && id === made);
    // Removed already, or ended.
    if (own === undefined) return undefined;
    const lost = own.unlimited.find((of) => context.counted.includes(of));
    if (lost !== undefined) return context.sentences.uncountable(this.#tenant, lost, own);
    const brought = new Set(request.newVolumes);
    const mine = held.filter((each) => each === own || (each.kind === 'volume' && brought.has(each.id)));
    const adds = onlyIn(sum(mine.map((each) => each.amounts)), context.counted);
    const others = held.filter((each) => !mine.includes(each));
    if (excess(context.limits, sum(others.map((each) => each.amounts)), adds) === undefined) return undefined;
    const stood = new Set(before.filter((each) => stands(each, plan)).map(({ id }) => id));
    const ahead = await aheadOf(own, others, plan, context, { stood, heardBefore });
    const used = sum(ahead.map((each) => each.amounts));
    const of = excess(context.limits, used, adds);
    return of === undefined ? undefined : this.#refusal(context, of, used, { ...demand, adds }, NOTHING);
  }

  #refusal(
    { sentences, limits }: LaneContext,
    of: Dimension,
    used: Amounts,
    { adds, fields }: Demand,
    coming: Amounts,
  ): Refusal {
    const state = { used: used[of], underWay: coming[of], asked: adds[of], most: limits[of] ?? 0n };
    return sentences.excess(this.#tenant, of, state, fields[of]);
  }
}

/** What was found when a request got its room. */
interface Found {
  readonly demand: Demand;
  readonly held: readonly Holding[];
  readonly heardBefore: number;
}

function mayAdd({ adds, unlimited }: Demand, { unseen = [] }: Plan, counted: readonly Dimension[]): boolean {
  return unlimited.length > 0 || counted.some((of) => adds[of] > 0n || unseen.includes(of));
}

/** Whether something counted before already in the way that the plan adds. */
function stands({ amounts }: Holding, { event }: Plan): boolean {
  return event !== 'start' || amounts.running > 0n;
}

/** Seconds between a container's `Created` and its event, at most: what is older by more than this got its event long ago. */
const MOST_UNHEARD_S = 60;

/**
 * The others that come before: all that stood when the room was found, and of the rest those with an earlier event. A
 * container shows before its event: one that stood but had none yet has its place by the event, as every other gateway
 * sees it. Only for the making of containers, which have one such event ever: a start or a volume may have another.
 */
async function aheadOf(
  own: Holding,
  others: readonly Holding[],
  plan: Plan,
  { heard, following, orderMs }: LaneContext,
  { stood, heardBefore }: { readonly stood: ReadonlySet<string>; readonly heardBefore: number },
): Promise<readonly Holding[]> {
  const { event = 'create' } = plan;
  const orderOf = (each: Holding): number | string | undefined =>
    each.kind === 'service'
      ? sortable(each.createdAt)
      : heard.stampOf(each.kind, event, each.id, heardBefore);
  const placed = (each: Holding): boolean =>
    stood.has(each.id) &&
    !(
      event === 'create' &&
      each.kind === 'container' &&
      !heard.knew('container', 'create', each.id, heardBefore) &&
      (own.created ?? 0) - (each.created ?? 0) <= MOST_UNHEARD_S
    );
  const rivals = others.filter((each) => each.kind === own.kind && stands(each, plan) && !placed(each));
  const ordered = [own, ...rivals];
  if (following() && own.kind !== 'service')
    await heard.until(() => ordered.every((each) => orderOf(each) !== undefined), orderMs);
  const at = orderOf(own);
  const isBehind = (rival: Holding): boolean => {
    const its = orderOf(rival);
    // Whose place is not known may be before: then both go, rather than neither.
    if (at === undefined || its === undefined) return false;
    return its > at || (its === at && rival.id > own.id);
  };
  return others.filter((each) => !rivals.includes(each) || !isBehind(each));
}

/** A time of the Engine's, `2026-11-26T11:21:25.0123Z` or `2026-11-26T11:21:25Z`, so that texts have the order of times. */
function sortable(time = ''): string | undefined {
  const [, seconds, fraction = ''] = /^([0-9T:-]{19})(?:\.([0-9]{1,9}))?Z$/.exec(time) ?? [];
  return seconds === undefined ? undefined : `${seconds}.${fraction}`;
}

function onlyCounted(demand: Demand, counted: readonly Dimension[]): Demand {
  return {
    ...demand,
    adds: onlyIn(demand.adds, counted),
    unlimited: demand.unlimited.filter(({ of }) => counted.includes(of)),
  };
}

function onlyIn(all: Amounts, counted: readonly Dimension[]): Amounts {
  return { ...NOTHING, ...Object.fromEntries(counted.map((of) => [of, all[of]])) };
}

/** Resolves when one of them is over, or after some milliseconds. */
async function anyOver(underWay: readonly UnderWay[], most: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, most);
  });
  await Promise.race([late, ...underWay.map(({ over }) => over)]);
  clearTimeout(timer);
}
