import type { Model } from 'casbin';
import { NO_FACTS } from '../docker/facts/none.ts';
import { Memory } from '../memory.ts';
import type { Candidates } from './candidates.ts';
import { CONDITION_NOT_MET } from './conditions/compare.ts';
import { Evaluation } from './conditions/evaluation.ts';
import { nearest } from './conditions/finding.ts';
import type { Asked } from './conditions/read.ts';
import type { Approach, Decision, Look, Need, Policy } from './decision.ts';
import type { Grant, Grants } from './grants.ts';
import { type Matcher, openMatcher } from './matcher.ts';
import type { MATCHER_FUNCTIONS } from './model.ts';
import { UNKNOWN_FIELDS } from './operations-column.ts';
import { reasonsOf } from './reasons.ts';
import {
  compileResource,
  coversAll,
  ignoresNames,
  kindsOf,
  type ResourceMatcher,
} from './resource-pattern.ts';
import { Memberships, subjectsOf } from './subjects.ts';
import { unhurried, type Work } from './unhurried.ts';

type Rule = string[];

/** What the policy is to somebody, found out once: none of it depends on a request. */
interface Standing {
  readonly subjects: ReadonlySet<string>;
  /** The grants that are about an operation. */
  readonly reached: Memory<readonly Grant[]>;
  /** Those of them that are about a resource too, by operation and resource. */
  readonly eligible: Memory<Eligible>;
  /** Answers of `isUnlimited` and `mindsNames`, by operation and kind. */
  readonly isUnlimited: Memory<boolean>;
  readonly mindsNames: Memory<boolean>;
  /** By operation, resource and what else a request that says little says. */
  readonly verdicts: Memory<Decision>;
}

/** What Casbin is given to decide over. */
interface Eligible {
  readonly grants: readonly Grant[];
  readonly rules: Rule[];
  /** Whether the condition of each is `true`. */
  readonly isUnconditional: boolean;
}

/** How many resources a principal's verdicts are remembered of. */
const MOST_VERDICTS = 200;
/** A client has a say in what things are called: longer keys are not kept. */
const LONGEST_KEY = 160;

