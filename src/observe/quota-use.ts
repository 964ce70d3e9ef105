import type { Config } from '../config/schema.ts';
import type { Usage } from '../tenancy/quota/usage.ts';
import type { Metrics, Sample } from './metrics.ts';

/** How many tenants are told of. */
const MOST_TENANTS = 100;
/** How long what was counted stands, in milliseconds: to count costs the Engine several questions a tenant. */
const FRESH_MS = 30_000;
/** How long a scrape waits for it to be counted, in milliseconds; after that it gets what was counted before. */
const PATIENCE_MS = 1_000;
/** After what time nothing is told of a tenant, in milliseconds, rather than what was. */
const STALE_MS = 300_000;

/** What a limit is called, and what one of it is. */
const RESOURCES = [
  ['containers', 'containers', 1],
  ['running', 'running', 1],
  ['memory', 'memory_bytes', 1],
  ['cpus', 'cpus', 1e9],
  ['volumes', 'volumes', 1],
  ['networks', 'networks', 1],
  ['imageBytes', 'image_bytes', 1],
] as const;

/**
 * Adds what tenants have of what they may have.
 *
 * @param usage counts it, by the name of the Engine; each is asked by itself, so that one that hangs keeps none waiting
 */
export function addQuotaUse(
  metrics: Metrics,
  usage: ReadonlyMap<string, QuotaUseOptions['usage']>,
  options: Omit<QuotaUseOptions, 'usage'>,
): void {
  const isOne = usage.size === 1;
  const uses = [...usage].map(([engine, ofEngine]) => ({
    engine,
    use: new QuotaUse({ ...options, usage: ofEngine }),
  }));
  const samples = async (of: 'used' | 'allowed'): Promise<Sample[]> => {
    const each = await Promise.all(
      uses.map(async ({ engine, use }) =>
        [...(await use.samples(of))].map(({ labels, value }) => ({
          labels: isOne ? { ...labels } : { ...labels, engine },
          value,
        })),
      ),
    );
    return each.flat();
  };
  const labels = ['tenant', 'resource', ...(isOne ? [] : ['engine'])];
  metrics.gauge(
    {
      name: 'quaywarden_tenant_quota_used',
      help: 'What tenants have of what quotas limit, in pieces, bytes or processors.',
      labels,
    },
    () => samples('used'),
  );
  metrics.gauge(
    {
      name: 'quaywarden_tenant_quota_limit',
      help: 'What tenants may have, in pieces, bytes or processors.',
      labels,
    },
    () => samples('allowed'),
  );
}

interface Counted {
  readonly usage: Usage;
  readonly at: number;
}

export interface QuotaUseOptions {
  /** Those in force. */
  readonly quotas: () => Config['quotas'];
  /** Tenants that were here, for quotas that are for all. */
  readonly seen: ReadonlySet<string>;
  /** Counts what a tenant has. */
  readonly usage: (tenant: string) => Promise<Usage | undefined>;
}

/**
 * What tenants have of what they may have: of those that quotas name, and of those that were here, a hundred at most. It
 * is counted on the Engine when somebody asks, and at most every half a minute.
 */
class QuotaUse {
  readonly #options: QuotaUseOptions;
  readonly #counted = new Map<string, Counted>();
  #looking: Promise<void> | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(options: QuotaUseOptions) {
    this.#options = options;
  }

  async samples(of: 'used' | 'allowed'): Promise<Iterable<Sample>> {
    await this.#look();
    return this.#samples(of);
  }

  async #look(): Promise<void> {
    if (this.#looking === undefined && performance.now() - this.#lookedAt >= FRESH_MS) {
      this.#looking = this.#count().finally(() => {
        this.#looking = undefined;
        this.#lookedAt = performance.now();
      });
    }
    if (this.#looking === undefined) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, PATIENCE_MS).unref();
    });
    await Promise.race([late, this.#looking]);
    clearTimeout(timer);
  }

  /** One tenant after the other: the Engine has better things to do. */
  async #count(): Promise<void> {
    for (const tenant of this.#tenants()) {
      try {
        const usage = await this.#options.usage(tenant);
        if (usage === undefined) this.#counted.delete(tenant);
        else this.#counted.set(tenant, { usage, at: performance.now() });
      } catch {
        // The Engine can not tell now: readiness says so, and what was counted grows stale.
        return;
      }
    }
  }

  #tenants(): readonly string[] {
    const { quotas, seen } = this.#options;
    const rules = quotas();
    if (rules.length === 0) return [];
    const named = rules.flatMap((quota) => quota.for).filter((tenant) => tenant !== '*');
    return [...new Set([...named, ...seen])].slice(0, MOST_TENANTS);
  }

  *#samples(of: 'used' | 'allowed'): Iterable<Sample> {
    for (const [tenant, { usage, at }] of this.#counted) {
      if (performance.now() - at > STALE_MS) continue;
      for (const [dimension, resource, unit] of RESOURCES) {
        const { used, allowed } = usage[dimension];
        // What is not limited is nobody's to watch.
        if (allowed === undefined) continue;
        yield { labels: { tenant, resource }, value: Number(of === 'used' ? used : allowed) / unit };
      }
    }
  }
}
