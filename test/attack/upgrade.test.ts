import { afterAll, beforeAll, describe, it } from 'vitest';
import { expectRefused, type FrontDoor, http, openFrontDoor } from '../support/front-door.ts';

// What the corpus (cases/d-upgrade.ts) does not try, since a developer may not: BuildKit's session, by an operator.

let door: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor();
});
afterAll(() => door.close());

const tcp = ['Connection: Upgrade', 'Upgrade: tcp'];

describe('an upgrade that may not be made', () => {
  it.each([
    ['session to tcp', http('POST /session', ...tcp), 'upgrade-protocol'],
    ['session without an upgrade', http('POST /session'), 'upgrade-required'],
    ['session with Upgrade and no Connection', http('POST /session', 'Upgrade: h2c'), 'upgrade-required'],
  ])('%s is refused', async (_id, request, reason) => {
    await expectRefused(door, request, { status: 400, reason });
  });
});
