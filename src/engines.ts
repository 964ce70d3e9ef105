import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { DEFAULT_ENGINE } from './config/engine-schema.ts';
import { areSeveral, enginesOf } from './config/engines.ts';
import type { Config } from './config/schema.ts';
import { ConfigError, Refusal, toRefusal } from './errors.ts';
import { destinationsOf } from './listener/destination.ts';
import type { Condition } from './observe/readiness.ts';
import type { Bench } from './pipeline.ts';
import { benchOf, type OfEngine, type Setting } from './setting.ts';
import { openSite, type Site } from './site.ts';
import type { Usage } from './tenancy/quota/usage.ts';

/** How long an Engine may take to answer a check, in milliseconds. */
const PATIENCE_MS = 2_000;

/** What requests that come by a door are judged with. */
export type BenchFor = (request: Pick<IncomingMessage, 'headers' | 'socket'>) => Bench;

/** An Engine, and whether it answers. */
interface EngineCondition extends Condition {
  readonly name: string;
}

/** All Engines behind the gateway: each has connections, tenants' objects and a bench of its own, and shares none of them. */
export class Engines {
  readonly #sites: readonly Site[];
  readonly #lasting: Parameters<typeof benchOf>[3];
  readonly #destinations: ReturnType<typeof destinationsOf>;
  /** Whether the name of a host says which one is meant. */
  readonly #isOne: boolean;
  #benches: ReadonlyMap<string, Bench>;
  #asking: Promise<readonly EngineCondition[]> | undefined;

  /** @throws ConfigError when a TLS file of one of them can not be read */
  constructor(setting: Setting, lasting: Parameters<typeof benchOf>[3]) {
    const { config } = setting;
    const engines = enginesOf(config);
    this.#lasting = lasting;
    const faults: string[] = [];
    this.#sites = engines.flatMap((engine) => {
      try {
        const { adoptedBy } = ofEngine(setting, engine.name);
        const { quotas, policy } = config;
        return [openSite(engine, config.tenancy, { adoptedBy, quotas, contact: policy.contact })];
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        faults.push(...error.faults);
        return [];
      }
    });
    if (faults.length > 0) throw new ConfigError(faults);
    this.#destinations = destinationsOf(engines);
    this.#isOne = !areSeveral(config) && config.engine.hosts.length === 0;
    this.#benches = this.#benchesOf(setting);
  }

  /** That of the default Engine: for what says nothing of where it wants to go. */
  get bench(): Bench {
    return this.#of(DEFAULT_ENGINE);
  }

  /** That of an Engine, whatever a request says. */
  benchOf(name: string): BenchFor {
    return () => this.#of(name);
  }

  /**
   * That of the Engine that a request is for, on a TLS listener.
   *
   * @param door the Engine whose own listener it is; absent: the listener of all
   */
  benchFor(door?: string): BenchFor {
    if (this.#isOne) return () => this.bench;
    const destination = this.#destinations(door);
    return ({ headers: { host }, socket }) => {
      const { servername } = socket as Partial<TLSSocket>;
      const found = destination({ host, servername });
      return found instanceof Refusal
        ? { ...this.bench, engineName: undefined, misdirected: found }
        : this.#of(found);
    };
  }

  /** Goes on with another setting; nothing in here fails or waits. */
  use(setting: Setting): void {
    const { quotas, policy } = setting.config;
    for (const { name, tenancy } of this.#sites) {
      const { adoptedBy } = ofEngine(setting, name);
      tenancy?.use({ adoptedBy, quotas, contact: policy.contact });
    }
    this.#benches = this.#benchesOf(setting);
  }

  /** Begins to hear what happens on each. */
  follow(): void {
    for (const site of this.#sites) site.follow();
  }

  async close(): Promise<void> {
    await Promise.all(this.#sites.map((site) => site.close()));
  }

  /** Whether each answers. Who asks while they are being asked gets the same. */
  conditions(): Promise<readonly EngineCondition[]> {
    this.#asking ??= Promise.all(this.#sites.map(conditionOf)).finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  /** By name, what a tenant has on it of what quotas limit; undefined where no quota is for it. */
  get usage(): ReadonlyMap<string, (tenant: string) => Promise<Usage | undefined>> {
    return new Map(
      this.#sites.map(({ name, tenancy }) => [name, async (tenant) => tenancy?.usage(tenant)] as const),
    );
  }

  #of(name: string): Bench {
    return this.#benches.get(name) as Bench;
  }

  #benchesOf(setting: Setting): ReadonlyMap<string, Bench> {
    return new Map(
      this.#sites.map((site) => [
        site.name,
        benchOf(setting, ofEngine(setting, site.name), site, this.#lasting),
      ]),
    );
  }
}

/** Requests can be served as long as one Engine answers: what is wrong with one is no matter of those who use another. */
export async function anyAnswers(conditions: Promise<readonly EngineCondition[]>): Promise<Condition> {
  const all = await conditions;
  if (all.some(({ ok }) => ok)) return { ok: true };
  return { ok: false, reason: all.flatMap(({ reason = [] }) => reason).join('; ') };
}

/** Each by name, for `/readyz`; undefined where there is one, which the check tells of. */
export async function eachAnswers(
  config: Pick<Config, 'engines'>,
  conditions: Promise<readonly EngineCondition[]>,
): Promise<Readonly<Record<string, Condition>> | undefined> {
  if (!areSeveral(config)) return undefined;
  return Object.fromEntries((await conditions).map(({ name, ...condition }) => [name, condition]));
}

function ofEngine({ ofEngines }: Setting, name: string): OfEngine {
  return ofEngines.get(name) as OfEngine;
}

async function conditionOf({ name, engine, ask }: Site): Promise<EngineCondition> {
  const what = `the Docker Engine at ${engine.address.replace(/^unix:\/\//, '')}`;
  const late = new Promise<EngineCondition>((resolve) => {
    setTimeout(resolve, PATIENCE_MS, { name, ok: false, reason: `${what} does not answer` }).unref();
  });
  const asked = ask('GET', '/_ping').then(
    ({ status }) =>
      status === 200 ? { name, ok: true } : { name, ok: false, reason: `${what} answers ${status}` },
    (error: unknown) => ({ name, ok: false, reason: toRefusal(error).message }),
  );
  return Promise.race([late, asked]);
}
