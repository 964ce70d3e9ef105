import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type Engine, startEngine } from '../support/engine.ts';
import { type FrontDoor, openFrontDoor } from '../support/front-door.ts';
import { quaywarden } from '../support/gateway.ts';
import { type Answer, readAnswer } from '../support/http.ts';

/** Two real Engines with tenants, of which `build` has the name localhost. */
const NAME = `apart-${process.pid}`;
const QUOTA = 2;

const GRANTS = [
  'p, role:developer, engine/*/volume/{tenant}/**, Volume*, true, allow',
  'p, user:ann, volume/{tenant}/**, Volume*, true, allow',
  '',
].join('\n');

let build: Engine;
let door: FrontDoor;

beforeAll(async () => {
  build = await startEngine({ images: false });
  door = await openFrontDoor({
    engineSocket: inject('engine').socket,
    config: {
      engines: { build: { address: `unix://${build.socket}`, hosts: ['localhost'] } },
      tenancy: { enabled: true },
      quotas: [{ for: ['team-q'], volumes: QUOTA }],
    },
    prepare: (dir) => writeFileSync(`${dir}/policies/grants.csv`, GRANTS),
  });
  for (const [name, o] of [
    ['alice', 'team-a'],
    ['bob', 'team-b'],
    ['quentin', 'team-q'],
  ] as const) {
    await door.certPath(name, { cn: name, o, ou: 'developer' });
  }
  await door.certPath('ann', { cn: 'ann', o: 'team-a', ou: 'none' });
});
afterAll(async () => {
  for (const as of ['alice', 'quentin'])
    for (const name of names()) await ask(as, `DELETE /v1.41/volumes/${name}`, 'docker');
  await door.close();
  await build.destroy();
});

const names = (): string[] => ['', '-0', '-1', '-2'].map((end) => `${NAME}${end}`);

async function ask(as: string, line: string, host: string, body?: object): Promise<Answer> {
  const client = await door.connect(as, { servername: '' });
  const text = body === undefined ? '' : JSON.stringify(body);
  const headers =
    body === undefined ? [] : ['Content-Type: application/json', `Content-Length: ${text.length}`];
  client.write([`${line} HTTP/1.1`, `Host: ${host}`, ...headers, '', text].join('\r\n'));
  const answer = readAnswer(await client.answered());
  client.socket.destroy();
  return answer;
}

const create = (as: string, host: string, name = NAME): Promise<Answer> =>
  ask(as, 'POST /v1.41/volumes/create', host, { Name: name });

describe('tenants of two Engines', () => {
  it('have things of their own on each', async () => {
    expect((await create('alice', 'localhost')).status).toBe(201);
    expect((await ask('alice', `GET /v1.41/volumes/${NAME}`, 'localhost')).status).toBe(200);
    expect((await ask('alice', `GET /v1.41/volumes/${NAME}`, 'docker')).status).toBe(404);
    expect((await ask('bob', `GET /v1.41/volumes/${NAME}`, 'localhost')).status).toBe(404);
    expect((await create('alice', 'docker')).status).toBe(201);
    expect((await ask('alice', `DELETE /v1.41/volumes/${NAME}`, 'localhost')).status).toBe(204);
    expect((await ask('alice', `GET /v1.41/volumes/${NAME}`, 'docker')).status).toBe(200);
  });

  it('have no rights on one that are given on the other', async () => {
    expect((await ask('ann', `GET /v1.41/volumes/${NAME}`, 'docker')).status).toBe(200);
    const { status, body } = await ask('ann', 'GET /v1.41/volumes', 'localhost');
    expect([status, body]).toEqual([403, expect.stringContaining('of the Engine build: no grant allows it')]);
    expect((await ask('ann', `GET /v1.41/volumes/${NAME}`, 'localhost')).status).toBe(403);
  });

  it('have what quotas allow on each', async () => {
    for (const host of ['docker', 'localhost']) {
      const made = [];
      for (let index = 0; index <= QUOTA; index += 1)
        made.push((await create('quentin', host, `${NAME}-${index}`)).status);
      expect(made).toEqual([201, 201, 403]);
    }
  });

  it('are handed what was there before on one by its name', async () => {
    const label = `before-${process.pid}`;
    await new Promise<void>((resolve, reject) => {
      const made = request(
        {
          socketPath: build.socket,
          path: '/volumes/create',
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
        },
        (answer) => answer.resume().once('end', resolve),
      );
      made.once('error', reject).end(JSON.stringify({ Name: label }));
    });
    const adopt = ['adopt', '--config', door.gateway.config, '--tenant', 'team-b', '--engine', 'build'];
    expect((await quaywarden(adopt)).stdout).toContain(label);
    await quaywarden([...adopt, `volume/${label}`, '--yes']);
    const policies = `${door.gateway.dir}/policies`;
    expect(readFileSync(`${policies}/adopted-build.csv`, 'utf8')).toContain(`volume, ${label}, team-b`);
    expect(existsSync(`${policies}/adopted.csv`)).toBe(false);
    // The same line for the other Engine is about nothing there.
    copyFileSync(`${policies}/adopted-build.csv`, `${policies}/adopted.csv`);
    await quaywarden(['reload', '--config', door.gateway.config]);
    expect((await ask('bob', `GET /v1.41/volumes/${label}`, 'localhost')).status).toBe(200);
    expect((await ask('bob', `GET /v1.41/volumes/${label}`, 'docker')).status).toBe(404);
    expect((await ask('alice', `GET /v1.41/volumes/${label}`, 'localhost')).status).toBe(404);
    const wrong = quaywarden([...adopt.slice(0, -1), 'biuld']);
    await expect(wrong).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there are default, build'),
    });
  });
});

describe('an Engine that is killed', () => {
  it('is gone for its own clients, and back for them when it is back', async () => {
    await build.kill();
    expect((await ask('quentin', `GET /v1.41/volumes/${NAME}-0`, 'localhost')).status).toBe(503);
    expect((await ask('quentin', `GET /v1.41/volumes/${NAME}-0`, 'docker')).status).toBe(200);
    await build.start();
    expect((await ask('quentin', `GET /v1.41/volumes/${NAME}-0`, 'localhost')).status).toBe(200);
  });
});
