import { OPERATIONS } from '../../docker/operations.ts';
import { ConfigError } from '../../errors.ts';
import { compileGlob } from '../../policy/glob.ts';
import { compileOperations } from '../../policy/operations-column.ts';
import { compileResource, resourceFault } from '../../policy/resource-pattern.ts';
import type { AuditLine, AuditStage, RequestLine } from '../record.ts';
import { mayTell, Names } from './names.ts';
import { parseTime } from './time.ts';

/** What somebody looks for, as it is written on the command line. */
export interface Wanted {
  readonly principal?: string;
  readonly tenant?: string;
  /** The name of an Engine, where there are several. */
  readonly engine?: string;
  /** operationIds, globs over them, and `@class`, as in grants. */
  readonly operation?: string;
  /** A pattern of `kind/tenant/name`, as in grants. */
  readonly resource?: string;
  readonly since?: string;
  readonly until?: string;
  readonly effect?: 'allow' | 'deny';
  readonly reason?: string;
  /** A glob over what users stated as their reason. */
  readonly statedReason?: string;
  readonly stage?: AuditStage;
  readonly id?: string;
}

export interface Filter {
  /** From when on, included, and until when, excluded: in the log's own form, so that texts can be compared. */
  readonly since: string | undefined;
  readonly until: string | undefined;
  /** Whether more than a time is asked for, which only records of requests can meet. */
  readonly requestsOnly: boolean;
  /** The only stage whose records are wanted. */
  readonly stage: AuditStage | undefined;
  /**
   * Whether a line is wanted, its time aside. Lines are given in the order of the log, as what they tell of names and ids
   * is remembered: those of before the period too, where `mayTell` says so.
   */
  matches(line: AuditLine): boolean;
  /** Whether a line of before the period may have to be known to tell what is wanted; it is looked at unparsed. */
  mayTell(bytes: Buffer): boolean;
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
  const names = wanted.resource === undefined ? undefined : new Names();
  const tests = [
    glob(wanted.principal, ({ principal }) => principal?.name),
    glob(wanted.tenant, ({ principal }) => principal?.tenant),
    glob(wanted.engine, ({ engine }) => engine),
    reasonTest(wanted.reason),
    glob(wanted.statedReason, ({ request }) => request.reason),
    operationTest(wanted.operation, faults),
    resourceTest(wanted.resource, names, faults),
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
    stage: wanted.stage,
    matches: (line) => {
      if (tests.length === 0) return true;
      if (line.type !== 'request') return false;
      names?.learn(line);
      return tests.every((test) => test(line));
    },
    mayTell: (bytes) => names !== undefined && mayTell(bytes),
  };
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

/** The reason id, or one of the checks that kept a grant from allowing; of what was only observed, those too. */
function reasonTest(pattern: string | undefined): Test | undefined {
  if (pattern === undefined) return undefined;
  const matches = compileGlob(pattern);
  return ({ decision }) =>
    [decision, ...(decision.observed === undefined ? [] : [decision.observed])].some(
      ({ reason, reasons }) => matches(reason) || reasons.some(({ check }) => matches(check)),
    );
}

/** As in grants, but that words which only except mean everything but: what was not understood too. */
function operationTest(words: string | undefined, faults: string[]): Test | undefined {
  if (words === undefined) return undefined;
  const each = words.split(/[ \t]+/).filter((word) => word !== '');
  const excepts = each.length > 0 && each.every((word) => word.startsWith('!'));
  const { covered, named, faults: found } = compileOperations(excepts ? `* ${words}` : words, OPERATIONS);
  const unknown = found.filter((fault) => fault.startsWith('"'));
  faults.push(...unknown.map((fault) => `--operation: ${fault}`));
  if (unknown.length === 0 && covered.size === 0 && named.length === 0 && !excepts) {
    faults.push(
      `--operation ${quote(words)} leaves no operation to look for: write operationIds, globs over them or @class; ! in front excepts`,
    );
  }
  return ({ request }) => (request.operation === null ? excepts : covered.has(request.operation));
}

function resourceTest(
  pattern: string | undefined,
  names: Names | undefined,
  faults: string[],
): Test | undefined {
  if (pattern === undefined || names === undefined) return undefined;
  const fault = resourceFault(pattern, KINDS, true);
  if (fault !== undefined) faults.push(`--resource ${quote(pattern)} ${fault}`);
  const covers = compileResource(pattern);
  const begins = ID_BEGINNING.test(pattern) ? compileResource(`${pattern}*`) : undefined;
  return (line) => {
    const tenant = line.principal?.tenant ?? '';
    return names
      .textsOf(line)
      .some((text) => covers(text, tenant) || (HAS_ID.test(text) && begins?.(text, tenant) === true));
  };
}

/** The first digits of an id, at least as many as the table shows. */
const ID_BEGINNING = /\/[0-9a-f]{12,63}$/;
const HAS_ID = /\/[0-9a-f]{12,64}$/;

const KINDS: ReadonlySet<string> = new Set(
  OPERATIONS.flatMap(({ kind, involves = [], names = [] }) => [kind, ...involves, ...names]),
);

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 100));
}
