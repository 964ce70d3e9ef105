import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reply } from '../support/fake-engine.ts';
import { type FrontDoor, http, openFrontDoor } from '../support/front-door.ts';

const INSPECTED = JSON.stringify({
  Id: 'a'.repeat(64),
  Path: 'serve',
  Config: { Env: ['PASSWORD=canary', 'EMPTY='], Cmd: ['serve', '--key=canary'] },
  HostConfig: { Binds: ['/srv/canary:/data:ro'], Memory: 'MEMORY' },
}).replace('"MEMORY"', '9223372036854775807');
const EVENT = `{"Type":"container","Action":"exec_start: sh -c canary","Actor":{"ID":"x","Attributes":{"name":"web"}}}`;

let door: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor({
    script: ({ socket }, head) => {
      const body = /\/events/.test(head) ? `${EVENT}\n` : INSPECTED;
      socket.write(reply('200 OK', body, ['Content-Type: application/json']));
    },
    config: {
      redactions: [
        { for: ['role:viewer'], hide: ['environment', 'command'] },
        { for: ['user:viewer'], hide: ['hostPaths'] },
      ],
    },
  });
});
afterAll(() => door.close());

describe('values that are hidden from somebody', () => {
  it('are taken out of inspections, and all rules for them count', async () => {
    const { body, status } = await door.ask(http('GET /v1.41/containers/web/json'), 'viewer');
    expect(status).toBe(200);
    expect(body).not.toContain('canary');
    expect(body).toContain('PASSWORD=[redacted by quaywarden]');
    expect(body).toContain('9223372036854775807');
  });

  it('are taken out of events', async () => {
    const { body } = await door.ask(http('GET /v1.41/events?until=1'), 'viewer');
    expect(body).not.toContain('canary');
    expect(body).toContain('exec_start');
  });

  it('are shown to others, byte for byte', async () => {
    expect((await door.ask(http('GET /v1.41/containers/web/json'))).body).toBe(INSPECTED);
    expect((await door.ask(http('GET /v1.41/events?until=1'))).body).toBe(`${EVENT}\n`);
  });
});
