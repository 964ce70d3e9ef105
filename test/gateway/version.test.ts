import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { reply } from '../support/fake-engine.ts';
import { type FrontDoor, http, openFrontDoor } from '../support/front-door.ts';

describe('API versions, on a real Engine', () => {
  let door: FrontDoor;
  beforeAll(async () => {
    door = await openFrontDoor({
      engineSocket: inject('engine').socket,
      config: { api: { ceiling: '1.40' } },
    });
  });
  afterAll(() => door.close());

  it('are advertised no higher than the ceiling and no lower than the floor', async () => {
    expect((await door.ask(http('GET /_ping'))).header('api-version')).toEqual(['1.40']);
    expect((await door.ask(http('HEAD /v1.40/_ping'))).header('api-version')).toEqual(['1.40']);
    const version = JSON.parse((await door.ask(http('GET /version'))).body);
    expect(version).toMatchObject({ ApiVersion: '1.40', MinAPIVersion: '1.24' });
    const engine = version.Components.find(({ Name }: { Name: string }) => Name === 'Engine');
    expect(engine.Details).toMatchObject({ ApiVersion: '1.40', MinAPIVersion: '1.24' });
  });

  it("above it and below the floor are refused in the Engine's words", async () => {
    const above = await door.ask(http('GET /v1.41/info'));
    expect([above.status, above.body]).toEqual([
      400,
      expect.stringContaining('client version 1.41 is too new'),
    ]);
    const below = await door.ask(http('GET /v1.23/info'));
    expect([below.status, below.body]).toEqual([
      403,
      expect.stringContaining('client version 1.23 is too old'),
    ]);
  });
});

describe('a request that names no version', () => {
  it.each([
    ['1.41', '/v1.41/info'],
    ['1.99', '/v1.56/info'],
  ])('is judged and forwarded as of the Engine (%s): %s', async (version, target) => {
    const door = await openFrontDoor({
      script: ({ socket }) => void socket.write(reply('200 OK', '{}', [`Api-Version: ${version}`])),
    });
    try {
      door.engine.taken();
      await door.ask(http('GET /info'));
      expect(door.engine.taken().join('')).toContain(`GET ${target} HTTP/1.1`);
      const records = await door.records(2);
      expect(records.at(-1)?.request.apiVersion).toBe(target.slice(2, 6));
    } finally {
      await door.close();
    }
  });

  it.each([
    ['none', []],
    ['two', ['Api-Version: 1.41', 'Api-Version: 1.40']],
    ['one that is none', ['Api-Version: 2']],
  ])('is refused where the Engine tells %s', async (_, headers) => {
    const door = await openFrontDoor({
      script: ({ socket }) => void socket.write(reply('200 OK', '{}', headers)),
    });
    try {
      door.engine.taken();
      const { status, body } = await door.ask(http('GET /info'));
      expect([status, body]).toEqual([
        503,
        expect.stringContaining('no API version in its answer to /_ping'),
      ]);
      expect(door.engine.taken().join('')).not.toContain('/info');
    } finally {
      await door.close();
    }
  });
});
