import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Engine, startEngine } from '../support/engine.ts';
import type { FrontDoor } from '../support/front-door.ts';
import { readAnswer } from '../support/http.ts';
import { CASES } from './cases/all.ts';
import { type Case, isForwarded } from './corpus/case.ts';
import { type EngineSocket, engineSocket } from './corpus/engine-socket.ts';
import { type Observed, observe } from './corpus/observe.ts';
import { openForTenants } from './corpus/persona.ts';
import { makeRealWorld, type RealWorld } from './corpus/real-world.ts';
import { recordsOf } from './corpus/records.ts';
import { faultsOf } from './corpus/verify.ts';

// The cases about whose things are, on a real Engine: what is refused has changed nothing there, and what is read shows
// nothing of bob's. What changes something is in real-engine-owners.test.ts.

const READING = /^(?:GET|HEAD) /;
const REAL = CASES.filter(
  ({ tenants, fakeOnly, verdicts, attempts, drive }) =>
    tenants !== undefined &&
    fakeOnly === undefined &&
    drive === undefined &&
    (!verdicts.some(isForwarded) || attempts.every(({ bytes }) => READING.test(String(bytes)))),
);

let engine: Engine;
let door: FrontDoor;
let socket: EngineSocket;
let world: RealWorld;
let before: readonly string[];
beforeAll(async () => {
  engine = await startEngine();
  door = await openForTenants({ engineSocket: engine.socket });
  socket = engineSocket(engine.socket);
  world = await makeRealWorld(engine, door);
  // What came of making it is no case's.
  await recordsOf(door, 0);
  before = await socket.inventory();
});
afterAll(async () => {
  await door?.close();
  await engine?.destroy();
});

describe('tenants on a real Engine', () => {
  it('are tried by most of the cases', () => {
    expect(REAL.length).toBeGreaterThan(200);
  });

  it.each(REAL.map((each) => [each.id, each.title, each] as const))('%s: %s', async (_id, _title, each) => {
    const faults: string[] = [];
    for (const attempt of each.attempts) {
      const bytes = world.real(attempt.bytes as string | Buffer);
      const { received: _, ...real } = { ...attempt, bytes };
      const seen = world.observed(await observe(door, each, real));
      faults.push(...faultsOf(onReal(each, seen), seen));
    }
    expect(faults).toEqual([]);
    expect(await socket.inventory()).toEqual(before);
  });
});

/** The same where it is not seen what the Engine receives, and the Engine answers as it will. */
function onReal({ asks: _, ...each }: Case, { replies, records }: Observed): Case {
  return {
    ...each,
    verdicts: each.verdicts.map((verdict) => {
      if (!isForwarded(verdict)) return verdict;
      const { status, body } = readAnswer(replies, records[0]?.request.method ?? 'GET');
      return { ...verdict, received: '', status: body.includes('quaywarden:') ? 200 : status };
    }),
  };
}
