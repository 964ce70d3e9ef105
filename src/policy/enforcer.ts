import { type Model, newEnforcer } from 'casbin';
import type { Candidates } from './candidates.ts';
import type { Approach, Decision, Policy } from './decision.ts';
import { compileGlob } from './glob.ts';
import type { Grant, Grants } from './grants.ts';
import { MATCHER_FUNCTIONS } from './model.ts';
import { Memberships, subjectsOf } from './subjects.ts';

type Rule = string[];

/**
 * Makes Casbin decide over validated grants. Everything a grant says is compiled here, once; a decision parses
 * nothing and awaits nothing.
 *
 * @param model of which the sections are validated, without policies
 * @param candidates which grants Casbin is given to decide over
 * @param name `file`: under which a decision cites a grant, e.g. `grants.csv`; `version`: of the policy
 */
export async function createPolicy(
  model: Model,
  { grants, memberships }: Pick<Grants, 'grants' | 'memberships'>,
  candidates: Candidates,
  { file, version }: { readonly file: string; readonly version: string },
): Promise<Policy> {
  const enforcer = await newEnforcer(model);
  const members = new Memberships(memberships);
  const ruleOf = new Map<Grant, Rule>();
  const grantOf = new Map<Rule, Grant>();
  const resources = new Map<string, (text: string) => boolean>();
  const operations = new Map<string, ReadonlySet<string>>();
  for (const grant of grants) {
    const { subject, resource, operations: column, condition, effect, covered } = grant;
    const rule = [subject, resource, column, condition, effect];
    ruleOf.set(grant, rule);
    grantOf.set(rule, grant);
    if (!resources.has(resource)) resources.set(resource, compileGlob(resource));
    operations.set(column, covered);
  }
  const functions: Record<(typeof MATCHER_FUNCTIONS)[number], (...args: never[]) => boolean> = {
    holds: (subjects: ReadonlySet<string>, subject: string) => subjects.has(subject),
    within: (resource: string, pattern: string) => resources.get(pattern)?.(resource) === true,
    covers: (operation: string, column: string) => operations.get(column)?.has(operation) === true,
  };
  for (const name of MATCHER_FUNCTIONS) await enforcer.addFunction(name, functions[name] as () => boolean);

  /** Casbin's verdict over the grants that could match; nothing is awaited between handing them over and the answer. */
  const enforce = ({ principal, resource, operation }: Approach): [boolean, Grant | undefined] => {
    const subjects = members.reach(subjectsOf(principal));
    const assertion = enforcer.getModel().model.get('p')?.get('p');
    if (assertion === undefined) throw new Error('the model has no policy definition');
    assertion.policy = candidates(subjects, operation.id).map((grant) => ruleOf.get(grant) as Rule);
    const [allowed, rule] = enforcer.enforceExSync(subjects, resource, operation.id);
    return [allowed, grantOf.get(rule)];
  };

  return {
    version,
    subjects: (principal) => members.reach(subjectsOf(principal)),
    decide,
    admits: decide,
    allowsUnknownFields: () => false,
    needs: () => new Set(),
  };

  function decide(question: Approach): Decision {
    try {
      return verdict(...enforce(question));
    } catch {
      return { effect: 'deny', reason: 'policy-error', policyVersion: version };
    }
  }

  function verdict(allowed: boolean, grant: Grant | undefined): Decision {
    if (!allowed && grant === undefined)
      return { effect: 'deny', reason: 'not-granted', policyVersion: version };
    if (grant === undefined || (grant.effect === 'allow') !== allowed) {
      throw new Error('Casbin names another grant than the one that decided');
    }
    const cited = { grant: `${file}:${grant.line}`, policyVersion: version };
    return allowed
      ? { effect: 'allow', reason: 'granted', ...cited }
      : { effect: 'deny', reason: 'denied-by-grant', ...cited };
  }
}
