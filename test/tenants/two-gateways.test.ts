import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FrontDoor } from '../support/front-door.ts';
import { openTenantDoor, openTenants, type Tenants } from '../support/tenants.ts';
import { type Caller, callerAt, type Reply } from './caller.ts';

let first: Tenants;
let second: FrontDoor;
/** Each of them at both gateways. */
let alice: readonly [Caller, Caller];
let bob: readonly [Caller, Caller];

beforeAll(async () => {
  first = await openTenants();
  second = await openTenantDoor({ engineSocket: first.engine.socket });
  const both = async (name: string) =>
    Promise.all([callerAt(first.door, name), callerAt(second, name)]) as Promise<[Caller, Caller]>;
  [alice, bob] = await Promise.all([both('alice'), both('bob')]);
});
afterAll(async () => {
  for (const each of [...(alice ?? []), ...(bob ?? [])]) each.close();
  await second?.close();
  await first?.close();
});

const any = <T>(of: readonly T[]): T => of[randomInt(of.length)] as T;
/** An answer; lists in one order, for the Engine has networks in none. */
function shown({ status, body }: Reply): string {
  const read = JSON.parse(body === '' ? 'null' : body) as unknown;
  const listed = read !== null && typeof read === 'object' && 'Volumes' in read ? read.Volumes : read;
  const text = Array.isArray(listed)
    ? listed
        .map((each) => JSON.stringify(each))
        .sort()
        .join('\n')
    : body;
  return `${status} ${text}`;
}

/** An object through its life: every step by one of the gateways, every look by both. */
const KINDS = {
  container: {
    make: (name: string) => [`POST /containers/create?name=${name}`, { Image: 'busybox:latest' }] as const,
    look: (ref: string) => `GET /containers/${ref}/json`,
    change: (ref: string, name: string) => `POST /containers/${ref}/rename?name=${name}-more`,
    remove: (ref: string) => `DELETE /containers/${ref}`,
  },
  network: {
    make: (Name: string) =>
      ['POST /networks/create', { Name, Internal: true, CheckDuplicate: true }] as const,
    look: (ref: string) => `GET /networks/${ref}`,
    change: undefined,
    remove: (ref: string) => `DELETE /networks/${ref}`,
  },
  volume: {
    make: (Name: string) => ['POST /volumes/create', { Name }] as const,
    look: (ref: string) => `GET /volumes/${ref}`,
    change: undefined,
    remove: (ref: string) => `DELETE /volumes/${ref}`,
  },
};

describe('two gateways on one Engine', () => {
  it('give the same answers throughout a mixed load', { timeout: 110_000 }, async () => {
    const until = Date.now() + 10_000;
    let compared = 0;
    let lives = 0;
    /** Not before there is something to tell of, on a machine that is slow. */
    const isOver = (): boolean =>
      Date.now() > until && ((lives > 10 && compared > 100) || Date.now() > until + 60_000);

    /** What both say to one question; asked again of the first one when things may have changed in between. */
    const alike = async (who: readonly [Caller, Caller], line: string): Promise<string | undefined> => {
      for (let times = 0; times < 5; times += 1) {
        const [one, other, again] = [
          await who[0].call(line),
          await who[1].call(line),
          await who[0].call(line),
        ];
        if (shown(one) !== shown(again)) continue;
        expect(shown(other), line).toBe(shown(one));
        compared += 1;
        return shown(one);
      }
      return undefined;
    };

    const live = async (own: readonly [Caller, Caller], other: readonly [Caller, Caller], whose: string) => {
      while (!isOver()) {
        lives += 1;
        const kind = KINDS[any(['container', 'network', 'volume'] as const)];
        const name = `${whose}-${lives}`;
        const [line, body] = kind.make(name);
        const made = await any(own).call(line, body);
        expect(made.status, made.body).toBe(201);
        const { Id = name } = JSON.parse(made.body) as { Id?: string };
        const look = async (ref: string, isThere: boolean) => {
          expect(await alike(own, kind.look(ref)), ref).toMatch(isThere ? /^200/ : /^404/);
          const strange = await alike(other, kind.look(ref));
          expect(strange).toMatch(/^404/);
          expect(strange).not.toContain('io.quaywarden');
        };
        for (const ref of [Id, name]) await look(ref, true);
        for (const at of other) expect((await at.call(kind.remove(Id))).status).toBe(404);
        if (kind.change !== undefined) {
          expect((await any(own).call(kind.change(name, name))).status).toBe(204);
          await look(name === Id ? name : `${name}-more`, true);
          if (Id !== name) await look(Id, true);
        }
        expect((await any(own).call(kind.remove(Id))).status, kind.remove(Id)).toBeLessThan(300);
        for (const ref of [Id, name]) await look(ref, false);
      }
    };
    const lists = async () => {
      while (!isOver()) {
        const who = any([alice, bob]);
        await alike(
          who,
          any(['GET /containers/json?all=1', 'GET /networks', 'GET /volumes', 'GET /images/json']),
        );
        await alike(who, 'GET /containers/json?all=1&limit=2');
      }
    };
    await Promise.all([
      live(alice, bob, 'alice-one'),
      live(alice, bob, 'alice-two'),
      live(bob, alice, 'bob-one'),
      lists(),
    ]);
    expect(lives).toBeGreaterThan(10);
    expect(compared).toBeGreaterThan(100);
  });

  it('agree on who was first to a name that two tenants want', async () => {
    for (let round = 0; round < 10; round += 1) {
      const volume = { Name: `wanted-${round}` };
      const box = { Image: 'busybox:latest', HostConfig: { Binds: [`wanted-by-box-${round}:/data`] } };
      for (const [line, body, look] of [
        ['POST /volumes/create', volume, `GET /volumes/wanted-${round}`],
        ['POST /containers/create', box, `GET /volumes/wanted-by-box-${round}`],
      ] as const) {
        const replies = await Promise.all([alice[0].call(line, body), bob[1].call(line, body)]);
        const statuses = replies.map(({ status }) => status).sort();
        expect([
          [201, 409],
          [409, 409],
        ]).toContainEqual(statuses);
        const sees = await Promise.all([alice[1].call(look), bob[0].call(look)]);
        // Nobody has it where both gave way.
        const winner = replies.findIndex(({ status }) => status === 201);
        if (winner !== -1)
          expect(sees.map(({ status }) => status === 200)).toEqual([winner === 0, winner === 1]);
        else expect(sees.filter(({ status }) => status === 200).length).toBeLessThan(2);
      }
    }
  });
});
