import { isPrincipalName, isWord } from '../identity/names.ts';
import type { Approach } from './decision.ts';

/** The subject that every principal is. */
export const EVERYBODY = '*';

/** What is wrong with the subject of a grant or the member of a membership; undefined when nothing is. */
export function subjectFault(subject: string): string | undefined {
  if (subject === EVERYBODY) return undefined;
  const [, prefix, name] = /^(user|role|tenant):(.*)$/s.exec(subject) ?? [];
  if (name === undefined) return 'is none of user:NAME, role:NAME, tenant:NAME and *';
  if (name.includes('*')) return 'holds a star; subjects are no patterns, and * alone is everybody';
  if (prefix === 'user') {
    return isPrincipalName(name)
      ? undefined
      : 'names nobody: a name has 1 to 256 visible characters in composed form (NFC)';
  }
  return isWord(name) ? undefined : `names no ${prefix}: letters, digits and ._@:+- only, up to 256`;
}

/** Subjects that a principal is by itself. The prefixes keep one that is called `role:operator` from being that role. */
export function subjectsOf({ name, tenant, roles }: Approach['principal']): string[] {
  return [EVERYBODY, `user:${name}`, `tenant:${tenant}`, ...roles.map((role) => `role:${role}`)];
}

/** `member` holds everything that `role` holds. */
interface Link {
  readonly member: string;
  readonly role: string;
}

/** Who is a member of what, directly and through roles, at any depth. */
export class Memberships {
  readonly #rolesOf = new Map<string, string[]>();

  constructor(links: readonly Link[]) {
    for (const { member, role } of links) {
      const roles = this.#rolesOf.get(member);
      if (roles === undefined) this.#rolesOf.set(member, [role]);
      else roles.push(role);
    }
  }

  /** The subjects themselves, and all that they are members of. */
  reach(subjects: readonly string[]): ReadonlySet<string> {
    const held = new Set(subjects);
    // A set is walked in order of insertion, what is added on the way included.
    for (const subject of held) for (const role of this.#rolesOf.get(subject) ?? []) held.add(role);
    return held;
  }

  /** The first circle that `member` closes through `role`, as the roles on the way; undefined when there is none. */
  circle({ member, role }: Link): readonly string[] | undefined {
    const cameFrom = new Map<string, string | undefined>([[role, undefined]]);
    for (const [at] of cameFrom) {
      if (at === member) return trace(cameFrom, at);
      for (const next of this.#rolesOf.get(at) ?? []) if (!cameFrom.has(next)) cameFrom.set(next, at);
    }
    return undefined;
  }
}

function trace(cameFrom: ReadonlyMap<string, string | undefined>, end: string): string[] {
  const way: string[] = [];
  for (let at: string | undefined = end; at !== undefined; at = cameFrom.get(at)) way.unshift(at);
  return way;
}
