import type { Complaint } from './conditions/finding.ts';
import type { Reason } from './decision.ts';

/** A body may offend a hundred thousand times; a record of it need not. */
const MOST = 100;

/** Complaints as reasons of a decision, each thing once, and the first hundred. */
export function reasonsOf(complaints: readonly Complaint[], grant: string): readonly Reason[] {
  const reasons = new Map<string, Reason>();
  for (const complaint of complaints) {
    if (reasons.size === MOST) break;
    const key = JSON.stringify([complaint.check, complaint.field, complaint.asks]);
    if (!reasons.has(key)) reasons.set(key, { ...complaint, grant });
  }
  return [...reasons.values()];
}
