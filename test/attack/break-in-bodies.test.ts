import { afterAll, beforeAll, describe, it } from 'vitest';
import { expectRefused, type FrontDoor, http, json, openFrontDoor } from '../support/front-door.ts';

// Each of these was found by somebody held to `baseline` who tried to break in, and failed before its fix.

let door: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor();
  await door.certPath('dev', { cn: 'dev', o: 'team-a', ou: 'developer' });
});
afterAll(() => door.close());

const refused = (bytes: string, status: number, reason: string) =>
  expectRefused(door, bytes, { status, reason }, 'dev');

const create = (body: object) => json('POST /v1.41/containers/create', JSON.stringify(body));

describe('a body that would keep everybody else waiting', () => {
  it.each([
    ['mounts', { HostConfig: { Mounts: Array(1_000_000).fill({}) } }],
    ['fields that nobody knows', { x: Array(1_000_000).fill(0) }],
    ['labels', { Labels: Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [at, ''])) }],
  ])('by the number of its %s is refused before it is judged', async (_, body) => {
    await refused(create({ Image: 'busybox', ...body }), 400, 'body-json');
  });
});

describe('a second spelling', () => {
  it.each(['%E2%84%AADIR', 'KD%C4%B0R'])('of WORKDIR, WOR%s, is refused in a commit', async (rest) => {
    await refused(
      json(`POST /v1.41/commit?container=x&changes=WOR${rest}%20/proc/self/fd/8`, '{}'),
      400,
      'changes-unclear',
    );
  });

  it.each(['127.0.0.%EF%BC%91', '%EF%BD%8Cocalhost'])(
    'of an address, %s, is refused where the Engine would speak with it',
    async (host) => {
      const body = JSON.stringify({ username: 'u', password: 'p', serveraddress: `https://${host}:5999` });
      await refused(json('POST /v1.41/auth', body), 403, 'registry-address');
    },
  );
});

it('a log tag that the Engine would have to compute is refused', async () => {
  const LogConfig = { Type: 'json-file', Config: { tag: '{{printf "%1000000d" 1}}' } };
  await refused(create({ Image: 'busybox', HostConfig: { LogConfig } }), 403, 'log-driver');
});

it('a save of thousands of images, each judged beside all others, is refused', async () => {
  await refused(http(`GET /v1.41/images/get?${'names=a&'.repeat(1_001)}`), 400, 'query-value');
});
