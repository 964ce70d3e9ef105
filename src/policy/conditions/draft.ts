import type { Need } from '../decision.ts';
import type { World } from '../functions/function.ts';
import { type Place, type Roots, resolvePlace } from './place.ts';
import type { Node } from './syntax.ts';
import type { Side } from './typing.ts';

/** A condition while it is compiled: what it speaks about, and what is wrong with it. */
export class Draft {
  /** Each the rest of a sentence that begins with "the condition". */
  readonly faults: string[] = [];
  readonly needs = new Set<Need>();
  /** What of a request it speaks of: `facts`, `body`, `query.NAME`. */
  readonly mentions = new Set<string>();
  readonly world: World;
  /** Whether it speaks of the body, or of facts that are made of it. */
  ofBody = false;
  readonly #roots: Roots;

  constructor(roots: Roots, world: World) {
    this.#roots = roots;
    this.world = world;
  }

  fault(sentence: string): Node {
    this.faults.push(sentence);
    return NOTHING;
  }

  /** The place that a name stands for; undefined when there was a fault. */
  place(node: Node): Place | undefined {
    const place = resolvePlace(node, this.#roots);
    if (typeof place === 'string') {
      this.fault(place);
      return undefined;
    }
    this.mentions.add(mentionOf(place));
    if (place.root === 'body' || place.root === 'facts') this.ofBody = true;
    if (place.root === 'facts') for (const need of needsOf(place)) this.needs.add(need);
    return place;
  }
}

/** Of a query each parameter stands for itself: some are in records as they were, and some are not. */
function mentionOf({ root, steps: [first] }: Place): string {
  return root === 'query' && first?.to === 'member' ? `query.${first.name}` : root;
}

/** Facts that are known only when somebody reads further than the request's own words. */
function needsOf({ steps }: Place): readonly Need[] {
  const [first, second] = steps.flatMap((step) => (step.to === 'member' ? [step.name] : []));
  if (first === 'images') return ['baseImages', 'loadedImages'];
  if (first === 'build' && second === 'baseImages') return ['baseImages'];
  return first === 'user' ? ['imageUser'] : [];
}

/** A text, number, true, false or null that the condition writes out; undefined for anything else. */
export function writtenOut(node: Node): Extract<Side, { value: unknown }> | undefined {
  if (node.type === 'UnaryExpression' && node.operator === '-' && node.argument !== false) {
    const value = numberOf(node.argument);
    return value === undefined ? undefined : { value: -value, node };
  }
  if (node.type !== 'Literal') return undefined;
  if (typeof node.value !== 'number') return { value: node.value as string | boolean | null, node };
  const value = numberOf(node);
  return value === undefined ? undefined : { value, node };
}

/** Digits that a JavaScript number would lose are kept. */
function numberOf(node: Node): number | bigint | undefined {
  if (node.type !== 'Literal' || typeof node.value !== 'number' || !Number.isFinite(node.value))
    return undefined;
  return /^[0-9]+$/.test(node.raw) && !Number.isSafeInteger(node.value) ? BigInt(node.raw) : node.value;
}

/** What stands for a part that has a fault: nothing with a fault is ever evaluated. */
export const NOTHING: Node = { type: 'Literal', value: false, raw: 'false' };

export function literal(value: unknown): Node {
  return { type: 'Literal', value, raw: '' };
}

/** A call of a registered function. */
export function call(name: string, ...args: readonly Node[]): Node {
  return { type: 'CallExpression', callee: { type: 'Identifier', name }, arguments: args };
}
