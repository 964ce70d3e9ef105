import type { Decision } from '../../../src/policy/decision.ts';
import { ask, faultsOf, policyOf, type What } from '../support.ts';

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

/** What is wrong with a condition, without the place. */
export async function faultsIn(condition: string, operations = 'ContainerCreate'): Promise<string[]> {
  const faults = await faultsOf(`p, *, **, ${operations}, ${column(condition)}, allow\n`);
  return faults.map((fault) => fault.replace(/^grants\.csv:1: the condition /, ''));
}
