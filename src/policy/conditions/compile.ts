import expressions from '@casbin/expression-eval';
import type { Need } from '../decision.ts';
import type { World } from '../functions/function.ts';
import { Draft } from './draft.ts';
import type { Finding } from './finding.ts';
import { lowerCondition } from './lower.ts';
import type { Operators } from './operators.ts';
import type { Roots } from './place.ts';
import { type Node, parseExpression } from './syntax.ts';

/** A condition, ready to be evaluated any number of times. */
export interface Condition {
  readonly text: string;
  /** Whether it is `true`: there is nothing to evaluate. */
  readonly always: boolean;
  /** What it wants to know that has to be read first. */
  readonly needs: ReadonlySet<Need>;
  /** What of a request it speaks of: `facts`, `body`, `query.NAME`, `principal`, ... */
  readonly mentions: ReadonlySet<string>;
  /** Whether it speaks of what is known only once the body is read. */
  readonly ofBody: boolean;
  /** @throws TypeError when values are compared that can not be */
  evaluate(operators: Operators): Finding;
}

export type Compiled = { readonly condition: Condition } | { readonly faults: readonly string[] };

type Expression = Parameters<typeof expressions.eval>[0];

/**
 * Compiles a condition: parsed by Casbin's expression library, checked against what there is to speak about, and
 * rewritten so that nothing is left in it but calls of registered functions over literals. What the library then
 * evaluates has no members, no operators and no names of the condition's own.
 *
 * @param roots what each name under `r` is, for the operations of the grant
 */
export function compileCondition(text: string, roots: Roots, world: World): Compiled {
  const parsed = parseExpression(text);
  return typeof parsed === 'string' ? { faults: [parsed] } : compileParsed(parsed, text, roots, world);
}

/** The same of a condition, or a part of one, that is parsed already. */
export function compileParsed(parsed: Node, text: string, roots: Roots, world: World): Compiled {
  const draft = new Draft(roots, world);
  const program = lowerCondition(parsed, draft) as unknown as Expression;
  const { faults, needs, mentions, ofBody } = draft;
  if (faults.length > 0) return { faults: [...new Set(faults)] };
  const always = parsed.type === 'Literal' && parsed.value === true;
  const evaluate = (operators: Operators): Finding => expressions.eval(program, operators) as Finding;
  return { condition: { text, always, needs, mentions, ofBody, evaluate } };
}
