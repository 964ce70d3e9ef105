import type { Config } from '../config/schema.ts';

/** How a session is recorded. */
export interface RecordingRule {
  /** Whether what the client types is recorded too. */
  readonly input: boolean;
}

/**
 * Compiles `sessions.record`: the first entry that fits decides.
 *
 * @returns a function of an operation and all that a principal is (`user:...`, `role:...`, `*`), which gives undefined
 *   where nothing is recorded
 */
export function compileRules(
  record: Config['sessions']['record'],
): (operation: string, subjects: ReadonlySet<string>) => RecordingRule | undefined {
  return (operation, subjects) => {
    const rule = record.find(
      ({ for: whom, operations }) =>
        (operations as readonly string[]).includes(operation) && whom.some((each) => subjects.has(each)),
    );
    return rule === undefined || rule.skip ? undefined : { input: rule.input };
  };
}
