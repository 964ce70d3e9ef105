import type { Complaint } from './conditions/finding.ts';
import type { Reason } from './decision.ts';

/** Complaints as reasons of a decision, each thing once. */
export function reasonsOf(complaints: readonly Complaint[], grant: string): readonly Reason[] {
  const reasons = new Map<string, Reason>();
  for (const complaint of complaints) {
    const key = JSON.stringify([complaint.check, complaint.field, complaint.asks]);
    if (!reasons.has(key)) reasons.set(key, { ...complaint, grant });
  }
  return [...reasons.values()];
}
