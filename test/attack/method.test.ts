import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  expectForwarded,
  expectRefused,
  type FrontDoor,
  http,
  openFrontDoor,
  plainly,
} from '../support/front-door.ts';

// What the corpus (cases/b-path.ts) does not look at.

let door: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor();
});
afterAll(() => door.close());

describe('methods', () => {
  it('B027: OPTIONS with the preflight headers of a browser is refused without CORS headers', async () => {
    const request = http(
      'OPTIONS /v1.41/info',
      'Origin: https://evil',
      'Access-Control-Request-Method: POST',
    );
    const { answer } = await expectRefused(door, request, { status: 403, reason: 'unknown-operation' });
    expect(answer.headers.filter(([name]) => /^access-control/i.test(name))).toEqual([]);
  });

  it('B031: an operation outside of the published API is forwarded for whom a grant names everything', async () => {
    const line = 'POST /v1.41/build/cancel?id=X';
    await expectForwarded(door, http(line), plainly(line, 'content-length: 0'));
  });
});
