import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectForwarded, type FrontDoor, http, openFrontDoor, plainly } from '../support/front-door.ts';

// What the corpus (cases/d-framing.ts) does not look at.

let door: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor();
});
afterAll(() => door.close());

describe('headers that reach the Engine', () => {
  it('D024: on the road of hijacks session keeps its own, and their repetitions', async () => {
    const upgrade = ['Connection: Upgrade', 'Upgrade: h2c'];
    const method = (name: string) => `X-Docker-Expose-Session-Grpc-Method: ${name}`;
    const request = http(
      'POST /session',
      'X-Meta-Evil: 1',
      method('/a/b'),
      method('/c/d'),
      'Cookie: a=b',
      ...upgrade,
    );
    const forwarded = http(
      'POST /v1.41/session',
      method('/a/b').toLowerCase(),
      method('/c/d').toLowerCase(),
      'Connection: Upgrade',
      'Upgrade: h2c',
      'Content-Length: 0',
      'Connection: close',
    );
    await expectForwarded(door, request, forwarded);
  });

  it('D024: the id of a request is not the client’s to choose', async () => {
    const line = 'GET /v1.41/info';
    const { answer } = await expectForwarded(door, http(line, 'Quaywarden-Request-Id: 1'), plainly(line));
    expect(answer.header('quaywarden-request-id')[0]).not.toBe('1');
  });
});
