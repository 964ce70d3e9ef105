/**
 * Compiles a pattern: `*` stands for any characters within a segment, `**` for any characters at all, and a
 * trailing `/**` for nothing too, so that `container/**` covers `container` and `container/-/web`.
 *
 * Matching takes time proportional to pattern times text, whatever they are: a client chooses the text, and a
 * regular expression of several stars could be made to run for minutes.
 */
export function compileGlob(pattern: string): (text: string) => boolean {
  if (!pattern.endsWith('/**')) return compile(pattern);
  const itself = compile(pattern.slice(0, -3));
  const below = compile(pattern);
  return (text) => itself(text) || below(text);
}

function compile(pattern: string): (text: string) => boolean {
  const star = pattern.indexOf('*');
  if (star === -1) return (text) => text === pattern;
  const prefix = pattern.slice(0, star);
  if (pattern.slice(star) === '**') return (text) => text.startsWith(prefix);
  const tokens = pattern.slice(star).match(/\*\*|./gs) ?? [];
  return (text) => text.startsWith(prefix) && matches(tokens, text, prefix.length);
}

/** Holds all places in the pattern that the text so far may have led to, and moves them on by one character. */
function matches(tokens: readonly string[], text: string, from: number): boolean {
  let places = new Uint8Array(tokens.length + 1);
  let next = new Uint8Array(tokens.length + 1);
  places[0] = 1;
  skipStars(tokens, places);
  for (let at = from; at < text.length; at += 1) {
    if (!step(tokens, places, text[at] as string, next)) return false;
    skipStars(tokens, next);
    [places, next] = [next, places];
    next.fill(0);
  }
  return places[tokens.length] === 1;
}

/** @returns whether any place is left */
function step(tokens: readonly string[], places: Uint8Array, character: string, next: Uint8Array): boolean {
  let alive = false;
  for (let place = 0; place < tokens.length; place += 1) {
    if (places[place] === 0) continue;
    const token = tokens[place];
    if (token === '**' || (token === '*' && character !== '/')) next[place] = 1;
    else if (token !== '*' && token === character) next[place + 1] = 1;
    else continue;
    alive = true;
  }
  return alive;
}

/** A star may stand for nothing, so whoever is before it is also behind it. */
function skipStars(tokens: readonly string[], places: Uint8Array): void {
  for (let place = 0; place < tokens.length; place += 1) {
    const token = tokens[place];
    if (places[place] === 1 && (token === '*' || token === '**')) places[place + 1] = 1;
  }
}
