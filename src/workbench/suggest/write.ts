import { stringify } from 'yaml';
import { DEFAULT_ENGINE } from '../../config/engine-schema.ts';
import type { Recorded } from '../recorded.ts';
import { profileName } from './conditions.ts';
import type { LeftOut, Suggestion } from './suggest.ts';

/** What stands above suggested lines. */
export interface Heading {
  /** When it was made, RFC 3339. */
  readonly at: string;
  /** The period that was looked at, in words. */
  readonly period: string;
  readonly leftOut: LeftOut;
}

/** The lines as they stand in grants.csv. Dangerous ones are comments: who wants them takes the `#` away. */
export function grantsText(lines: readonly Suggestion[], { at, period, leftOut }: Heading): string {
  const left = [...leftOut].sort(([a], [b]) => (a < b ? -1 : 1));
  const head = [
    `# Suggested by \`quaywarden policy suggest\` at ${at}, of what was forwarded (${period}). Read each line before you`,
    '# use it: it grants what was asked for, whoever asked.',
    ...left.map(([why, count]) => `# Not looked at: ${times(count, 'request')} ${why}.`),
    ...(left.length === 0
      ? []
      : ['# What these asked for is not granted here; `quaywarden audit query` shows them.']),
  ];
  let subject = '';
  const body = lines.flatMap((line) => {
    const opening = line.subject === subject ? [] : ['', `# ${line.subject}`];
    subject = line.subject;
    return [...opening, ...lineText(line)];
  });
  return `${[...head, ...body].join('\n')}\n`;
}

function lineText(line: Suggestion): string[] {
  const { danger, resource, text, operations } = line;
  const grant = row(['p', line.subject, resource, [...operations.keys()].join(' '), text, 'allow']);
  if (danger === undefined) return [`# ${seenText(line)}`, grant];
  const whole =
    text === 'true'
      ? ' As it stands the line allows all that the operation can do: give it a condition.'
      : '';
  return [`# DANGEROUS, not granted: ${danger}.${whole} ${seenText(line)}`, `# ${grant}`];
}

/** `12 times from ... to ...: ContainerStart 8, ContainerStop 4` */
function seenText({ operations, seen: { count, first, last } }: Suggestion): string {
  if (count === 0) return 'to see what the lines below and above act on';
  const each = [...operations].filter(([, seen]) => seen > 0);
  const when = first === last ? `at ${seconds(first)}` : `from ${seconds(first)} to ${seconds(last)}`;
  const which = operations.size === 1 ? '' : `: ${each.map(([id, seen]) => `${id} ${seen}`).join(', ')}`;
  return `${times(count, 'request')} ${when}${which}`;
}

function times(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** RFC 3339 without the digits behind the second. */
function seconds(time: string): string {
  return time.replace(/\.\d+Z$/, 'Z');
}

/** After RFC 4180, as policy/csv.ts reads it. */
function row(columns: readonly string[]): string {
  return columns
    .map((column) => (/[",]/.test(column) ? `"${column.replaceAll('"', '""')}"` : column))
    .join(', ');
}

/** The profiles that the lines name and nobody has yet, as YAML to stand under `profiles:`; empty when there are none. */
export function profilesText(lines: readonly Suggestion[], known: { has(name: string): boolean }): string {
  const needed = new Map<string, readonly string[]>();
  for (const { exceptions, danger } of lines) {
    const name = profileName(exceptions);
    if (danger === undefined && exceptions.length > 0 && !known.has(name)) needed.set(name, exceptions);
  }
  return [...needed]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([name, exceptions]) =>
        `  # Of \`quaywarden policy suggest\`: the grants that name it say what is allowed in the place of these checks.\n  ${name}:\n    extends: baseline\n    except: [${exceptions.join(', ')}]\n`,
    )
    .join('');
}

/** One table test, as `quaywarden policy test` reads it. */
export interface SuggestedTest {
  readonly expect: 'allow' | 'deny';
}

/** Tests of the grants: one request that was seen for each operation, and ways onto the host that must be refused. */
export function testsOf(examples: readonly Recorded[], tenants: boolean): readonly SuggestedTest[] {
  const allowed = examples.flatMap((each) => {
    const request = requestOf(each);
    if (request === undefined) return [];
    const there = tenants ? { there: each.resources.filter((name) => /^[a-z]+\/[^/]+\/./.test(name)) } : {};
    return [{ ...whoOf(each), ...request, ...there, expect: 'allow' as const }];
  });
  const principals = new Map(examples.map((each) => [JSON.stringify(whoOf(each)), each]));
  const refused = [...principals.values()].flatMap((each) =>
    HAZARDS.map((body) => {
      const http = `POST /v1.${each.version}/containers/create`;
      return { ...whoOf(each), http, body, expect: 'deny' as const };
    }),
  );
  return [...allowed, ...refused];
}

/** @param of the files that are tested, and whether tenants are told apart; where nothing is said, the configuration's */
export function testsText(tests: readonly SuggestedTest[], of: object = {}): string {
  // What a client wrote is no reference to a variable (config/substitute.ts).
  const plain = (_: unknown, value: unknown): unknown =>
    typeof value === 'string' ? value.replaceAll('${', () => '$${') : value;
  const text = stringify({ ...of, tests }, plain, { lineWidth: 0, aliasDuplicateObjects: false });
  return `# Tests of the suggested grants: \`quaywarden policy test\`.\n${text}`;
}

/** Ways onto the host that no suggestion grants. */
const HAZARDS: readonly object[] = [
  { Image: 'docker.io/library/busybox', HostConfig: { Privileged: true } },
  { Image: 'docker.io/library/busybox', HostConfig: { Binds: ['/:/host'] } },
  { Image: 'docker.io/library/busybox', HostConfig: { PidMode: 'host' } },
];

/** Who asks, and of which Engine. */
function whoOf({ principal: { name, tenant, roles }, engine }: Recorded): object {
  const where = engine === DEFAULT_ENGINE ? {} : { engine };
  return { who: name, tenant, roles: [...roles], ...where };
}

/** The request as it was sent; undefined where its record does not tell all of it. */
function requestOf({ line: { request }, operation, isNamed }: Recorded): object | undefined {
  const { method, path, query, body, bodyDigest } = request;
  const isTold = bodyDigest === null ? operation.body === 'none' : typeof body === 'object';
  const target = query === null ? path : `${path}?${query}`;
  if (!isTold || !isNamed || /hmac-sha256:|\.\.\.|\s/.test(target)) return undefined;
  return { http: `${method} ${target}`, ...(body === undefined ? {} : { body }) };
}
