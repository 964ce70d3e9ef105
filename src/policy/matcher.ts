import { Enforcer, type Model } from 'casbin';

/** Casbin's verdict over the rules that it is handed, and the rule that decided. */
export type Matcher<Rule extends string[]> = (
  rules: Rule[],
  request: readonly unknown[],
) => readonly [allowed: boolean, decided: Rule | undefined];

type Functions = Readonly<Record<string, (...args: never[]) => boolean>>;

/**
 * A Casbin enforcer that knows the functions of the matcher and no others: it copies all that it knows for each rule
 * that it looks at, and the ones it is born with (`keyMatch`, `regexMatch` and more) are half of what a decision costs.
 */
class BareEnforcer extends Enforcer {
  /** @param functions what the matcher may call */
  async open(model: Model, functions: Functions): Promise<void> {
    await this.initWithModelAndAdapter(model);
    this.fm.getFunctions().clear();
    for (const [name, body] of Object.entries(functions)) this.fm.addFunction(name, body as () => boolean);
  }

  get rules(): { policy: string[][] } {
    const assertion = this.getModel().model.get('p')?.get('p');
    if (assertion === undefined) throw new Error('the model has no policy definition');
    return assertion;
  }
}

/**
 * @param model of which the sections are validated, without policies
 * @param functions what its matcher calls
 */
export async function openMatcher<Rule extends string[]>(
  model: Model,
  functions: Functions,
): Promise<Matcher<Rule>> {
  const enforcer = new BareEnforcer();
  await enforcer.open(model, functions);
  const { rules: assertion } = enforcer;
  // Nothing is awaited between handing over the rules and the answer.
  return (rules, request) => {
    assertion.policy = rules;
    const [allowed, rule] = enforcer.enforceExSync(...request);
    return [allowed, rule.length === 0 ? undefined : (rule as Rule)];
  };
}
