import type { Wording } from './compare.ts';
import type { Place } from './place.ts';
import { print } from './syntax.ts';
import type { Side } from './typing.ts';

/** Facts in which somebody may have typed a secret. Body and query are never repeated, numbers apart. */
const CLOSED = /^facts\.(?:command|labels|logging|annotations)\b/;

/** @param must what is wanted of the place, to follow "it must" and "it must not" */
export function wording(place: Place, must: string, mustNot = must): Wording {
  const open = place.root !== 'body' && place.root !== 'query' && !CLOSED.test(place.text);
  return { must: `it must ${must}`, mustNot: `it must not ${mustNot}`, about: place.text, open };
}

const WORDS: Readonly<Record<string, string>> = {
  '==': 'be',
  '!=': 'be other than',
  '<': 'be below',
  '<=': 'be at most',
  '>': 'be above',
  '>=': 'be at least',
};

const MIRRORED: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' };

/** What a comparison wants of the place on its left, or on its right where the left is written out. */
export function wordingOf(operator: string, left: Side, right: Side): Wording | undefined {
  if ('place' in left) {
    if ('value' in right && right.value === null)
      return wording(left.place, operator === '==' ? 'be absent' : 'be given');
    return wording(left.place, `${WORDS[operator]} ${print(right.node)}`);
  }
  if (!('place' in right)) return undefined;
  return wordingOf(MIRRORED[operator] ?? operator, right, left);
}
