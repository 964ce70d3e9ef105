import type { RequestLine } from '../../../src/audit/record.ts';
import { type Inventory, withoutQuestions } from '../../support/fake-inventory.ts';
import type { FrontDoor } from '../../support/front-door.ts';
import type { Attempt, Case } from './case.ts';
import { recordsOf } from './records.ts';

/** What came of one attempt. */
export interface Observed {
  readonly attempt: Attempt;
  readonly sent: string;
  /** All that the client was sent. */
  readonly replies: string;
  /** All that the Engine was sent, as latin1, one text a connection. */
  readonly received: readonly string[];
  readonly records: readonly RequestLine[];
}

/** Makes one attempt through the front door, and waits until its records are written. */
export async function observe(
  door: FrontDoor & { readonly inventory?: Inventory },
  each: Case,
  attempt: Attempt,
): Promise<Observed> {
  const { as = 'alice', drive, verdicts } = each;
  door.inventory?.reset();
  const bytes = typeof attempt.bytes === 'function' ? await attempt.bytes(door) : attempt.bytes;
  const replies = await (drive ?? exchange)(door, bytes, as);
  const records = await recordsOf(door, verdicts.length);
  const taken = door.engine.taken();
  const received =
    each.tenants === undefined
      ? taken
      : taken.map((text) => marked(withoutQuestions(text))).filter((text) => text !== '');
  return { attempt, sent: bytes.toString(), replies, received, records };
}

async function exchange(door: FrontDoor, bytes: string | Buffer, as: string | null): Promise<string> {
  return door.exchange(bytes, as);
}

/** Marks are random: in all that is compared they are this one. */
export const ANY_MARK = '0a'.repeat(12);

function marked(text: string): string {
  return text.replace(/("io\.quaywarden\.mark":")[0-9a-f]{24}"/g, `$1${ANY_MARK}"`);
}
