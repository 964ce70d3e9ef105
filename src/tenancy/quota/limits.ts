import { encodeName } from '../../docker/path.ts';
import type { EngineReader, InspectedContainer } from './engine.ts';

/** What a container may use; undefined is no limit. */
export interface ContainerLimits {
  /** Bytes. */
  readonly memory: bigint | undefined;
  /** Billionths. */
  readonly cpus: bigint | undefined;
}

const AT_ONCE = 8;
const BILLION = 1_000_000_000n;
const DEFAULT_PERIOD = 100_000n;

/**
 * The limits of containers, by inspection: the Engine's lists do not tell them. Only an update changes them, so they
 * are remembered while somebody follows the Engine's events and says which containers were updated; else each count
 * inspects anew.
 */
export class LimitsOfContainers {
  readonly #engine: EngineReader;
  readonly #following: () => boolean;
  readonly #known = new Map<string, ContainerLimits>();
  /** Goes up with every word that something has changed. */
  #age = 0;

  constructor(engine: EngineReader, following: () => boolean) {
    this.#engine = engine;
    this.#following = following;
  }

  /** Forgets one container, or all. */
  forget(id?: string): void {
    this.#age += 1;
    if (id === undefined) this.#known.clear();
    else this.#known.delete(id);
  }

  /** The limits of those that are still there. */
  async of(ids: readonly string[]): Promise<ReadonlyMap<string, ContainerLimits>> {
    if (!this.#following()) this.forget();
    const found = new Map<string, ContainerLimits>();
    const asked = ids.filter((id) => {
      const known = this.#known.get(id);
      if (known !== undefined) found.set(id, known);
      return known === undefined;
    });
    const ask = async (): Promise<void> => {
      for (let id = asked.pop(); id !== undefined; id = asked.pop()) {
        const age = this.#age;
        const limits = limitsOf(await this.#engine.get(`/containers/${encodeName(id)}/json`));
        if (limits === undefined) continue;
        found.set(id, limits);
        // What was read while something changed may be from before.
        if (age === this.#age && this.#following()) this.#known.set(id, limits);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, ask));
    return found;
  }
}

function limitsOf(inspected: unknown): ContainerLimits | undefined {
  if (inspected === undefined) return undefined;
  const {
    Memory = 0,
    NanoCpus = 0,
    CpuQuota = 0,
    CpuPeriod = 0,
  } = (inspected as InspectedContainer).HostConfig ?? {};
  const period = CpuPeriod > 0 ? BigInt(CpuPeriod) : DEFAULT_PERIOD;
  return {
    memory: limited(BigInt(Memory)),
    cpus: limited(NanoCpus > 0 ? BigInt(NanoCpus) : (BigInt(CpuQuota) * BILLION + period - 1n) / period),
  };
}

/** 0 and -1 mean no limit. */
export function limited(value: bigint): bigint | undefined {
  return value > 0n ? value : undefined;
}
