import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Engine, startEngine } from '../support/engine.ts';
import { type FrontDoor, http } from '../support/front-door.ts';
import { readAnswer } from '../support/http.ts';
import { CASES } from './cases/all.ts';
import { type Case, type Danger, isForwarded } from './corpus/case.ts';
import { type EngineSocket, engineSocket, makeBobs } from './corpus/engine-socket.ts';
import { observe } from './corpus/observe.ts';
import { openForCorpus } from './corpus/persona.ts';
import { faultsOf } from './corpus/verify.ts';

// The cases whose evidence is a real Engine (V20), on one: through the gateway nothing dangerous comes to be, and the
// same bytes on the Engine's own socket do what the case says. Nothing that is made is started.

/** A row of hundreds of attempts is tried on the fake Engine whole, and here by so many of them. */
const MOST_ATTEMPTS = 12;

const table = readFileSync(new URL('../data/attacks.md', import.meta.url), 'utf8');
const SEEN = new Set([...table.matchAll(/^\| ([A-E]\d{3}) \|.*\| [^|]*V20[^|]*\|$/gm)].map(([, id]) => id));
const REAL = CASES.filter(
  ({ id, drive, tenants }) => SEEN.has(id) && drive === undefined && tenants === undefined,
);
const DANGEROUS = CASES.flatMap((each) =>
  each.danger === undefined ? [] : [{ ...each, danger: each.danger }],
);

let door: FrontDoor;
let own: Engine;
let engine: EngineSocket;
let before: readonly string[] = [];
beforeAll(async () => {
  // One of its own: everything on it is counted, and what a case leaves behind is removed.
  own = await startEngine();
  engine = engineSocket(own.socket);
  before = await engine.inventory();
  await begin();
  door = await openForCorpus({ engineSocket: own.socket });
});
/** What is left of a case is removed, and what it has taken away is made again. */
async function begin(): Promise<void> {
  await engine.restore(before);
  await makeBobs(engine);
  before = await engine.inventory();
}
afterAll(async () => {
  await door?.close();
  await own?.destroy();
});

describe('on a real Engine, through the gateway', () => {
  it('all that was seen on a real Engine is tried on one', () => {
    expect(SEEN.size).toBe(65);
  });

  it.each(REAL.map((each) => [each.id, each.title, each] as const))('%s: %s', async (_id, _title, each) => {
    const faults: string[] = [];
    for (const attempt of each.attempts.slice(0, MOST_ATTEMPTS)) {
      const observed = await observe(door, each, attempt);
      if (each.verdicts.some(isForwarded)) faults.push(...relayed(observed.replies));
      else faults.push(...faultsOf(asking(each), observed));
    }
    expect(faults).toEqual([]);
    if (each.verdicts.some(isForwarded)) await begin();
    else expect(await engine.inventory()).toEqual(before);
  });
});

describe('on a real Engine, without the gateway', () => {
  it.each(DANGEROUS.map((each) => [each.id, each.title, each] as const))(
    '%s is real: %s',
    async (_id, _title, each) => {
      const [attempt] = each.attempts;
      const bytes = attempt?.bytes;
      if (bytes === undefined || typeof bytes === 'function') throw new Error('its bytes need a gateway');
      const answer = await engine.send(bytes);
      try {
        expect(await shown(answer, each.danger)).toEqual(wanted(each.danger));
      } finally {
        await begin();
      }
    },
  );

  async function shown(answer: ReturnType<typeof readAnswer>, danger: Danger): Promise<unknown> {
    if ('status' in danger) {
      const { afterwards: [target] = [] } = danger;
      const afterwards = target === undefined ? '' : (await engine.send(http(`GET ${target}`))).body;
      return { status: answer.status, answer: answer.body, afterwards };
    }
    const { Id } = JSON.parse(answer.body) as { Id?: string };
    if (Id === undefined) return answer.body;
    const container = await engine.inspect(Id);
    return Object.fromEntries(Object.keys(danger.container).map((path) => [path, at(container, path)]));
  }

  function wanted(danger: Danger): unknown {
    if ('status' in danger) {
      const { status, answer = /^/, afterwards: [, afterwards = /^/] = [] } = danger;
      return { status, answer: expect.stringMatching(answer), afterwards: expect.stringMatching(afterwards) };
    }
    return Object.fromEntries(
      Object.entries(danger.container).map(([path, value]) => [
        path,
        value instanceof RegExp ? expect.stringMatching(value) : value,
      ]),
    );
  }
});

/** The gateway's own words are no answer of the Engine. */
function relayed(replies: string): string[] {
  const { status, body } = readAnswer(replies);
  return body.includes('quaywarden:') ? [`${status} ${body}`] : [];
}

/** The same case where the questions of the gateway are not seen. */
function asking({ asks: _, ...each }: Case): Case {
  return each;
}

function at(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((inner, name) => (inner as Record<string, unknown> | null)?.[name], value);
}
