import type { Grant } from '../../policy/grants.ts';
import { ignoresNames } from '../../policy/resource-pattern.ts';
import { EVERYBODY } from '../../policy/subjects.ts';
import type { LintContext } from './context.ts';
import { coversPattern } from './cover.ts';
import type { Found } from './finding.ts';
import { atomsOf, type Formula } from './formula.ts';

/** Functions that are met by whatever does not offend: in a denial they are to be negated. */
const WITHIN = /^(?:satisfies|\w+(?:Within|From|AtMost))$/;
/** Functions whose limit holds when a container is made, and can be changed afterwards. */
const LIMITS = new Set(['memoryAtMost', 'cpusAtMost', 'pidsAtMost']);
/** Kinds whose objects answer to a name and to an id. */
const TWO_NAMED = /^(?:container|network|service|secret|config)\//;

/** What is not wrong and hardly meant. */
export function hints(context: LintContext): Found[] {
  return [
    ...context.grants.flatMap((grant) => [
      ...denialHints(grant, context),
      ...conditionHints(grant, context),
      ...idleExclusions(grant, context),
    ]),
    ...membershipHints(context),
    ...subjectHints(context),
  ];
}

function denialHints(grant: Grant, { hasTenants, formulas }: LintContext): Found[] {
  const { effect, resource, line, subject, condition } = grant;
  if (effect !== 'deny') return [];
  const found: Found[] = [];
  if (subject === EVERYBODY && condition.always && grant.resource === '**' && /^\*$/.test(grant.operations)) {
    found.push({ id: 'denies-all', line, sentence: 'it denies everything to everybody: no request passes' });
  }
  if (!hasTenants && TWO_NAMED.test(resource) && !ignoresNames(resource)) {
    found.push({
      id: 'name-is-no-identity',
      line,
      sentence: `whoever may act on other objects passes this denial by the id of what ${resource} names; deny all of the kind and allow by name, or tell tenants apart (docs/tenancy.md)`,
    });
  }
  if (condition.always) return found;
  for (const { atom, isNegated } of atomsOf(formulas.of(grant))) {
    const name = functionOf(atom.node);
    if (name === undefined || isNegated || !WITHIN.test(name)) continue;
    found.push({
      id: 'deny-not-negated',
      line,
      sentence: `${name} is met by what does not offend, so this denies harmless requests and lets others pass: write !${name}(...)`,
    });
    break;
  }
  return found;
}

function conditionHints(grant: Grant, context: LintContext): Found[] {
  const { condition, line, effect, subject } = grant;
  if (condition.always) return [];
  const formula = context.formulas.of(grant);
  if (isNever(formula)) {
    const verb = effect === 'allow' ? 'allows' : 'denies';
    return [{ id: 'never-met', line, sentence: `its condition can not be met: it ${verb} nothing` }];
  }
  if (effect !== 'allow' || !context.does(grant, 'ContainerCreate')) return [];
  const limits = [...atomsOf(formula)].flatMap(({ atom, isNegated }) => {
    const name = functionOf(atom.node);
    return name !== undefined && !isNegated && LIMITS.has(name) ? [name] : [];
  });
  if (limits.length === 0) return [];
  for (const reached of context.reach(subject)) {
    for (const other of context.bySubject.get(reached) ?? []) {
      if (other.effect !== 'allow' || !context.does(other, 'ContainerUpdate')) continue;
      const has = other.condition.always
        ? new Set<string | undefined>()
        : new Set([...atomsOf(context.formulas.of(other))].map(({ atom }) => functionOf(atom.node)));
      const missing = limits.filter((name) => !has.has(name));
      if (missing.length === 0) continue;
      const sentence = `line ${other.line} lets it change containers by ContainerUpdate without ${missing.join(', ')}: the limit can be raised once the container is made`;
      return [{ id: 'limit-can-be-raised', line, sentence }];
    }
  }
  return [];
}

/** Whether a condition can not be met whatever is asked: it says false, or a thing and its opposite. */
function isNever(formula: Formula): boolean {
  switch (formula.type) {
    case 'atom':
      return formula.node.type === 'Literal' && formula.node.value === false;
    case 'not':
      return (
        formula.part.type === 'atom' &&
        formula.part.node.type === 'Literal' &&
        formula.part.node.value === true
      );
    case 'any':
      return formula.parts.every(isNever);
    case 'all': {
      const said = new Set(formula.parts.map((part) => JSON.stringify(part)));
      const isTorn = formula.parts.some((part) => part.type === 'not' && said.has(JSON.stringify(part.part)));
      return isTorn || formula.parts.some(isNever);
    }
  }
}

function functionOf(node: { readonly type: string }): string | undefined {
  const { type, callee } = node as { readonly type: string; readonly callee?: { readonly name?: string } };
  return type === 'CallExpression' ? callee?.name : undefined;
}

/** Exclusions that take nothing away from what the words before them name. */
function idleExclusions({ operations, line }: Grant, { vocabulary }: LintContext): Found[] {
  if (!operations.includes('!')) return [];
  const words = operations.split(/[ \t]+/);
  const named = words.filter((word) => !word.startsWith('!'));
  return words.flatMap((word) => {
    if (!word.startsWith('!')) return [];
    const excluded = idsOf(word.slice(1), vocabulary.catalogue);
    const isIdle = excluded.every(
      (id) => !named.some((each) => idsOf(each, vocabulary.catalogue).includes(id)),
    );
    if (!isIdle) return [];
    return [
      { id: 'idle-exclusion' as const, line, sentence: `${word} excludes nothing that the other words name` },
    ];
  });
}

function idsOf(word: string, catalogue: LintContext['vocabulary']['catalogue']): readonly string[] {
  if (word.startsWith('@'))
    return catalogue.filter((each) => each.class === word.slice(1)).map(({ id }) => id);
  return catalogue.filter(({ id }) => coversPattern(word, id)).map(({ id }) => id);
}

function membershipHints({ memberships }: LintContext): Found[] {
  const seen = new Map<string, number>();
  return memberships.flatMap(({ line, member, role }) => {
    const key = `${member}\n${role}`;
    const before = seen.get(key);
    if (before === undefined) {
      seen.set(key, line);
      return [];
    }
    return [{ id: 'duplicate' as const, line, sentence: `it says what line ${before} says` }];
  });
}

/** What is missing of what a subject is granted, told at its first grant. */
function subjectHints(context: LintContext): Found[] {
  const found: Found[] = [];
  for (const [subject, own] of context.bySubject) {
    const [first] = own.filter(({ effect }) => effect === 'allow');
    if (first === undefined) continue;
    const reached = [...context.reach(subject)];
    const allows = (id: string): Grant | undefined => {
      for (const each of reached) {
        const grant = context.bySubject.get(each)?.find((g) => g.effect === 'allow' && context.does(g, id));
        if (grant !== undefined) return grant;
      }
      return undefined;
    };
    const exec = own.find((grant) => grant.effect === 'allow' && context.does(grant, 'ContainerExec'));
    if (exec !== undefined && allows('ExecStart') === undefined) {
      const sentence =
        'docker exec is ContainerExec on the container and then ExecStart on exec/-/ID, which no line allows';
      found.push({ id: 'half-exec', line: exec.line, sentence });
    }
    if (allows('SystemPing') === undefined && allows('SystemPingHead') === undefined) {
      const sentence = `nothing lets ${subject} ask for /_ping, which clients do first: grant SystemPing* on engine, unless another role does`;
      found.push({ id: 'no-ping', line: first.line, sentence });
    }
  }
  return found;
}
