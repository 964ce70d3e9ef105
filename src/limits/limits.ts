import type { Refusal } from '../errors.ts';
import { addressKey, LOCAL } from './address.ts';
import { Counts } from './counts.ts';
import { Failures } from './failures.ts';
import { Hold, type Tally } from './hold.ts';
import { Paces } from './paces.ts';
import { Pauses } from './pauses.ts';
import { Rates } from './rates.ts';
import { compileRules, type LimitRule } from './rules.ts';
import { tooManyConnections, tooManyHandshakes } from './sentences.ts';

/** The part of the configuration's section `limits` that is about how often and how many. */
export interface LimitsConfig {
  readonly principals: readonly LimitRule[];
  readonly tenants: readonly LimitRule[];
  /** Requests under way to one Engine, those that stream left out. */
  readonly requests: number;
  readonly connections: number;
  /** Of one address; 0 is no limit. */
  readonly addresses: {
    readonly connections: number;
    readonly handshakesPerSecond: number;
    readonly handshakeBurst: number;
    readonly failuresPerMinute: number;
    readonly failureSeconds: number;
  };
}

/** How much is in use, for whoever watches the gateway. */
export interface LimitsState {
  /** Requests under way, those that stream, and those of which the token is still looked at. */
  readonly requests: number;
  readonly streams: number;
  readonly identifying: number;
  readonly connections: number;
  /** How many addresses have connections, and how many wait because of failures. */
  readonly addresses: number;
  readonly barredAddresses: number;
  /** Refused requests that wait for their answer. */
  readonly paused: number;
  /** Streams that have had as many bytes as they may for now. */
  readonly slowed: number;
  /** Refusals by limits since the start, by reason id. */
  readonly refused: Readonly<Record<string, number>>;
}

/** How long a connection may wait until its address may begin another handshake, in milliseconds. Clients give up after 10 s. */
export const MOST_HANDSHAKE_WAIT_MS = 5_000;
/** How many wait so in the whole gateway: each may have sent some kilobytes already, and showed nothing yet. */
const MOST_IN_LINE = 1_024;

/** All limits of a gateway on how often and how many. */
export interface Limits {
  /**
   * A connection has come, before its handshake.
   *
   * @returns why it is to be closed at once; else in how many milliseconds its handshake may begin, and `disconnected` is to
   *   be called at its end
   */
  connected(address: string): Refusal | number;
  disconnected(address: string): void;
  /** A request has come. */
  enter(address: string): Hold;
  /**
   * Has the answer to a refused request wait, where there may be many more of them.
   *
   * @returns whether the connection may carry another request
   */
  pause(refusal: Refusal): Promise<boolean>;
  /** Other numbers from now on; nothing of what was counted is forgotten. */
  update(config: LimitsConfig): void;
  state(): LimitsState;
}

/** @param now milliseconds of a clock that never goes back */
export function createLimits(config: LimitsConfig, now: () => number = () => performance.now()): Limits {
  const connections = new Counts();
  const handshakes = new Rates();
  const pauses = new Pauses();
  const refused = new Map<string, number>();
  let inLine = 0;
  let { connections: mostConnections, addresses } = config;
  const refuse = (refusal: Refusal): Refusal => {
    refused.set(refusal.reason, (refused.get(refusal.reason) ?? 0) + 1);
    return refusal;
  };
  const numbers = (from: LimitsConfig) => ({
    rules: compileRules(from.principals, from.tenants),
    failureRule: { perMinute: from.addresses.failuresPerMinute, seconds: from.addresses.failureSeconds },
    mostRequests: from.requests,
  });
  const first = numbers(config);
  const tally: Tally = {
    ...first,
    paces: new Paces(first.rules, now),
    failures: new Failures(),
    rates: new Rates(),
    requests: new Counts(),
    streams: new Counts(),
    identifying: 0,
    underWay: new Counts(),
    streaming: 0,
    now,
    refuse,
  };

  return {
    connected: (address) => {
      const key = addressKey(address);
      const most = addresses.connections;
      if (most > 0 && connections.of(key) >= most)
        return refuse(tooManyConnections(most, 'this address', key));
      if (connections.total >= mostConnections)
        return refuse(tooManyConnections(mostConnections, 'this gateway', key));
      const { handshakesPerSecond: perSecond, handshakeBurst: burst } = addresses;
      // On local listeners there are no handshakes.
      let wait = 0;
      if (perSecond > 0 && key !== LOCAL) {
        const at = now();
        wait = handshakes.wait(key, { perSecond, burst }, at);
        if (wait > MOST_HANDSHAKE_WAIT_MS || (wait > 0 && inLine >= MOST_IN_LINE))
          return refuse(tooManyHandshakes(perSecond, key));
        // Its place in the line: whoever comes next waits longer.
        handshakes.take(key, { perSecond, burst }, at);
        if (wait > 0) {
          inLine += 1;
          setTimeout(() => {
            inLine -= 1;
          }, wait).unref();
        }
      }
      connections.add(key);
      return wait;
    },
    disconnected: (address) => connections.remove(addressKey(address)),
    enter: (address) => new Hold(tally, address),
    pause: async ({ flood }) => flood === undefined || pauses.pause(flood),
    update: (next) => {
      ({ connections: mostConnections, addresses } = next);
      Object.assign(tally, numbers(next));
      tally.paces.update(tally.rules);
    },
    state: () => ({
      requests: tally.underWay.total,
      streams: tally.streaming,
      identifying: tally.identifying,
      connections: connections.total,
      addresses: connections.size,
      barredAddresses: tally.failures.barred,
      paused: pauses.total,
      slowed: tally.paces.waiting,
      refused: Object.fromEntries(refused),
    }),
  };
}
