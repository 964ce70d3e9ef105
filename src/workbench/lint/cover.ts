/**
 * Whether everything that one resource pattern covers is covered by another: `*` and `**` of the narrower one are taken for
 * signs that only a star as wide covers. What is said to be covered is; some that is may not be found.
 *
 * @param wide the pattern that is to cover all
 */
export function coversPattern(wide: string, narrow: string): boolean {
  if (wide === narrow || wide === '**') return true;
  const below = (pattern: string): readonly string[] =>
    pattern.endsWith('/**') ? [pattern, pattern.slice(0, -3)] : [pattern];
  return below(narrow).every((part) => below(wide).some((whole) => fits(tokens(whole), tokens(part))));
}

/** A pattern as its signs: `{tenant}` is one that only itself and a star cover. */
function tokens(pattern: string): readonly string[] {
  return pattern.match(/\*\*|\{tenant\}|./gs) ?? [];
}

/** Holds all places in the wide pattern that the narrow one so far may have led to. */
function fits(wide: readonly string[], narrow: readonly string[]): boolean {
  let places = skip(wide, new Set([0]));
  for (const sign of narrow) {
    const next = new Set<number>();
    for (const place of places) {
      const token = wide[place];
      if (token === '**' || (token === '*' && sign !== '**' && sign !== '/')) next.add(place);
      else if (token !== undefined && token !== '*' && token === sign) next.add(place + 1);
    }
    if (next.size === 0) return false;
    places = skip(wide, next);
  }
  return places.has(wide.length);
}

/** A star may stand for nothing, so whoever is before it is also behind it. */
function skip(wide: readonly string[], places: Set<number>): Set<number> {
  for (const place of places) if (wide[place] === '*' || wide[place] === '**') places.add(place + 1);
  return places;
}

/** The signs before the first star. */
export function literalPrefix(pattern: string): string {
  const star = pattern.indexOf('*');
  return star === -1 ? pattern : pattern.slice(0, star);
}
