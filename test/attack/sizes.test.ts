import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  expectForwarded,
  expectRefused,
  type FrontDoor,
  http,
  openFrontDoor,
  plainly,
} from '../support/front-door.ts';

let door: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor();
});
afterAll(() => door.close());

const line = 'GET /v1.41/info';
/** Credentials in as many characters of base64. */
const auth = (characters: number): string => `{"auth":"${'x'.repeat((characters / 4) * 3 - 11)}"}`;
/** Of texts whose length is a multiple of three, and so without padding. */
const base64 = (text: string): string => Buffer.from(text).toString('base64url');

describe('sizes', () => {
  it('X-Registry-Config of 200 kB and X-Registry-Auth of 60 kB go through', async () => {
    const headers = [
      `x-registry-auth: ${base64(auth(60_000))}`,
      `x-registry-config: ${base64(`{"r":${auth(200_000)}}`)}`,
    ];
    const push = 'POST /v1.41/images/x/push';
    await expectForwarded(
      door,
      http(push, ...headers),
      http(push, ...headers, 'Content-Length: 0', 'Connection: close'),
    );
  });

  it('a request line of 60 kB goes through', async () => {
    const filters = encodeURIComponent(JSON.stringify({ label: { ['x'.repeat(60_000)]: true } }));
    const long = `GET /v1.41/containers/json?filters=${filters}`;
    const { records } = await expectForwarded(door, http(long), plainly(long));
    expect(records[0]?.request.query).toHaveLength(2_048);
  });

  it('a request line beyond 64 kB is refused', async () => {
    await expectRefused(door, http(`GET /v1.41/containers/json?before=${'x'.repeat(66_000)}`), {
      status: 400,
      reason: 'target-too-long',
    });
  });

  it('a name beyond 4 kB is refused', async () => {
    await expectRefused(door, http(`GET /v1.41/volumes/${'x'.repeat(4_100)}`), {
      status: 400,
      reason: 'path-name-too-long',
    });
  });

  it('a head beyond the limit is refused with 431', async () => {
    await expectRefused(door, http(line, `X-Any: ${'x'.repeat(600_000)}`), {
      status: 431,
      reason: 'headers-too-large',
      principal: null,
    });
  });

  it('many small headers beyond the limit are refused with 431', async () => {
    const headers = Array.from({ length: 30_000 }, (_, index) => `X-Any-${index}: ${'x'.repeat(16)}`);
    await expectRefused(door, http(line, ...headers), {
      status: 431,
      reason: 'headers-too-large',
      principal: null,
    });
  });

  it('a header behind two thousand others is read like the first', async () => {
    const headers = Array.from({ length: 2_500 }, (_, index) => `X-Any-${index}: x`);
    await expectRefused(door, http(line, ...headers, 'Connection: authorization'), {
      status: 400,
      reason: 'connection-option',
      principal: null,
    });
  });
});
