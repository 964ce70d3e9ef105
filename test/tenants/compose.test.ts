import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Ran, run } from '../clients/run.ts';
import { openTenants, type Tenants } from '../support/tenants.ts';

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

async function projectOf(who: string): Promise<(args: string) => Promise<Ran>> {
  const { gateway } = tenants.door;
  const folder = `${gateway.dir}/compose-${who}`;
  mkdirSync(folder);
  const certs = await tenants.door.certPath(who);
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
    run('/usr/bin/docker-compose', ['--ansi', 'never', '-p', `of-${who}`, ...args.split(' ')], {
      cwd: folder,
      env,
    });
}

it('two projects of the same services under two tenants do not notice each other', {
  timeout: 180_000,
}, async () => {
  const compose = { alice: await projectOf('alice'), bob: await projectOf('bob') };
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
  expect(listed.alice).toMatch(/of-alice_db_1 .* Up [\s\S]*of-alice_web_1 .* Up/);
  expect(listed.bob).toMatch(/of-bob_db_1 .* Up [\s\S]*of-bob_web_1 .* Up/);
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
  expect((await compose.bob('down -v')).code).toBe(0);
});
