import type { Grant } from '../../policy/grants.ts';
import type { LintContext } from './context.ts';
import { coversPattern, literalPrefix } from './cover.ts';
import type { Found } from './finding.ts';

/** Grants of one subject, effect and condition, by what their resources begin with. */
class Shelf {
  /** By the text of the resource, and there by that of the operations, the first of each. */
  readonly #exact = new Map<string, Map<string, Grant>>();
  readonly #wild = new Map<string, Map<string, Grant>>();

  put(grant: Grant): void {
    const { resource, operations } = grant;
    const isWild = resource.includes('*');
    const shelf = isWild ? this.#wild : this.#exact;
    const key = isWild ? literalPrefix(resource) : resource;
    let known = shelf.get(key);
    if (known === undefined) {
      known = new Map();
      shelf.set(key, known);
    }
    const own = isWild ? `${resource}\n${operations}` : operations;
    if (!known.has(own)) known.set(own, grant);
  }

  /** All that may cover a resource. */
  *near(resource: string): Generator<Grant> {
    yield* this.#exact.get(resource)?.values() ?? [];
    // `container/**` covers `container` too.
    const whole = `${literalPrefix(resource)}${resource.includes('*') ? '' : '/'}`;
    for (let length = 0; length <= whole.length; length += 1) {
      yield* this.#wild.get(whole.slice(0, length))?.values() ?? [];
    }
  }
}

/** Grants that other grants make idle. Each is looked for by subject, condition and the beginning of its resource. */
export function overlaps(context: LintContext): Found[] {
  const shelves = new Map<string, Shelf>();
  for (const grant of context.grants) {
    const key = keyOf(grant.subject, grant.effect, grant.condition.always ? '' : grant.condition.text);
    const shelf = shelves.get(key) ?? new Shelf();
    shelves.set(key, shelf);
    shelf.put(grant);
  }
  const found: Found[] = [];
  for (const grant of context.grants) {
    const one = overlap(grant, shelves, context);
    if (one !== undefined) found.push(one);
  }
  return found;
}

function overlap(grant: Grant, shelves: ReadonlyMap<string, Shelf>, context: LintContext): Found | undefined {
  const { line, effect, condition } = grant;
  const of = (whose: Grant['effect'], texts: readonly string[]): Grant | undefined =>
    covering(grant, whose, texts, shelves, context);
  if (effect === 'allow') {
    const denial = of('deny', ['']) ?? (condition.always ? undefined : of('deny', [condition.text]));
    if (denial !== undefined) {
      const isSame = isEqual(denial, grant);
      return {
        id: isSame || !denial.condition.always ? 'contradiction' : 'never-allows',
        line,
        sentence: isSame
          ? `line ${denial.line} denies the very same, and a denial wins: nothing is allowed by this line`
          : `line ${denial.line} denies all of it, and a denial wins: nothing is allowed by this line`,
      };
    }
  }
  const other = of(effect, condition.always ? [''] : ['', condition.text]);
  if (other === undefined) return undefined;
  if (isEqual(other, grant))
    return { id: 'duplicate', line, sentence: `it says what line ${other.line} says` };
  const what = effect === 'allow' ? 'allows' : 'denies';
  return {
    id: 'shadowed',
    line,
    sentence: `line ${other.line} ${what} all of it already: it changes nothing`,
  };
}

/** Another grant that covers all of this one; of two that cover each other, the earlier one counts. */
function covering(
  grant: Grant,
  effect: Grant['effect'],
  texts: readonly string[],
  shelves: ReadonlyMap<string, Shelf>,
  context: LintContext,
): Grant | undefined {
  for (const subject of context.reach(grant.subject)) {
    for (const text of texts) {
      for (const other of shelves.get(keyOf(subject, effect, text))?.near(grant.resource) ?? []) {
        if (other === grant || !isWithin(grant, other, context)) continue;
        const isMutual = other.effect === grant.effect && other.line > grant.line && isEqual(other, grant);
        if (!isMutual && !(other.effect === grant.effect && mutual(grant, other, context))) return other;
      }
    }
  }
  return undefined;
}

/** Whether two cover each other, of which the later one is to be told of. */
function mutual(grant: Grant, other: Grant, context: LintContext): boolean {
  return (
    other.line > grant.line &&
    other.condition.text === grant.condition.text &&
    context.reach(other.subject).has(grant.subject) &&
    isWithin(other, grant, context)
  );
}

function isWithin(grant: Grant, other: Grant, context: LintContext): boolean {
  if (!coversPattern(other.resource, grant.resource)) return false;
  if (other.operations === grant.operations) return true;
  for (const id of context.acting(grant)) if (!other.covered.has(id)) return false;
  return true;
}

function isEqual(a: Grant, b: Grant): boolean {
  return (
    a.subject === b.subject &&
    a.resource === b.resource &&
    a.condition.text === b.condition.text &&
    a.covered.size === b.covered.size &&
    [...a.covered].every((id) => b.covered.has(id))
  );
}

function keyOf(subject: string, effect: Grant['effect'], condition: string): string {
  return `${subject}\n${effect}\n${condition}`;
}
