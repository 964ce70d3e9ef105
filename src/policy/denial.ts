import { Refusal } from '../errors.ts';
import type { Approach, DecisionOn, Reason } from './decision.ts';

/** How many reasons a sentence names; the audit record has them all. */
const MOST_NAMED = 6;

/**
 * The refusal of a request that the policy denies: who may not do what, every reason with the field that says it and
 * what would be accepted, and whom to ask.
 */
export function denied(
  {
    principal,
    operation,
    engine,
  }: Pick<Approach, 'principal' | 'operation'> & {
    /** Which one, where there are several. */
    readonly engine?: string | undefined;
  },
  decision: DecisionOn,
  contact: string | undefined,
  hint?: string,
): Refusal {
  const roles = principal.roles.length === 0 ? 'no role' : `role ${principal.roles.join(', ')}`;
  const where = engine === undefined ? '' : ` of the Engine ${engine}`;
  const deed = `${operation.id} on ${decision.resource.replace(/\/$/, '')}${where}`;
  const ask = `ask ${contact ?? 'the operator of this gateway'}`;
  const subject = `${principal.name} (${roles}) may not do`;
  const [reason, ...more] = decision.reasons ?? [];
  if (reason === undefined) {
    return new Refusal(
      403,
      decision.reason,
      `${subject} ${deed}: ${rule(decision)}; ${hint === undefined ? '' : `${hint}, or `}${ask} for a grant`,
    );
  }
  const sentence = `${subject} this ${deed}: ${named([reason, ...more])}; or ${ask} for a grant`;
  return new Refusal(403, decision.reason, sentence, { field: reason.field });
}

function rule({ reason, grant }: DecisionOn): string {
  switch (reason) {
    case 'denied-by-grant':
      return `${grant ?? 'a grant'} denies it`;
    case 'not-granted':
      return 'no grant allows it';
    default:
      return 'the policy could not be evaluated';
  }
}

/** A reason alone is named at the end of the refusal; several are each named where they stand. */
function named(reasons: readonly Reason[]): string {
  const shown = reasons.slice(0, MOST_NAMED).map(({ check, field, asks, profile, grant, remedy }) => {
    const by = profile === undefined ? `${grant} does not allow` : `the profile ${profile} forbids`;
    const which = reasons.length === 1 ? by : `${by} (${check})`;
    return `${field} ${asks}, which ${which}: ${remedy}`;
  });
  const left = reasons.length - shown.length;
  return `${shown.join('; ')}${left === 0 ? '' : `; and ${left} more, all in the audit record`}`;
}
