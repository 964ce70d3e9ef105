import { ConfigError } from '../../../src/errors.ts';
import type { Decision } from '../../../src/policy/decision.ts';
import { ask, policyOf, type What } from '../support.ts';

/** A text as a column of grants.csv. */
export function column(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** What becomes of a request under one grant with this condition. */
export async function allowedBy(
  condition: string,
  what: What = {},
  id = 'ContainerCreate',
): Promise<Decision> {
  const policy = await policyOf(`p, user:alice, **, ${id}, ${column(condition)}, allow\n`);
  return ask(policy, {}, id, 'container/-/web', what);
}

/** What becomes of a request that everything allows but one grant with this condition. */
export async function deniedBy(
  condition: string,
  what: What = {},
  id = 'ContainerCreate',
): Promise<Decision> {
  const policy = await policyOf(
    `p, *, **, *, true, allow\np, user:alice, **, ${id}, ${column(condition)}, deny\n`,
  );
  return ask(policy, {}, id, 'container/-/web', what);
}

/** What is wrong with a condition, without the place; nothing where it is loaded. */
export async function faultsIn(condition: string, operations = 'ContainerCreate'): Promise<string[]> {
  try {
    await policyOf(`p, *, **, ${operations}, ${column(condition)}, allow\n`);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults.map((fault) => fault.replace(/^\S+grants-\d+\.csv:1: the condition /, ''));
  }
}
