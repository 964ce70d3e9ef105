import { visible } from '../audit/query/table.ts';
import type { Principal } from '../identity/principal.ts';
import type { Look, Reason } from '../policy/decision.ts';
import { OBSERVED } from '../policy/observed.ts';
import { subjectsOf } from '../policy/subjects.ts';
import type { AskedOf, Consideration } from './consider.ts';
import { type Ways, wayText } from './through.ts';

/** What a telling needs besides what was considered. */
export interface Told {
  readonly principal: Principal;
  readonly ways: Ways;
  /** The name under which grants are cited. */
  readonly file: string;
}

/** Why a grant did not come to bear, or that it did. */
export type Part = 'matches' | 'resource' | 'condition' | 'untold';

export function partOf({ covers, met }: Look): Part {
  if (!covers) return 'resource';
  if (met === true) return 'matches';
  return met === false ? 'condition' : 'untold';
}

/** A consideration for people: the verdict, and each grant that was looked at. */
export function tell(of: Consideration, told: Told): string[] {
  return [...tellVerdict(of, told.principal), ...of.asked().flatMap((asked) => tellAsked(asked, told))].map(
    visible,
  );
}

function tellVerdict(of: Consideration, { name, roles, tenant }: Principal): string[] {
  const { api, resources = [], changes = [] } = of.findings;
  const deed =
    api === undefined
      ? 'no known operation'
      : `${api.operation.id} on ${resources.join(', ') || 'nothing yet'}`;
  const who = `${name} (${roles.length === 0 ? 'no role' : `role ${roles.join(', ')}`}, tenant ${tenant})`;
  const isDeciding = of.effect === 'allow' || of.reason === 'denied-by-grant';
  const by = of.grant === null ? '' : isDeciding ? ` by ${of.grant}` : `, nearest is ${of.grant}`;
  const lines = [`${of.effect === 'allow' ? 'ALLOWED' : 'DENIED'}  ${who}: ${deed}  [${of.reason}]${by}`];
  if (of.reason === OBSERVED)
    lines.push(
      '  the policy denies it and is only observed (docs/learning.md): it is recorded, and forwarded',
    );
  if (of.message !== null) lines.push(`  the client gets ${of.status}: ${of.message}`);
  for (const change of changes) lines.push(`  changed before it was judged: ${change}`);
  return lines;
}

/** What the policy was asked once, and what each grant says to it. */
export function tellAsked({ operation, resource, isWhole, decision, looks }: AskedOf, told: Told): string[] {
  const when = isWhole ? '' : ' (before the body is read)';
  const lines = ['', `${operation} on ${resource}${when}: ${decision.effect} [${decision.reason}]`];
  if (looks.length === 0) lines.push(`  no grant is for ${told.principal.name} and ${operation}`);
  for (const look of looks) lines.push(...tellLook(look, told));
  return lines;
}

function tellLook(look: Look, { principal, ways, file }: Told): string[] {
  const part = partOf(look);
  const sign = part === 'matches' ? (look.effect === 'allow' ? '✔' : '✘') : '-';
  const way = ways.to(subjectsOf(principal), look.subject) ?? [];
  const through = way.length === 0 ? '' : `, through ${wayText(way, file)}`;
  const lines = [
    `  ${sign} ${look.grant}  ${look.effect} ${look.subject} ${look.resource} "${look.operations}"${look.condition === 'true' ? '' : ` if ${look.condition}`}`,
    `      ${SENTENCES[part](look)}${through}`,
  ];
  for (const reason of look.reasons) lines.push(...tellReason(reason, look.effect));
  return lines;
}

const SENTENCES: Readonly<Record<Part, (look: Look) => string>> = {
  matches: ({ effect, condition }) =>
    condition === 'true'
      ? `matches, and ${effect === 'allow' ? 'allows' : 'denies'} it`
      : `matches, its condition is met, and it ${effect === 'allow' ? 'allows' : 'denies'}`,
  resource: ({ resource }) => `does not match: the resource is not within ${resource}`,
  condition: ({ effect }) =>
    effect === 'allow'
      ? 'does not allow it: the condition is not met'
      : 'does not deny it: the condition is not met',
  untold: ({ effect }) =>
    effect === 'allow'
      ? 'its condition can not be told from this, which counts against it'
      : 'its condition can not be told from this',
};

function tellReason({ check, field, asks, remedy, profile }: Reason, effect: Look['effect']): string[] {
  const by = profile === undefined ? check : `${check}, profile ${profile}`;
  return [
    `        ${field} ${asks} [${by}]`,
    ...(effect === 'allow' ? [`          would pass: ${remedy}`] : []),
  ];
}

/** The same for machines. */
export function toJson(of: Consideration, told: Told): Record<string, unknown> {
  const { api, resources = [], changes = [] } = of.findings;
  const { principal } = told;
  const { effect, reason, status, message, field, grant, reasons } = of;
  return {
    effect,
    reason,
    grant,
    status,
    message,
    field,
    principal: { name: principal.name, tenant: principal.tenant, roles: principal.roles },
    operation: api?.operation.id ?? null,
    resources,
    changes,
    reasons,
    asked: of.asked().map((each) => askedJson(each, told)),
  };
}

export function askedJson(
  { operation, resource, isWhole, decision, looks }: AskedOf,
  { principal, ways, file }: Told,
): Record<string, unknown> {
  return {
    operation,
    resource,
    when: isWhole ? 'whole' : 'before the body',
    effect: decision.effect,
    reason: decision.reason,
    grants: looks.map((look) => ({
      grant: look.grant,
      effect: look.effect,
      subject: look.subject,
      through: wayText(ways.to(subjectsOf(principal), look.subject) ?? [], file),
      resource: look.resource,
      operations: look.operations,
      condition: look.condition,
      result: partOf(look),
      reasons: look.reasons.map(({ check, field: at, asks, remedy }) => ({ check, field: at, asks, remedy })),
    })),
  };
}
