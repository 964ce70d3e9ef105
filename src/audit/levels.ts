import type { Config } from '../config/schema.ts';
import { OPERATIONS } from '../docker/operations.ts';
import type { Operation } from '../docker/types.ts';
import { ConfigError } from '../errors.ts';
import { compileOperations } from '../policy/operations-column.ts';
import { compileResource, resourceFault } from '../policy/resource-pattern.ts';
import { AUDIT_LEVELS, type AuditLevel } from './record.ts';

/** What a level depends on. */
export interface Recorded {
  readonly subjects: ReadonlySet<string>;
  readonly tenant: string;
  readonly operation: Operation;
  /** What it acts on. */
  readonly resource: string;
}

/** How much of a request is recorded. */
export type Levels = (recorded: Recorded) => AuditLevel;

/**
 * Compiles the rules of the configuration. The first that fits decides; where none does, reads are recorded at Metadata and
 * all else at Request.
 *
 * @throws ConfigError naming each fault
 */
export function compileLevels(rules: Config['audit']['rules'], tenants: boolean): Levels {
  const faults: string[] = [];
  const compiled = rules.map(({ level, for: whom, operations, resources }, index) => {
    const named = compileOperations(operations.join(' '), OPERATIONS);
    for (const fault of named.faults) faults.push(`audit.rules[${index}].operations: ${fault}`);
    const patterns = resources.map((pattern) => {
      const fault = resourceFault(pattern, KINDS, tenants);
      if (fault !== undefined) faults.push(`audit.rules[${index}].resources: "${pattern}" ${fault}`);
      return compileResource(pattern);
    });
    return {
      level,
      fits: ({ subjects, tenant, operation, resource }: Recorded): boolean =>
        whom.some((each) => subjects.has(each)) &&
        named.covered.has(operation.id) &&
        patterns.some((matches) => matches(resource, tenant)),
    };
  });
  if (faults.length > 0) throw new ConfigError(faults);
  return (recorded) => {
    const rule = compiled.find(({ fits }) => fits(recorded));
    if (rule !== undefined) return rule.level;
    return recorded.operation.class === 'read' ? 'Metadata' : 'Request';
  };
}

/** The one of two levels at which more is recorded. */
export function higherLevel(one: AuditLevel, other: AuditLevel): AuditLevel {
  return AUDIT_LEVELS.indexOf(one) > AUDIT_LEVELS.indexOf(other) ? one : other;
}

const KINDS: ReadonlySet<string> = new Set(OPERATIONS.map(({ kind }) => kind));
