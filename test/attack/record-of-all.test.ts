import { afterAll, beforeAll, expect, it } from 'vitest';
import { type FrontDoor, http, openFrontDoor } from '../support/front-door.ts';

// Which of several objects a request names first, the client says: it must not say by that what is recorded.

let door: FrontDoor;
beforeAll(async () => {
  const unwatched = { level: 'None', operations: ['ImageGetAll'], resources: ['image/docker.io/library/**'] };
  door = await openFrontDoor({ config: { audit: { rules: [unwatched] } } });
});
afterAll(() => door.close());

it('a request is recorded that is about anything which is recorded, wherever that stands', async () => {
  for (const names of ['names=alpine&names=team-a/secret', 'names=team-a/secret&names=alpine']) {
    expect((await door.ask(http(`GET /v1.41/images/get?${names}`))).status).toBe(200);
    expect((await door.records(2)).map(({ stage }) => stage)).toEqual(['decision', 'complete']);
  }
});

it('and is not where nothing of it is', async () => {
  expect((await door.ask(http('GET /v1.41/images/get?names=alpine&names=busybox'))).status).toBe(200);
  // One that is recorded, behind it.
  await door.ask(http('GET /v1.41/images/get?names=team-a/secret'));
  const records = await door.records(2);
  expect(records.map(({ request: { query } }) => query)).toEqual([
    'names=team-a/secret',
    'names=team-a/secret',
  ]);
});
