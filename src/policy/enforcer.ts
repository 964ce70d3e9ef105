import { type Model, newEnforcer } from 'casbin';
import type { Candidates } from './candidates.ts';
import { CONDITION_NOT_MET } from './conditions/compare.ts';
import { Evaluation } from './conditions/evaluation.ts';
import { nearest } from './conditions/finding.ts';
import type { Asked } from './conditions/read.ts';
import type { Approach, Asking, Decision, Need, Policy } from './decision.ts';
import type { Grant, Grants } from './grants.ts';
import type { MATCHER_FUNCTIONS } from './model.ts';
import { UNKNOWN_FIELDS } from './operations-column.ts';
import { reasonsOf } from './reasons.ts';
import { compileResource, everyOf, ignoresNames, kindsOf, type ResourceMatcher } from './resource-pattern.ts';
import { Memberships, subjectsOf } from './subjects.ts';

type Rule = string[];

/**
 * Makes Casbin decide over validated grants. Everything a grant says is compiled when it is loaded, once; a decision
 * parses nothing and awaits nothing.
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
  const resources = new Map<string, ResourceMatcher>();
  const operations = new Map<string, ReadonlySet<string>>();
  for (const grant of grants) {
    const { subject, resource, operations: column, effect, covered } = grant;
    const rule = [subject, resource, column, keyOf(grant), effect];
    ruleOf.set(grant, rule);
    grantOf.set(rule, grant);
    if (!resources.has(resource)) resources.set(resource, compileResource(resource));
    operations.set(column, covered);
  }
  /** Of whom Casbin is being asked. */
  let tenant = '';
  const evaluation = new Evaluation(new Map(grants.map((grant) => [keyOf(grant), grant.condition])));
  const functions: Record<(typeof MATCHER_FUNCTIONS)[number], (...args: never[]) => boolean> = {
    holds: (subjects: ReadonlySet<string>, subject: string) => subjects.has(subject),
    within: (resource: string, pattern: string) => resources.get(pattern)?.(resource, tenant) === true,
    covers: (operation: string, column: string) => operations.get(column)?.has(operation) === true,
    meets: (key: string, effect: Grant['effect']) => evaluation.meets(key, effect),
  };
  for (const [name, body] of Object.entries({ ...evaluation.operators, ...functions })) {
    await enforcer.addFunction(name, body as () => boolean);
  }

  return {
    version,
    subjects: (principal) => members.reach(subjectsOf(principal)),
    admits: (approach) => decide(known(approach), 'for'),
    decide: (question) => decide(question, 'against'),
    allowsUnknownFields: (approach) => decide(known(approach), 'against', UNKNOWN_FIELDS).effect === 'allow',
    speaksOf: (asked) => reached(asked).some(({ effect }) => effect === 'allow'),
    isUnlimited: (asked, kind) => {
      const of = reached(asked).filter(({ resource }) => mayCover(resource, kind));
      const covers = ({ resource, condition }: Grant): boolean =>
        condition.always && resources.get(resource)?.(everyOf(kind), asked.principal.tenant) === true;
      return of.every(({ effect }) => effect === 'allow') && of.some(covers);
    },
    mindsNames: (asked, kind) =>
      reached(asked).some(({ resource }) => mayCover(resource, kind) && !ignoresNames(resource)),
    needs: (approach) => {
      const subjects = members.reach(subjectsOf(approach.principal));
      const needs = matching(subjects, approach, approach.operation.id).flatMap(({ condition }) => [
        ...condition.needs,
      ]);
      return new Set<Need>(needs);
    },
  };

  /** The grants that are about the operation, for whoever asks. */
  function reached({ principal, operation }: Asking): readonly Grant[] {
    return candidates(members.reach(subjectsOf(principal)), operation);
  }

  /** @param doubt what the conditions make of what can not be told */
  function decide(asked: Asked, doubt: 'for' | 'against', operation = asked.operation.id): Decision {
    try {
      const subjects = members.reach(subjectsOf(asked.principal));
      tenant = asked.principal.tenant;
      return evaluation.during(asked, doubt, () => {
        const [allowed, grant] = enforce(subjects, asked.resource, operation);
        return verdict(allowed, grant, () => matching(subjects, asked, operation));
      });
    } catch {
      const { failed } = evaluation;
      const condition = failed === undefined ? {} : { condition: failed };
      return { effect: 'deny', reason: 'policy-error', ...condition, policyVersion: version };
    }
  }

  /** Casbin's verdict over the grants that could match; nothing is awaited between handing them over and the answer. */
  function enforce(
    subjects: ReadonlySet<string>,
    resource: string,
    operation: string,
  ): readonly [boolean, Grant | undefined] {
    const assertion = enforcer.getModel().model.get('p')?.get('p');
    if (assertion === undefined) throw new Error('the model has no policy definition');
    assertion.policy = candidates(subjects, operation).map((grant) => ruleOf.get(grant) as Rule);
    const [allowed, rule] = enforcer.enforceExSync(subjects, resource, operation);
    return [allowed, grantOf.get(rule)];
  }

  /** The grants that match but for their conditions. */
  function matching(
    subjects: ReadonlySet<string>,
    { resource, principal }: Approach,
    operation: string,
  ): readonly Grant[] {
    return candidates(subjects, operation).filter(
      (grant) =>
        subjects.has(grant.subject) &&
        grant.covered.has(operation) &&
        resources.get(grant.resource)?.(resource, principal.tenant),
    );
  }

  function verdict(allowed: boolean, grant: Grant | undefined, others: () => readonly Grant[]): Decision {
    if (!allowed && grant === undefined)
      return notGranted(others().filter(({ effect }) => effect === 'allow'));
    if (grant === undefined || (grant.effect === 'allow') !== allowed) {
      throw new Error('Casbin names another grant than the one that decided');
    }
    const cited = citation(grant);
    if (allowed) return { effect: 'allow', reason: 'granted', ...cited };
    if (grant.condition.always) return { effect: 'deny', reason: 'denied-by-grant', ...cited };
    const { met, against, favour } = evaluation.finding(keyOf(grant), grant.effect);
    const reasons = reasonsOf(met === undefined ? against : favour, cited.grant);
    return { effect: 'deny', reason: 'denied-by-grant', reasons, ...cited };
  }

  function notGranted(matched: readonly Grant[]): Decision {
    const closest = nearest(
      matched.map((grant) => {
        const { grant: cited } = citation(grant);
        return { grant, against: reasonsOf(evaluation.finding(keyOf(grant), grant.effect).against, cited) };
      }),
    );
    if (closest === undefined) return { effect: 'deny', reason: 'not-granted', policyVersion: version };
    const { grant, against: reasons } = closest;
    return { effect: 'deny', reason: reasons[0]?.check ?? CONDITION_NOT_MET, reasons, ...citation(grant) };
  }

  function citation({ line, condition }: Grant) {
    const text = condition.always ? {} : { condition: condition.text };
    return { grant: `${file}:${line}`, ...text, policyVersion: version };
  }
}

/** What stands for a grant's condition in Casbin's rules: its text alone may mean two things of two operations. */
function keyOf({ condition, operations }: Grant): string {
  return `${condition.text}\n${operations}`;
}

function mayCover(pattern: string, kind: string): boolean {
  return kindsOf(pattern, new Set([kind])).length > 0;
}

/** Of a request only what is known before its body is read, whatever else came along. */
function known({ principal, resource, operation, version, query }: Approach): Asked {
  return { principal, resource, operation, version, query };
}