const NO_NEEDS: ReadonlySet<Need> = new Set();

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
  const members = new Memberships(memberships);
  /** By principals, which are frozen and live as long as what proves them. */
  const standings = new WeakMap<Approach['principal'], Standing>();
  const ruleOf = new Map<Grant, Rule>();
  const grantOf = new Map<Rule, Grant>();
  const resources = new Map<string, ResourceMatcher>();
  const operations = new Map<string, ReadonlySet<string>>();
  function* compiling(): Work<void> {
    for (const grant of grants) {
      const { subject, resource, operations: column, effect, covered } = grant;
      const rule = [subject, resource, column, keyOf(grant), effect];
      ruleOf.set(grant, rule);
      grantOf.set(rule, grant);
      if (!resources.has(resource)) resources.set(resource, compileResource(resource));
      operations.set(column, covered);
      yield;
    }
  }
  await unhurried(compiling());
  /** Of whom Casbin is being asked. */
  let tenant = '';
  const evaluation = new Evaluation(new Map(grants.map((grant) => [keyOf(grant), grant.condition])));
  const functions: Record<(typeof MATCHER_FUNCTIONS)[number], (...args: never[]) => boolean> = {
    holds: (subjects: ReadonlySet<string>, subject: string) => subjects.has(subject),
    within: (resource: string, pattern: string) => resources.get(pattern)?.(resource, tenant) === true,
    covers: (operation: string, column: string) => operations.get(column)?.has(operation) === true,
    meets: (key: string, effect: Grant['effect']) => evaluation.meets(key, effect),
  };
  const matcher: Matcher<Rule> = await openMatcher(model, functions);

  return {
    version,
    subjects: (principal) => standingOf(principal).subjects,
    admits: (approach) => decide(known(approach), 'for'),
    decide: (question) => decide(question, 'against'),
    allowsUnknownFields: (approach) => decide(known(approach), 'against', UNKNOWN_FIELDS).effect === 'allow',
    speaksOf: ({ principal, operation }) =>
      reached(standingOf(principal), operation).some(({ effect }) => effect === 'allow'),
    isUnlimited: ({ principal, operation }, kind) => {
      const standing = standingOf(principal);
      return remembered(standing.isUnlimited, `${operation} ${kind}`, () => {
        const of = reached(standing, operation).filter(({ resource }) => mayCover(resource, kind));
        const covers = ({ resource, condition }: Grant): boolean =>
          condition.always && coversAll(resource, kind);
        return of.every(({ effect }) => effect === 'allow') && of.some(covers);
      });
    },
    mindsNames: ({ principal, operation }, kind) => {
      const standing = standingOf(principal);
      return remembered(standing.mindsNames, `${operation} ${kind}`, () =>
        reached(standing, operation).some(
          ({ resource, condition }) =>
            mayCover(resource, kind) && (!ignoresNames(resource) || condition.mentions.has('resource')),
        ),
      );
    },
    looks: (question) => looks('facts' in question ? question : known(question), 'facts' in question),
    mentions: ({ principal, resource, operation }) =>
      new Set(
        matching(eligible(principal, resource, operation.id), principal, resource, operation.id).flatMap(
          ({ condition }) => [...condition.mentions],
        ),
      ),
    needs: ({ principal, resource, operation }) => {
      const about = matching(eligible(principal, resource, operation.id), principal, resource, operation.id);
      return about.every(({ condition }) => condition.needs.size === 0)
        ? NO_NEEDS
        : new Set(about.flatMap(({ condition }) => [...condition.needs]));
    },
  };

  function standingOf(principal: Approach['principal']): Standing {
    const before = standings.get(principal);
    if (before !== undefined) return before;
    const standing: Standing = {
      subjects: members.reach(subjectsOf(principal)),
      reached: new Memory(MOST_VERDICTS),
      eligible: new Memory(MOST_VERDICTS),
      isUnlimited: new Memory(MOST_VERDICTS),
      mindsNames: new Memory(MOST_VERDICTS),
      verdicts: new Memory(MOST_VERDICTS),
    };
    // What may still change is asked for anew.
    if (Object.isFrozen(principal) && Object.isFrozen(principal.roles)) standings.set(principal, standing);
    return standing;
  }

  /** The grants that are about the operation, for whoever asks. */
  function reached(standing: Standing, operation: string): readonly Grant[] {
    return remembered(standing.reached, operation, () => candidates(standing.subjects, operation));
  }

  /** The grants that Casbin looks at. */
  function eligible(principal: Approach['principal'], resource: string, operation: string): Eligible {
    const standing = standingOf(principal);
    return remembered(standing.eligible, `${operation} ${resource}`, () => {
      const about = candidates(
        standing.subjects,
        operation,
        (pattern) => resources.get(pattern)?.(resource, principal.tenant) === true,
      );
      return {
        grants: about,
        rules: about.map((grant) => ruleOf.get(grant) as Rule),
        isUnconditional: about.every(({ condition }) => condition.always),
      };
    });
  }

  /** Those of them that match but for their conditions. */
  function matching(
    { grants: about }: Eligible,
    principal: Approach['principal'],
    resource: string,
    operation: string,
  ): readonly Grant[] {
    const { subjects } = standingOf(principal);
    return about.filter(
      (grant) =>
        subjects.has(grant.subject) &&
        grant.covered.has(operation) &&
        resources.get(grant.resource)?.(resource, principal.tenant),
    );
  }

  /** @param doubt what the conditions make of what can not be told */
  function decide(asked: Asked, doubt: 'for' | 'against', operation = asked.operation.id): Decision {
    try {
      const about = eligible(asked.principal, asked.resource, operation);
      const judged = (): Decision => decideAmong(asked, doubt, about, operation);
      const key = about.isUnconditional ? '' : keyOfQuestion(asked, doubt);
      if (key === undefined) return judged();
      return remembered(
        standingOf(asked.principal).verdicts,
        `${operation}\0${key}\0${asked.resource}`,
        judged,
      );
    } catch {
      const { failed } = evaluation;
      const condition = failed === undefined ? {} : { condition: failed };
      return { effect: 'deny', reason: 'policy-error', ...condition, policyVersion: version };
    }
  }

  function looks(asked: Asked, isWhole: boolean): readonly Look[] {
    const { principal, resource, operation } = asked;
    const doubt = isWhole ? 'against' : 'for';
    return evaluation.during(asked, doubt, () =>
      reached(standingOf(principal), operation.id).map((grant): Look => {
        const { condition, effect, line, subject, operations } = grant;
        const { grant: cited } = citation(grant);
        const covers = resources.get(grant.resource)?.(resource, principal.tenant) === true;
        const told = { line, subject, resource: grant.resource, operations, effect };
        const shown = { ...told, condition: condition.text, grant: cited, covers };
        if (!covers || condition.always) return { ...shown, met: covers ? true : undefined, reasons: [] };
        try {
          const { met, against, favour } = evaluation.finding(keyOf(grant), effect);
          const reasons = effect === 'deny' && met === true ? favour : against;
          return { ...shown, met, reasons: reasonsOf(reasons, cited) };
        } catch {
          return { ...shown, met: undefined, reasons: [] };
        }
      }),
    );
  }

  /** Casbin's verdict. */
  function decideAmong(asked: Asked, doubt: 'for' | 'against', about: Eligible, operation: string): Decision {
    const { principal, resource } = asked;
    tenant = principal.tenant;
    return evaluation.during(asked, doubt, () => {
      const [allowed, rule] = matcher(about.rules, [standingOf(principal).subjects, resource, operation]);
      const grant = rule === undefined ? undefined : grantOf.get(rule);
      return verdict(allowed, grant, () => matching(about, principal, resource, operation));
    });
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

/** What is remembered, or what is made and then remembered. */
function remembered<T>(known: Memory<T>, key: string, make: () => T): T {
  const before = known.get(key);
  if (before !== undefined) return before;
  const made = make();
  if (key.length <= LONGEST_KEY) known.set(key, made);
  return made;
}

/**
 * All that a verdict depends on besides principal, operation and resource, where that is little: conditions are held
 * against a request by functions that know nothing else, the clock included.
 *
 * @returns undefined where the request says more of itself
 */
function keyOfQuestion(asked: Asked, doubt: 'for' | 'against'): string | undefined {
  const { body, facts, query, version, statedReason } = asked;
  if (body !== undefined || (facts !== undefined && facts !== NO_FACTS)) return undefined;
  const told = `${Object.hasOwn(asked, 'body')} ${facts !== undefined}`;
  let key = `${doubt} ${told} ${version} ${statedReason === undefined ? '' : JSON.stringify(statedReason)}`;
  for (const name in query) {
    const value = query[name];
    if (typeof value !== 'string' && typeof value !== 'boolean') return undefined;
    key += ` ${name}=${JSON.stringify(value)}`;
  }
  return key;
}

/** What stands for a grant's condition in Casbin's rules: its text alone may mean two things of two operations. */
function keyOf({ condition, operations }: Grant): string {
  return `${condition.text}\n${operations}`;
}

function mayCover(pattern: string, kind: string): boolean {
  return kindsOf(pattern, new Set([kind])).length > 0;
}

/** Of a request only what is known before its body is read, whatever else came along. */
function known({ principal, resource, operation, version, query, statedReason }: Approach): Asked {
  return { principal, resource, operation, version, query, statedReason };
}
