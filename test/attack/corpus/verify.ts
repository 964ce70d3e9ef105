import { printable } from '../../../src/audit/printable.ts';
import type { RequestLine } from '../../../src/audit/record.ts';
import { resourceText } from '../../support/audit.ts';
import { BOBS_WORDS, IDS } from '../../support/fake-inventory.ts';
import { messageOf } from '../../support/front-door.ts';
import { type Answer, readAnswer } from '../../support/http.ts';
import { type Case, type Forwarded, isForwarded, type Persona, type Refused, type Verdict } from './case.ts';
import type { Observed } from './observe.ts';
import { nameOf, tenantOf } from './persona.ts';

/**
 * What is not as the case wants it: the answer, the records (exactly one verdict for each request), and the bytes
 * that the Engine received. Empty when all is.
 */
export function faultsOf(each: Case, observed: Observed): string[] {
  const { as = 'alice' } = each;
  const faults = new Faults(observed.attempt.name);
  const verdicts = each.verdicts.map((verdict) => forAttempt(verdict, observed));
  const exchanges = byRequest(observed.records);
  faults.same('requests that were recorded', exchanges.length, verdicts.length);
  let rest = observed.replies;
  for (const [index, verdict] of verdicts.entries()) {
    const records = exchanges[index] ?? [];
    const answer = isForwarded(verdict) || verdict.answered ? takeAnswer(rest, methodOf(records)) : undefined;
    rest = answer?.rest ?? rest;
    if (isForwarded(verdict)) checkForwarded(faults, verdict, answer, records);
    else checkRefused(faults, verdict, answer, records);
    checkPrincipal(faults, !isForwarded(verdict) && verdict.anonymous ? null : as, records);
  }
  checkReceived(faults, verdicts, observed.received, each.asks);
  checkTold(faults, each, observed);
  if (each.secret !== undefined) {
    const told = JSON.stringify(observed.records) + observed.replies;
    faults.same('the secret is told', told.includes(each.secret), false);
  }
  return faults.all;
}

class Faults {
  readonly all: string[] = [];
  readonly #name: string;

  constructor(name: string) {
    this.#name = name === '' ? '' : `${name}: `;
  }

  same(what: string, got: unknown, wanted: unknown): void {
    const [is, should] = [JSON.stringify(got), JSON.stringify(wanted)];
    if (is !== should) this.all.push(`${this.#name}${what}: ${is}, not ${should}`);
  }
}

function forAttempt(verdict: Verdict, { attempt: { field, received, message } }: Observed): Verdict {
  if (isForwarded(verdict)) return received === undefined ? verdict : { ...verdict, received };
  const own = { ...(field === undefined ? {} : { field }), ...(message === undefined ? {} : { message }) };
  return { ...verdict, ...own };
}

/** What is bob's and was not in the request itself is nowhere in the answer to somebody of another tenant. */
function checkTold(faults: Faults, each: Case, { sent, replies }: Observed): void {
  const { as = 'alice', answer: { has = [], lacks = [] } = {} } = each;
  faults.same(
    'what the answer does not say',
    has.filter((text) => !replies.includes(text)),
    [],
  );
  const said = `${sent} ${sent.replaceAll('%2F', '/').replaceAll('%3A', ':')}`;
  const bobs = each.tenants === undefined || as === null || tenantOf(as) !== 'team-a' ? [] : BOBS;
  const told = [...lacks, ...bobs.filter((text) => !said.includes(text))];
  faults.same(
    'what the answer tells',
    told.filter((text) => replies.includes(text)),
    [],
  );
}

const BOBS: readonly string[] = [
  ...BOBS_WORDS,
  ...Object.values(IDS).filter((id) => id.startsWith('b0') || id.startsWith('sha256:b0')),
  ...['bobc', 'bobv', 'bobn', 'bobgone', 'team-b', 'bob/app', 'trojanc', 'oldc', 'oldvolume'],
];

/** Records by the id of their request, in the order of arrival. */
function byRequest(records: readonly RequestLine[]): RequestLine[][] {
  const requests = new Map<string, RequestLine[]>();
  for (const record of records) requests.set(record.id, [...(requests.get(record.id) ?? []), record]);
  return [...requests.values()];
}

