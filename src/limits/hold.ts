import { Refusal } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import { addressKey } from './address.ts';
import type { Counts } from './counts.ts';
import type { FailureRule, Failures } from './failures.ts';
import type { Pace, Payer } from './pace.ts';
import type { Paces } from './paces.ts';
import type { Rates } from './rates.ts';
import type { Limit, Rules } from './rules.ts';
import { overloaded, tooFast, tooManyAtOnce, tooManyFailures, tooManyStreams } from './sentences.ts';

/** What all requests of a gateway are held against, and counted in. */
export interface Tally {
  readonly rules: Rules;
  readonly failureRule: FailureRule;
  /** How many requests may be under way to one Engine. */
  readonly mostRequests: number;
  readonly failures: Failures;
  readonly rates: Rates;
  /** By principal and by tenant. */
  readonly requests: Counts;
  readonly streams: Counts;
  readonly paces: Paces;
  /** All together, by how far they are; those that do not stream by the Engine they are for. */
  identifying: number;
  readonly underWay: Counts;
  streaming: number;
  now(): number;
  /** Counts a refusal. */
  refuse(refusal: Refusal): Refusal;
}

/** A principal or a tenant, and what it may do. */
interface Party extends Payer {
  /** As it stands in a sentence. */
  readonly name: string;
  readonly limit: Limit;
}

type Parties = readonly [principal: Party, tenant: Party];

/** By the rules and by all that the principal is: one is many requests'. */
const known = new WeakMap<Rules, WeakMap<ReadonlySet<string>, Parties>>();

function partiesOf(
  rules: Rules,
  { name, tenant }: Pick<Principal, 'name' | 'tenant'>,
  subjects: ReadonlySet<string>,
): Parties {
  let bySubjects = known.get(rules);
  if (bySubjects === undefined) {
    bySubjects = new WeakMap();
    known.set(rules, bySubjects);
  }
  const before = bySubjects.get(subjects);
  if (before?.[0].name === name && before[1].key === `tenant:${tenant}`) return before;
  const principal: Party = {
    key: `user:${name}`,
    name,
    limit: rules.ofPrincipal(subjects),
    perSecond: (now) => now.ofPrincipal(subjects).bytesPerSecond,
  };
  const group: Party = {
    key: `tenant:${tenant}`,
    name: `tenant ${tenant}`,
    limit: rules.ofTenant(tenant),
    perSecond: (now) => now.ofTenant(tenant).bytesPerSecond,
  };
  const parties: Parties = [principal, group];
  bySubjects.set(subjects, parties);
  return parties;
}

/**
 * What one request holds of the limits, from its arrival to its end. The stages tell it how far the request is, in the order
 * of the methods below; each counts what the request is from then on, and throws where that is too much.
 */
export class Hold {
  readonly #tally: Tally;
  readonly #address: string;
  /** Which Engine it is for; empty where there is one. */
  #engine = '';
  #stage: 'new' | 'identifying' | 'named' | 'request' | 'stream' | 'over' = 'new';
  #parties: Parties | undefined;
  #pace: Pace | undefined;

  /** @param address of the client, as Node tells it */
  constructor(tally: Tally, address: string) {
    this.#tally = tally;
    this.#address = address;
  }

  /**
   * Before anything of the request is looked at.
   *
   * @param isCertified whether the connection showed a certificate whose chain holds: its holder does not wait for strangers
   *   at the same address
   * @throws Refusal 429 `too-many-failures`
   */
  arrived(isCertified: boolean): void {
    if (!isCertified) this.#bar();
  }

  /**
   * Before a token is looked at, which takes as long as its issuer takes to show its keys.
   *
   * @throws Refusal 503 `overloaded`
   */
  identify(): void {
    const tally = this.#tally;
    if (tally.identifying >= tally.mostRequests) throw this.#overloaded(addressKey(this.#address));
    tally.identifying += 1;
    this.#stage = 'identifying';
  }

