/** What is counted against a quota of a tenant's objects. */
export const DIMENSIONS = ['containers', 'running', 'memory', 'cpus', 'volumes', 'networks'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

/** So much of each; memory in bytes, CPUs in billionths, the others in pieces. */
export type Amounts = Readonly<Record<Dimension, bigint>>;

/** The most of some. */
export type Limits = Readonly<Partial<Record<Dimension, bigint>>>;

export const NOTHING: Amounts = {
  containers: 0n,
  running: 0n,
  memory: 0n,
  cpus: 0n,
  volumes: 0n,
  networks: 0n,
};

/** Amounts of which most are none. */
export function amounts(some: Partial<Amounts>): Amounts {
  return { ...NOTHING, ...some };
}

export function sum(all: readonly Amounts[]): Amounts {
  const total = { ...NOTHING };
  for (const each of all) for (const of of DIMENSIONS) total[of] += each[of];
  return total;
}

/** What comes in addition, per dimension: none where it becomes less. */
export function growth(before: Amounts, after: Amounts): Amounts {
  const grown = DIMENSIONS.map((of) => [of, after[of] > before[of] ? after[of] - before[of] : 0n] as const);
  return amounts(Object.fromEntries(grown));
}

/** The first dimension in which something is asked for that does not fit beside what is used. */
export function excess(limits: Limits, used: Amounts, asked: Amounts): Dimension | undefined {
  return DIMENSIONS.find((of) => {
    const most = limits[of];
    return most !== undefined && asked[of] > 0n && used[of] + asked[of] > most;
  });
}