function checkRefused(
  faults: Faults,
  verdict: Refused,
  answer: Answer | undefined,
  records: readonly RequestLine[],
): void {
  const { status, reason, field, operation, checks, answered, resource, message } = verdict;
  const [record] = records;
  const decision = record?.decision;
  const outcome = `${decision?.effect} ${decision?.reason} ${record?.request.operation}`;
  faults.same(
    'verdict',
    [record?.stage, outcome, records.length],
    ['refused', `deny ${reason} ${operation}`, 1],
  );
  if (faults.all.length > 0) return;
  if (field !== undefined) faults.same('field', decision?.field, field);
  if (resource !== undefined) faults.same('resource', resourceText(record?.resource), resource);
  if (message !== undefined) faults.same('sentence', decision?.message, message);
  if (checks !== undefined)
    faults.same(
      'checks',
      decision?.reasons.map(({ check }) => check),
      checks,
    );
  if (!answered) return;
  faults.same('status', [answer?.status, record?.outcome?.status], [status, status]);
  faults.same('request id', answer?.header('quaywarden-request-id'), [record?.id]);
  if (answer !== undefined && record?.request.method !== 'HEAD') {
    faults.same('message', messageIn(answer, reason), decision?.message);
  }
}

function checkForwarded(
  faults: Faults,
  { operation, resource, involves, status = 200 }: Forwarded,
  answer: Answer | undefined,
  records: readonly RequestLine[],
): void {
  const [record] = records;
  const outcome = `${record?.decision.effect} ${record?.decision.reason} ${record?.request.operation}`;
  const stages = records.map(({ stage }) => stage);
  faults.same('verdict', [stages, outcome], [['decision', 'complete'], `allow granted ${operation}`]);
  if (faults.all.length > 0) return;
  faults.same('a grant is named', /^grants\.csv:\d+$/.test(record?.decision.grant ?? ''), true);
  if (resource !== undefined) faults.same('resource', resourceText(record?.resource), resource);
  if (involves !== undefined) faults.same('what it names', record?.involves, involves);
  faults.same('status', answer?.status, status);
}

function checkPrincipal(faults: Faults, wanted: Persona | null, records: readonly RequestLine[]): void {
  const tenant = wanted === null ? undefined : tenantOf(wanted);
  for (const { principal } of records) {
    const name = wanted === null ? undefined : nameOf(wanted);
    faults.same('principal', [principal?.name, principal?.tenant], [name, tenant]);
  }
}

/** The Engine has received all that is forwarded, each once, and nothing else. */
function checkReceived(
  faults: Faults,
  verdicts: readonly Verdict[],
  received: readonly string[],
  asked: string | readonly string[] = [],
): void {
  const forwarded = verdicts.filter(isForwarded).map((verdict) => verdict.received);
  let rest = received.join('');
  for (const bytes of [...(typeof asked === 'string' ? [asked] : asked), ...forwarded]) {
    const wanted = Buffer.from(bytes).toString('latin1');
    const at = rest.indexOf(wanted);
    if (at === -1) faults.same('what the Engine received', rest, wanted);
    else rest = rest.slice(0, at) + rest.slice(at + wanted.length);
  }
  faults.same('what else the Engine received', rest, '');
}

/** The sentence that the client read, as the audit log writes it. */
function messageIn(answer: Answer, reason: string): string {
  const text = messageOf({ ...answer, body: Buffer.from(answer.body, 'latin1').toString() });
  const [begin, end] = ['quaywarden: ', ` [${reason}]`];
  return text.startsWith(begin) && text.endsWith(end)
    ? printable(text.slice(begin.length, -end.length), 1_024)
    : text;
}

function takeAnswer(replies: string, method: string): Answer | undefined {
  try {
    return readAnswer(replies, method);
  } catch {
    return undefined;
  }
}

function methodOf(records: readonly RequestLine[]): string {
  return records[0]?.request.method ?? 'GET';
}
