import { NO_FACTS } from '../../docker/facts/none.ts';
import type { Facts } from '../../docker/facts/types.ts';
import { compileParsed } from '../../policy/conditions/compile.ts';
import type { Finding as Met } from '../../policy/conditions/finding.ts';
import { type Current, createOperators } from '../../policy/conditions/operators.ts';
import type { Roots } from '../../policy/conditions/place.ts';
import type { Asked } from '../../policy/conditions/read.ts';
import { rootShapes } from '../../policy/conditions/shapes.ts';
import { type Node, parseExpression } from '../../policy/conditions/syntax.ts';
import type { Grant, Vocabulary } from '../../policy/grants.ts';

/** A part of a condition that is true or false by itself. */
export interface Atom {
  readonly type: 'atom';
  readonly node: Node;
  readonly evaluate: (asked: Asked, effect: Grant['effect']) => Met;
}

/** A condition as its parts. */
export type Formula =
  | Atom
  | { readonly type: 'all' | 'any'; readonly parts: readonly Formula[] }
  | { readonly type: 'not'; readonly part: Formula };

/** A request, and one that differs from it in nothing but that it does no harm. */
export interface Probe {
  readonly asked: Asked;
  readonly harmless: Asked;
}

/** Takes conditions apart. What compiled when the grant was read compiles here. */
export class Formulas {
  readonly #vocabulary: Vocabulary;
  readonly #roots = new Map<string, Roots>();
  readonly #atoms = new Map<string, Atom>();
  readonly #formulas = new Map<string, Formula>();
  #current: Current = { asked: NOTHING_ASKED, effect: 'allow' };
  readonly #operators = createOperators(() => this.#current);

  constructor(vocabulary: Vocabulary) {
    this.#vocabulary = vocabulary;
  }

  of(grant: Grant): Formula {
    const key = `${grant.condition.text}\n${grant.operations}`;
    let formula = this.#formulas.get(key);
    if (formula === undefined) {
      const parsed = parseExpression(grant.condition.text);
      if (typeof parsed === 'string') throw new Error('a condition that was compiled can not be parsed');
      formula = this.#take(parsed, grant);
      this.#formulas.set(key, formula);
    }
    return formula;
  }

  #take(node: Node, grant: Grant): Formula {
    if (node.type === 'LogicalExpression') {
      const parts: Node[] = [];
      let at: Node = node;
      while (at.type === 'LogicalExpression' && at.operator === node.operator) {
        parts.unshift(at.right);
        at = at.left;
      }
      const type = node.operator === '&&' ? 'all' : 'any';
      return { type, parts: [at, ...parts].map((part) => this.#take(part, grant)) };
    }
    if (node.type === 'UnaryExpression' && node.operator === '!' && node.argument !== false) {
      return { type: 'not', part: this.#take(node.argument, grant) };
    }
    return this.#atom(node, grant);
  }

  #atom(node: Node, { operations, covered }: Grant): Atom {
    const key = `${JSON.stringify(node)}\n${operations}`;
    const known = this.#atoms.get(key);
    if (known !== undefined) return known;
    let roots = this.#roots.get(operations);
    if (roots === undefined) {
      const { catalogue, bodies } = this.#vocabulary;
      const named = catalogue.filter(({ id }) => covered.has(id));
      roots = rootShapes(named.length === 0 ? catalogue : named, bodies);
      this.#roots.set(operations, roots);
    }
    const compiled = compileParsed(node, '', roots, this.#vocabulary);
    const atom: Atom = {
      type: 'atom',
      node,
      evaluate: (asked, effect) => {
        this.#current = { asked, effect };
        return 'condition' in compiled ? compiled.condition.evaluate(this.#operators) : UNKNOWN;
      },
    };
    this.#atoms.set(key, atom);
    return atom;
  }
}

const NOTHING_ASKED: Asked = {
  principal: { name: 'somebody', tenant: 'somebody', roles: [], method: 'certificate' },
  resource: '',
  operation: { id: '', class: '' },
  version: 0,
  query: {},
  facts: NO_FACTS,
};

const UNKNOWN: Met = { met: undefined, against: [], favour: [] };

/** Asks for nothing, by nobody in particular. */
export function askedOf(
  operation: { readonly id: string; readonly class: string },
  facts: Facts,
  body: unknown,
  query: Asked['query'] = {},
): Asked {
  return { ...NOTHING_ASKED, operation, version: 56, facts, body, query };
}

/**
 * Whether a condition can be what is wanted for some request that does the harm of the probe. A part that says the same of
 * the harm and of its absence is about something else, which whoever asks can choose.
 */
export function may(formula: Formula, wanted: boolean, probe: Probe, effect: Grant['effect']): boolean {
  switch (formula.type) {
    case 'not':
      return may(formula.part, !wanted, probe, effect);
    case 'all':
    case 'any': {
      const isEach = (formula.type === 'all') === wanted;
      const is = (part: Formula): boolean => may(part, wanted, probe, effect);
      return isEach ? formula.parts.every(is) : formula.parts.some(is);
    }
    case 'atom':
      return mayBe(formula, wanted, probe, effect);
  }
}

function mayBe(atom: Atom, wanted: boolean, probe: Probe, effect: Grant['effect']): boolean {
  const { node } = atom;
  if (node.type === 'Literal') return node.value === wanted;
  const found = outcome(atom, probe, effect);
  return found === 'free' || found === wanted;
}

type Outcome = 'free' | boolean | undefined;

/** Found out once for each part and probe: grants share them. */
const OUTCOMES = new WeakMap<Atom, Map<string, WeakMap<Probe, { readonly is: Outcome }>>>();

/** What a part is of a request that does the harm; `free` where it is about something else. */
function outcome(atom: Atom, probe: Probe, effect: Grant['effect']): Outcome {
  const byEffect = OUTCOMES.get(atom) ?? new Map<string, WeakMap<Probe, { readonly is: Outcome }>>();
  OUTCOMES.set(atom, byEffect);
  const known = byEffect.get(effect) ?? new WeakMap<Probe, { readonly is: Outcome }>();
  byEffect.set(effect, known);
  const before = known.get(probe);
  if (before !== undefined) return before.is;
  const is = evaluated(atom, probe, effect);
  known.set(probe, { is });
  return is;
}

function evaluated({ evaluate }: Atom, probe: Probe, effect: Grant['effect']): Outcome {
  try {
    const [harm, none] = [evaluate(probe.asked, effect), evaluate(probe.harmless, effect)];
    return harm.met === none.met && same(harm, none) ? 'free' : harm.met;
  } catch {
    // What can not be evaluated denies.
    return effect === 'deny';
  }
}

function same(a: Met, b: Met): boolean {
  const text = ({ against, favour }: Met): string => JSON.stringify([against, favour]);
  return text(a) === text(b);
}

/** The parts of a condition, with whether each is negated. */
export function* atomsOf(
  formula: Formula,
  isNegated = false,
): Generator<{ readonly atom: Atom; readonly isNegated: boolean }> {
  if (formula.type === 'not') yield* atomsOf(formula.part, !isNegated);
  else if (formula.type === 'atom') yield { atom: formula, isNegated };
  else for (const part of formula.parts) yield* atomsOf(part, isNegated);
}
