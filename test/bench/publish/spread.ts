export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** The middle, and how far it goes. */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const at = (index: number): number => sorted[index] ?? Number.NaN;
  const round = (value: number): number => Number(value.toPrecision(4));
  return {
    median: round((at(Math.floor(middle)) + at(Math.ceil(middle))) / 2),
    least: round(at(0)),
    most: round(at(sorted.length - 1)),
  };
}

/** The ratios within each round, of what was measured to what it is beside. */
export function ratios<T>(own: readonly T[], other: readonly T[], of: (sample: T) => number): Spread {
  return spread(own.map((sample, round) => of(sample) / of(other[round] as T)));
}

/** The middle with how far it goes, as text. */
export function range({ median, least, most }: Spread, digits = 0): string {
  return `${median.toFixed(digits)} (${least.toFixed(digits)} to ${most.toFixed(digits)})`;
}
