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
