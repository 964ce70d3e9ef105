import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Ran, run } from '../clients/run.ts';
import type { FrontDoor } from '../support/front-door.ts';
import { openTenantDoor, openTenants, type Tenants } from '../support/tenants.ts';

const IDLE = 'trap "exit 0" TERM; while :; do sleep 0.1; done';

/** The same services, networks and volumes for both. */
const PROJECT = `
version: "3.7"
services:
  web:
    image: busybox
    command: ["sh", "-c", 'echo "WHO at the door"; mkdir /www; echo WHO > /www/x; httpd -p 80 -h /www; ${IDLE}']
    volumes: ["data:/data"]
    networks: {default: {aliases: [door]}}
    depends_on: [db]
  db:
    image: busybox
    command: ["sh", "-c", 'echo "WHO is ready"; ${IDLE}']
    environment: {OWN: WHO}
volumes: {data: {}}
`;

let tenants: Tenants;
beforeAll(async () => {
  tenants = await openTenants();
});
afterAll(() => tenants?.close());

async function projectOf(
  door: FrontDoor,
  who: string,
  project: string,
): Promise<(args: string) => Promise<Ran>> {
  const { gateway } = door;
  const folder = `${gateway.dir}/compose-${who}`;
  mkdirSync(folder);
  const certs = await door.certPath(who);
  copyFileSync(`${gateway.certPath('admin')}/ca.pem`, `${certs}/ca.pem`);
  writeFileSync(`${folder}/docker-compose.yml`, PROJECT.replaceAll('WHO', who));
  const env = {
    HOME: folder,
    DOCKER_HOST: gateway.host,
    DOCKER_CERT_PATH: certs,
    DOCKER_TLS_VERIFY: '1',
    COMPOSE_TLS_VERSION: 'TLS',
  };
  return (args) =>
    run('/usr/bin/docker-compose', ['--ansi', 'never', '-p', project, ...args.split(' ')], {
      cwd: folder,
      env,
    });
}

it('two projects of the same services under two tenants do not notice each other', {
  timeout: 180_000,
}, async () => {
  const { bob } = await goTheirWays(tenants.door, { alice: 'of-alice', bob: 'of-bob' });
  expect((await bob('down -v')).code).toBe(0);
});

it('two projects of the same name do not, where names are a tenant’s own', { timeout: 180_000 }, async () => {
  const door = await openTenantDoor({
    engineSocket: tenants.engine.socket,
    config: { tenancy: { enabled: true, names: 'private' } },
  });
  try {
    const { bob } = await goTheirWays(door, { alice: 'shop', bob: 'shop' });
    // What it made it finds again, and makes anew when it has to.
    expect((await bob('up -d')).stderr).toMatch(/_db_1 is up-to-date[\s\S]*_web_1 is up-to-date/);
    expect((await bob('up -d --force-recreate --no-deps web')).code).toBe(0);
    expect((await bob('exec -T db wget -q -O - http://shop_web_1/x')).stdout).toBe('bob\n');
    expect((await bob('down -v')).code).toBe(0);
  } finally {
    await door.close();
  }
});

type Compose = Readonly<Record<'alice' | 'bob', (args: string) => Promise<Ran>>>;

async function goTheirWays(
  door: FrontDoor,
  project: Readonly<Record<'alice' | 'bob', string>>,
): Promise<Compose> {
  const compose = {
    alice: await projectOf(door, 'alice', project.alice),
    bob: await projectOf(door, 'bob', project.bob),
  };
  /** Both at once; what each printed tells nothing of the other. */
  const both = async (args: string): Promise<{ alice: string; bob: string }> => {
    const [alice, bob] = await Promise.all([compose.alice(args), compose.bob(args)]);
    for (const [ran, other] of [
      [alice, 'bob'],
      [bob, 'alice'],
    ] as const) {
      expect(ran.code, `${args}: ${ran.stdout}${ran.stderr}`).toBe(0);
      expect(`${ran.stdout}${ran.stderr}`).not.toContain(other);
    }
    return { alice: alice.stdout, bob: bob.stdout };
  };
  await both('up -d');
  const listed = await both('ps');
  expect(listed.alice).toMatch(isUp(project.alice));
  expect(listed.bob).toMatch(isUp(project.bob));
  expect(await both('exec -T db env')).toEqual({
    alice: expect.stringContaining('OWN=alice\n'),
    bob: expect.stringContaining('OWN=bob\n'),
  });
  expect(await both('exec -T db wget -q -O - http://door/x')).toEqual({ alice: 'alice\n', bob: 'bob\n' });
  const logs = await both('logs --no-color');
  expect(logs.alice).toContain('alice at the door');
  expect(logs.bob).toContain('bob is ready');
  const down = await compose.alice('down -v');
  expect([down.code, `${down.stdout}${down.stderr}`]).toEqual([0, expect.not.stringContaining('bob')]);
  // What is bob's goes on.
  expect((await compose.bob('exec -T db wget -q -O - http://door/x')).stdout).toBe('bob\n');
  expect((await compose.alice('ps -q')).stdout.trim()).toBe('');
  expect((await compose.bob('ps -q')).stdout.trim().split('\n')).toHaveLength(2);
  return compose;
}

function isUp(project: string): RegExp {
  return new RegExp(`${project}_db_1 .* Up [\\s\\S]*${project}_web_1 .* Up`);
}
