import type { Violation } from '../checks/check.ts';

/** A violation, with the profile that it was found by. */
export interface Complaint extends Violation {
  readonly profile?: string;
}

/** What became of a condition, or of a part of one. */
export interface Finding {
  /** Undefined where it can not be told: counts against the request, in whatever it stands. */
  readonly met: boolean | undefined;
  /** What keeps it from being met; not empty unless it is met. */
  readonly against: readonly Complaint[];
  /** What makes it met: why a denial's condition holds, or a negated one does not; not empty when it is met. */
  readonly favour: readonly Complaint[];
}

/** Met when all are. All of them are looked at, so that a refusal names every reason. */
export function all(...findings: readonly Finding[]): Finding {
  const lacking = findings.filter(({ met }) => met !== true);
  return {
    met: lacking.length === 0 ? true : lacking.some(({ met }) => met === false) ? false : undefined,
    against: lacking.flatMap(({ against }) => against),
    favour: findings.flatMap(({ favour }) => favour),
  };
}

/** Met when one is; what is nearest to being met is what keeps it from that. */
export function any(...findings: readonly Finding[]): Finding {
  const meeting = findings.filter(({ met }) => met === true);
  if (meeting.length > 0) return { met: true, against: [], favour: meeting.flatMap(({ favour }) => favour) };
  const unknown = findings.some(({ met }) => met === undefined);
  return { met: unknown ? undefined : false, against: nearest(findings)?.against ?? [], favour: [] };
}

/** What can not be told can not be told the other way round either. */
export function not({ met, against, favour }: Finding): Finding {
  if (met === undefined) return { met, against, favour: [] };
  return met ? { met: false, against: favour, favour: [] } : { met: true, against: [], favour: against };
}

/** What no change of the request changes. */
const GIVEN = /^(?:principal\.\w+|operation|resource|version)(?:\[|$)/;

/**
 * What is nearest to being met: that with the fewest complaints, the first of several. What minds who asks, or in
 * which version, comes after all that the client could put right.
 */
export function nearest<T extends Pick<Finding, 'against'>>(choices: readonly T[]): T | undefined {
  const ranked = choices.map((choice) => {
    const isGiven = choice.against.some(({ field }) => GIVEN.test(field));
    return { choice, rank: choice.against.length + (isGiven ? 1e6 : 0) };
  });
  return ranked.sort((a, b) => a.rank - b.rank)[0]?.choice;
}
