import { OPERATIONS } from '../../docker/operations.ts';
import { ConfigError } from '../../errors.ts';
import { compileGlob } from '../../policy/glob.ts';
import { compileOperations } from '../../policy/operations-column.ts';
import { compileResource, resourceFault } from '../../policy/resource-pattern.ts';
import type { AuditLine, AuditResource, AuditStage, RequestLine } from '../record.ts';
import { parseTime } from './time.ts';

/** What somebody looks for, as it is written on the command line. */
export interface Wanted {
  readonly principal?: string;
  readonly tenant?: string;
  /** operationIds, globs over them, and `@class`, as in grants. */
  readonly operation?: string;
  /** A pattern of `kind/tenant/name`, as in grants. */
  readonly resource?: string;
  readonly since?: string;
  readonly until?: string;
  readonly effect?: 'allow' | 'deny';
  readonly reason?: string;
  readonly stage?: AuditStage;
  readonly id?: string;
}

export interface Filter {
  /** From when on, included, and until when, excluded: in the log's own form, so that texts can be compared. */
  readonly since: string | undefined;
  readonly until: string | undefined;
  /** Whether more than a time is asked for, which only records of requests can meet. */
  readonly requestsOnly: boolean;
  /** Whether a line is wanted, its time aside. */
  matches(line: AuditLine): boolean;
}

/**
 * @param now milliseconds since 1970, for times such as `2h`
 * @throws ConfigError naming every option that means nothing
 */
export function compileFilter(wanted: Wanted, now: number): Filter {
  const faults: string[] = [];
  const since = timeOf('since', wanted.since, now, faults);
  const until = timeOf('until', wanted.until, now, faults);
  if (since !== undefined && until !== undefined && since >= until)
    faults.push('--since must be before --until');
  const tests = [
    glob(wanted.principal, ({ principal }) => principal?.name),
    glob(wanted.tenant, ({ principal }) => principal?.tenant),
    glob(wanted.reason, ({ decision }) => decision.reason),
    operationTest(wanted.operation, faults),
    resourceTest(wanted.resource, faults),
    wanted.effect === undefined
      ? undefined
      : ({ decision }: RequestLine) => decision.effect === wanted.effect,
    wanted.stage === undefined ? undefined : ({ stage }: RequestLine) => stage === wanted.stage,
    wanted.id === undefined ? undefined : ({ id }: RequestLine) => id === wanted.id,
  ].filter((test) => test !== undefined);
  if (faults.length > 0) throw new ConfigError(faults);
  return {
    since,
    until,
    requestsOnly: tests.length > 0,
    matches: (line) => tests.length === 0 || (line.type === 'request' && tests.every((test) => test(line))),
  };
}

/** `kind/tenant/name`, without the parts that a resource does not have: what patterns are held against. */
export function resourceText({ kind, tenant, name }: AuditResource): string {
  return [kind, tenant, name].filter((part) => part !== null).join('/');
}

type Test = (line: RequestLine) => boolean;

function timeOf(
  edge: 'since' | 'until',
  text: string | undefined,
  now: number,
  faults: string[],
): string | undefined {
  if (text === undefined) return undefined;
  const time = parseTime(text, edge, now);
  if (time === undefined) {
    faults.push(
      `--${edge} ${quote(text)} is no time: write 2026-11-26T14:00:00Z, 2026-11-26, or how long ago, such as 2h or 7d`,
    );
  }
  return time;
}

function glob(pattern: string | undefined, of: (line: RequestLine) => string | undefined): Test | undefined {
  if (pattern === undefined) return undefined;
  const matches = compileGlob(pattern);
  return (line) => {
    const text = of(line);
    return text !== undefined && matches(text);
  };
}

function operationTest(column: string | undefined, faults: string[]): Test | undefined {
  if (column === undefined) return undefined;
  const { covered, faults: found } = compileOperations(column, OPERATIONS);
  faults.push(...found.map((fault) => `--operation: ${fault}`));
  return ({ request }) => request.operation !== null && covered.has(request.operation);
}

function resourceTest(pattern: string | undefined, faults: string[]): Test | undefined {
  if (pattern === undefined) return undefined;
  const fault = resourceFault(pattern, KINDS, true);
  if (fault !== undefined) faults.push(`--resource ${quote(pattern)} ${fault}`);
  const covers = compileResource(pattern);
  return ({ resource, involves, principal }) => {
    const named = resource === null ? involves : [resourceText(resource), ...involves];
    return named.some((text) => covers(text, principal?.tenant ?? ''));
  };
}

const KINDS: ReadonlySet<string> = new Set(
  OPERATIONS.flatMap(({ kind, involves = [], names = [] }) => [kind, ...involves, ...names]),
);

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
