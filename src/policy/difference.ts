import { DEFAULT_ENGINE } from '../config/engine-schema.ts';
import type { Grant, Membership } from './grants.ts';
import type { PolicyText } from './load.ts';
import type { Profiles } from './profiles.ts';
import { visible } from './visible.ts';

/** A grant or a membership, as people read it. */
export interface Shown {
  readonly line: number;
  readonly text: string;
}

/** What one policy says and another does not, by what it means: order, comments and ways of writing are left out. */
export interface Difference {
  readonly removed: readonly Shown[];
  readonly added: readonly Shown[];
  /** The same subject and resource with other operations, another condition or another effect. */
  readonly changed: readonly { readonly from: Shown; readonly to: Shown }[];
  /** A sentence for each profile. */
  readonly profiles: readonly string[];
}

/** By the names of Engines, as it is read of files. */
type Side = ReadonlyMap<string, Pick<PolicyText, 'grants' | 'memberships' | 'profiles'>>;

interface Statement extends Shown {
  /** What it means: two statements with the same one can stand for each other. */
  readonly meaning: string;
  /** Whom and what it is about. */
  readonly about: string;
}

/** Compares two policies. */
export function differenceOf(before: Side, after: Side): Difference {
  const [ofBefore, ofAfter] = [statementsOf(before), statementsOf(after)];
  const removed = [...ofBefore.values()].filter(({ meaning }) => !ofAfter.has(meaning));
  const added = new Set([...ofAfter.values()].filter(({ meaning }) => !ofBefore.has(meaning)));
  const byAbout = new Map<string, Statement[]>();
  for (const statement of added)
    byAbout.set(statement.about, [...(byAbout.get(statement.about) ?? []), statement]);
  const changed: { from: Shown; to: Shown }[] = [];
  const gone: Statement[] = [];
  for (const from of removed) {
    const to = byAbout.get(from.about)?.shift();
    if (to === undefined) gone.push(from);
    else {
      added.delete(to);
      changed.push({ from: shown(from), to: shown(to) });
    }
  }
  return {
    removed: byLine(gone),
    added: byLine([...added]),
    changed,
    profiles: profilesBetween(profilesOf(before), profilesOf(after)),
  };
}

/** Whether two policies mean the same. */
export function isSame({ removed, added, changed, profiles }: Difference): boolean {
  return removed.length + added.length + changed.length + profiles.length === 0;
}

/** Each meaning once: who says something twice says it once. */
function statementsOf(side: Side): ReadonlyMap<string, Statement> {
  const found = new Map<string, Statement>();
  const enginesAt = new Map<number, string[]>();
  for (const [engine, { grants }] of side) {
    for (const { line } of grants) enginesAt.set(line, [...(enginesAt.get(line) ?? []), engine]);
  }
  // A line that is for several Engines is read of each.
  for (const { grants, memberships } of side.values()) {
    const ofGrants = grants.map((grant) => ofGrant(grant, enginesAt.get(grant.line) ?? []));
    for (const statement of [...ofGrants, ...memberships.map(ofMembership)])
      if (!found.has(statement.meaning)) found.set(statement.meaning, statement);
  }
  return found;
}

/** @param engines those that it is for: one, or all */
function ofGrant(
  { line, subject, resource: pattern, operations, condition, effect, covered }: Grant,
  engines: readonly string[],
): Statement {
  const [engine = DEFAULT_ENGINE, another] = engines;
  const on = another !== undefined ? 'engine/*/' : engine === DEFAULT_ENGINE ? '' : `engine/${engine}/`;
  const resource = `${on}${pattern}`;
  const text = ['p', subject, resource, operations, condition.text, effect].join(', ');
  const about = JSON.stringify(['p', subject, resource]);
  const meaning = JSON.stringify([about, [...covered].sort(), condition.text.trim(), effect]);
  return { line, text: visible(text), meaning, about };
}

function ofMembership({ line, member, role }: Membership): Statement {
  const about = JSON.stringify(['g', member, role]);
  return { line, text: visible(['g', member, role].join(', ')), meaning: about, about };
}

/** Without what only comparing needs. */
function byLine(statements: readonly Statement[]): Shown[] {
  return statements.map(shown).sort((a, b) => a.line - b.line);
}

function shown({ line, text }: Shown): Shown {
  return { line, text };
}

/** Those of all Engines. */
function profilesOf(side: Side): Profiles {
  return side.values().next().value?.profiles ?? new Map();
}

function profilesBetween(before: Profiles, after: Profiles): string[] {
  const idsOf = (profiles: Profiles, name: string): ReadonlySet<string> | undefined => {
    const profile = profiles.get(name);
    return profile === undefined ? undefined : new Set(profile.checks.map(({ id }) => id));
  };
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((name) => {
    const [was, is] = [idsOf(before, name), idsOf(after, name)];
    if (was === undefined) return [`profile ${name} is new`];
    if (is === undefined) return [`profile ${name} is gone`];
    const less = [...was].filter((id) => !is.has(id));
    const more = [...is].filter((id) => !was.has(id));
    const said = [
      ...(less.length === 0 ? [] : [`no longer checks ${less.join(', ')}`]),
      ...(more.length === 0 ? [] : [`checks ${more.join(', ')} too`]),
    ];
    return said.length === 0 ? [] : [`profile ${name} ${said.join(' and ')}`];
  });
}
