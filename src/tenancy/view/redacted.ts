import { MARK_LABEL, OWNER_LABEL, TENANT_LABEL } from '../labels.ts';
import { editMembers, elementsOf, isNull, writeList } from './raw-json.ts';

/** What stands for a value that was taken out. */
export const REDACTED = '[redacted by quaywarden]';

const OWN_LABELS: ReadonlySet<string> = new Set([TENANT_LABEL, OWNER_LABEL, MARK_LABEL]);

/** Whether the gateway set the label: it is no secret of anybody's. */
export function isOwnLabel(label: string): boolean {
  return OWN_LABELS.has(label);
}

/** `NAME=VALUE` without its value; a name without one has nothing to hide. */
export function redactedPair(pair: string): string {
  const equals = pair.indexOf('=');
  return equals === -1 ? pair : `${pair.slice(0, equals)}=${REDACTED}`;
}

/**
 * A value of any shape without what it says: a list becomes one marker, so that its length says nothing, a map keeps
 * its keys. What says nothing already stays.
 */
export function hidden(raw: string): string {
  if (isNull(raw) || raw === '""') return raw;
  if (raw.startsWith('[')) return elementsOf(raw).length === 0 ? raw : writeList([JSON.stringify(REDACTED)]);
  if (raw.startsWith('{')) return editMembers(raw, new Map(), hidden);
  return JSON.stringify(REDACTED);
}
