import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { auditLine, type RequestLine } from '../../../src/audit/record.ts';
import { segmentFile } from '../../../src/audit/segments.ts';
import { isRecord } from '../../support/audit.ts';
import type { FrontDoor } from '../../support/front-door.ts';

const PATIENCE_MS = 5_000;

/** Where the reading of each gateway's audit log stands; a log of thousands of lines is read once. */
const OFFSETS = new WeakMap<FrontDoor, number>();

/**
 * The records since the last call, once so many requests are over: each by its `refused`, or by its `complete`.
 * Fewer when no more come in time.
 */
export async function recordsOf(door: FrontDoor, requests: number): Promise<RequestLine[]> {
  const deadline = Date.now() + PATIENCE_MS;
  const records: RequestLine[] = [];
  for (;;) {
    records.push(...newRecords(door));
    if (records.filter(({ stage }) => stage !== 'decision').length >= requests || Date.now() > deadline) {
      return records;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function newRecords(door: FrontDoor): RequestLine[] {
  const offset = OFFSETS.get(door) ?? 0;
  const file = openSync(segmentFile(`${door.gateway.dir}/audit`, 1), 'r');
  const fresh = Buffer.alloc(fstatSync(file).size - offset);
  readSync(file, fresh, 0, fresh.length, offset);
  closeSync(file);
  // A line that is being written is read once it is whole.
  const whole = fresh.subarray(0, fresh.lastIndexOf('\n') + 1);
  OFFSETS.set(door, offset + whole.length);
  return whole
    .toString()
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [auditLine.parse(JSON.parse(line))]))
    .filter(isRecord);
}
