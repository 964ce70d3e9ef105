import { dropCapabilities } from './drop-capabilities.ts';
import { limitCpus, limitMemory, limitPids } from './limits.ts';
import { mirror } from './mirror.ts';
import type { Mutation } from './mutation.ts';
import { noNewPrivileges } from './no-new-privileges.ts';

/** One entry of `mutations` in the configuration. */
export interface MutationRule {
  /** Subjects as in grants: `role:developer`, `user:alice`, `tenant:red`, `*`. */
  readonly for: readonly string[];
  readonly noNewPrivileges?: boolean | undefined;
  readonly dropCapabilities?: readonly string[] | undefined;
  /** As Docker writes sizes: `512m`, `2g`. */
  readonly memory?: string | undefined;
  readonly cpus?: number | undefined;
  readonly pids?: number | undefined;
  readonly mirrors?: readonly { readonly from: string; readonly to: string }[] | undefined;
}

/**
 * The mutations that hold for somebody: those of every rule that is for one of their subjects, in the rules' order.
 *
 * @returns a function of all that a principal is (`user:...`, `role:...`, ...)
 */
export function compileMutations(
  rules: readonly MutationRule[],
): (subjects: ReadonlySet<string>) => readonly Mutation[] {
  const compiled = rules.map((rule) => ({ subjects: rule.for, mutations: mutationsOf(rule) }));
  return (held) =>
    compiled
      .filter(({ subjects }) => subjects.some((subject) => held.has(subject)))
      .flatMap(({ mutations }) => mutations);
}

function mutationsOf(rule: MutationRule): Mutation[] {
  const mutations: Mutation[] = [];
  if (rule.noNewPrivileges === true) mutations.push(noNewPrivileges);
  if (rule.dropCapabilities !== undefined) mutations.push(dropCapabilities(rule.dropCapabilities));
  if (rule.memory !== undefined) mutations.push(limitMemory(rule.memory));
  if (rule.cpus !== undefined) mutations.push(limitCpus(rule.cpus));
  if (rule.pids !== undefined) mutations.push(limitPids(rule.pids));
  for (const { from, to } of rule.mirrors ?? []) mutations.push(mirror(from, to));
  return mutations;
}
