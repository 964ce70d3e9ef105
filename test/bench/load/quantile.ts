/** The smallest of `values` that is not below the share `q` of them (nearest rank); 0 when there is none. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)] ?? 0;
}