  /**
   * When nobody could be named, by what the head says or by who calls: counts that.
   *
   * @throws Refusal 429 `too-many-failures`, where it was once too often
   */
  failed(error: unknown): void {
    // What is the gateway's own fault, and what a limit has refused, is nobody's failure.
    if (!(error instanceof Refusal) || error.status >= 500 || error.status === 429) return;
    const { failures, failureRule, now } = this.#tally;
    failures.failed(addressKey(this.#address), failureRule, now());
    this.#bar();
  }

  /**
   * Once it is known who calls.
   *
   * @param subjects all that the principal is to the policy
   * @param engine which Engine it is for, where there are several: one that hangs must not take the room of the others
   * @throws Refusal 429 `rate-limited`, 503 `overloaded`
   */
  named({ name, tenant }: Principal, subjects: ReadonlySet<string>, engine = ''): void {
    const tally = this.#tally;
    this.#engine = engine;
    this.release();
    const parties = partiesOf(tally.rules, { name, tenant }, subjects);
    const [principal] = parties;
    const now = tally.now();
    for (const { key, name: whom, limit } of parties) {
      const wait = limit.rate === undefined ? 0 : tally.rates.wait(key, limit.rate, now);
      if (limit.rate !== undefined && wait > 0)
        throw tally.refuse(tooFast(whom, limit.rate.perSecond, wait, principal.key));
    }
    if (tally.underWay.of(engine) >= tally.mostRequests) throw this.#overloaded(principal.key);
    for (const { key, limit } of parties) {
      if (limit.rate !== undefined) tally.rates.take(key, limit.rate, now);
    }
    this.#parties = parties;
    tally.underWay.add(engine);
    this.#stage = 'named';
  }

  /**
   * Once it is known what for.
   *
   * @param isStream whether it takes one of the roads of what streams, waits or is large
   * @param announcesStream whether it prepares one, and is refused where that would be: docker shows no sentence of a stream
   *   that was not opened
   * @returns when the bytes of a stream may begin to pass; undefined: now
   * @throws Refusal 429 `too-many-requests-at-once`, `too-many-streams`
   */
  begin(isStream: boolean, announcesStream = false): Promise<void> | undefined {
    const tally = this.#tally;
    if (this.#stage !== 'named' || this.#parties === undefined) return undefined;
    const counts = isStream ? tally.streams : tally.requests;
    const [principal] = this.#parties;
    for (const { key, name, limit } of this.#parties) {
      const { concurrent = Number.POSITIVE_INFINITY, streams = Number.POSITIVE_INFINITY } = limit;
      if ((isStream || announcesStream) && tally.streams.of(key) >= streams)
        throw tally.refuse(tooManyStreams(name, streams, principal.key));
      if (!isStream && tally.requests.of(key) >= concurrent)
        throw tally.refuse(tooManyAtOnce(name, concurrent, principal.key));
    }
    for (const { key } of this.#parties) counts.add(key);
    if (isStream) {
      tally.underWay.remove(this.#engine);
      tally.streaming += 1;
    }
    this.#stage = isStream ? 'stream' : 'request';
    if (!isStream) return undefined;
    this.#pace = tally.paces.open(this.#parties);
    return this.#pace.begin();
  }

  /** How fast its bytes may pass; undefined of what does not stream. */
  get pace(): Pace | undefined {
    return this.#pace;
  }

  /** When it is over; further calls do nothing. */
  release(): void {
    const tally = this.#tally;
    const stage = this.#stage;
    this.#stage = 'over';
    this.#pace?.close();
    if (stage === 'identifying') tally.identifying -= 1;
    if (stage === 'named' || stage === 'request') tally.underWay.remove(this.#engine);
    if (stage === 'stream') tally.streaming -= 1;
    if (stage !== 'request' && stage !== 'stream') return;
    const counts = stage === 'stream' ? tally.streams : tally.requests;
    for (const { key } of this.#parties ?? []) counts.remove(key);
  }

  #bar(): void {
    const { failures, now, refuse } = this.#tally;
    if (failures.barred === 0) return;
    const key = addressKey(this.#address);
    const wait = failures.barredFor(key, now());
    if (wait > 0) throw refuse(tooManyFailures(wait, key));
  }

  #overloaded(flood: string): Refusal {
    const { mostRequests, refuse } = this.#tally;
    const where = this.#engine === '' ? '' : ` to the Engine ${this.#engine}`;
    return refuse(
      overloaded(
        `this gateway has ${mostRequests} requests under way${where}, as many as it takes at once`,
        flood,
      ),
    );
  }
}
