import type { AuditRecord } from '../../../src/audit/record.ts';
import type { FrontDoor } from '../../support/front-door.ts';
import { type Attempt, type Case, isForwarded, type Verdict } from './case.ts';

/** What came of one attempt. */
export interface Observed {
  readonly attempt: Attempt;
  /** All that the client was sent. */
  readonly replies: string;
  /** All that the Engine was sent, as latin1, one text a connection. */
  readonly received: readonly string[];
  readonly records: readonly AuditRecord[];
}

/** Makes one attempt through the front door, and waits until its records are written. */
export async function observe(door: FrontDoor, each: Case, attempt: Attempt): Promise<Observed> {
  const { as = 'alice', drive, verdicts } = each;
  const bytes = typeof attempt.bytes === 'function' ? await attempt.bytes(door) : attempt.bytes;
  const replies = await (drive ?? exchange)(door, bytes, as);
  const records = await door.records(verdicts.reduce((sum, verdict) => sum + recordsOf(verdict), 0));
  return { attempt, replies, received: door.engine.taken(), records };
}

/** A request that is not forwarded has one record, one that is has its decision and its end. */
function recordsOf(verdict: Verdict): number {
  return isForwarded(verdict) ? 2 : 1;
}

async function exchange(door: FrontDoor, bytes: string | Buffer, as: string | null): Promise<string> {
  return door.exchange(bytes, as);
}
