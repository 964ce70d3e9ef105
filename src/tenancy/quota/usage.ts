import { DIMENSIONS, type Dimension, sum } from './amounts.ts';
import type { Holding } from './holdings.ts';
import type { Quota } from './rules.ts';
import { amountText, sizeText } from './sentences.ts';

export interface Used {
  readonly used: bigint;
  /** Undefined where nothing is limited. */
  readonly allowed: bigint | undefined;
  /** `3 of 10`, `1.5g of 4g`, `3` where nothing is limited. */
  readonly text: string;
}

/** What a tenant has of what it may have; memory and images in bytes, CPUs in billionths. */
export type Usage = Readonly<Record<Dimension | 'imageBytes', Used>> & {
  /** Ports of the host that it may publish, as the configuration has them; undefined where any. */
  readonly ports: string | undefined;
};

/** Puts together what was counted. */
export function usageOf(
  { limits, ports, imageBytes }: Quota,
  held: readonly Holding[],
  images: bigint,
): Usage {
  const total = sum(held.map((each) => each.amounts));
  const counted = DIMENSIONS.map(
    (of) => [of, used(total[of], limits[of], (value) => amountText(of, value))] as const,
  );
  return {
    ...(Object.fromEntries(counted) as Readonly<Record<Dimension, Used>>),
    imageBytes: used(images, imageBytes, sizeText),
    ports: ports?.text,
  };
}

function used(value: bigint, allowed: bigint | undefined, write: (value: bigint) => string): Used {
  const text = allowed === undefined ? write(value) : `${write(value)} of ${write(allowed)}`;
  return { used: value, allowed, text };
}
