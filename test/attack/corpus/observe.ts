import type { AuditRecord } from '../../../src/audit/record.ts';
import type { FrontDoor } from '../../support/front-door.ts';
import type { Attempt, Case } from './case.ts';
import { recordsOf } from './records.ts';

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
  const records = await recordsOf(door, verdicts.length);
  return { attempt, replies, received: door.engine.taken(), records };
}

async function exchange(door: FrontDoor, bytes: string | Buffer, as: string | null): Promise<string> {
  return door.exchange(bytes, as);
}
