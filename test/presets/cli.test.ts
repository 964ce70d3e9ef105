import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, inject, it } from 'vitest';
import { type DockerOptions, type DockerResult, docker } from '../support/docker.ts';
import { openPresets, type PresetSite, withoutRegistryAddress } from './site.ts';

// The registry of the tests in place of the one that the README says to replace.
const open = openPresets(['remote-developer', 'backup-job', 'nightly-rebuild', 'image-clean-up'], {
  grants: (text) => text.replaceAll('registry.example.com/team', '127.0.0.1:5000/team'),
  profiles: withoutRegistryAddress,
});

/** Runs docker commands as the client of a preset; the words are split at spaces. */
function as(preset: string): (command: string, options?: DockerOptions) => Promise<DockerResult> {
  const site = open();
  const env = { DOCKER_BUILDKIT: '0' };
  return (command, options = {}) => docker(command.split(' '), { ...site.target(preset), env, ...options });
}

/** The same, which must succeed; returns what was printed. */
function succeeding(preset: string): (command: string, options?: DockerOptions) => Promise<string> {
  const run = as(preset);
  return async (command, options) => {
    const { code, stdout, stderr } = await run(command, options);
    expect([command, code, stderr]).toEqual([command, 0, expect.not.stringContaining('quaywarden:')]);
    return stdout;
  };
}

async function expectRefused(preset: string, commands: Readonly<Record<string, string>>): Promise<void> {
  const run = as(preset);
  for (const [command, reason] of Object.entries(commands)) {
    const { code, stderr } = await run(command);
    expect([command, code === 0, stderr]).toEqual([command, false, expect.stringContaining(`[${reason}]`)]);
  }
}

function context(site: PresetSite, name: string, dockerfile: string): string {
  const folder = `${site.folder}/${name}`;
  mkdirSync(folder);
  writeFileSync(`${folder}/Dockerfile`, dockerfile);
  return folder;
}

it('a remote developer works, within baseline', async () => {
  const site = open();
  const run = succeeding('remote-developer');
  const [web, net, vol, image] = ['web', 'net', 'vol', 'app'].map((what) => `${what}-${site.id}`);
  await run(`network create ${net}`);
  await run(`volume create ${vol}`);
  await run(`run -d --name ${web} --network ${net} -v ${vol}:/data -p 127.0.0.1::80 busybox sleep 600`);
  expect(await run(`exec -i ${web} cat`, { input: 'typed\n' })).toBe('typed\n');
  await run(`cp ${context(site, 'copied', 'FROM x\n')}/Dockerfile ${web}:/data/copied`);
  expect(await run(`exec ${web} cat /data/copied`)).toBe('FROM x\n');
  expect(await run(`ps --filter name=${web} --format {{.Names}}`)).toBe(`${web}\n`);
  await run(`build -t ${image} ${context(site, 'app', 'FROM busybox\nRUN echo hi > /hi\n')}`);
  expect(await run(`run --rm ${image} cat /hi`)).toBe('hi\n');
  await run(`logs ${web}`);
  await run(`rm -f ${web}`);
  await run(`rmi ${image}`);
  await run(`network rm ${net}`);
  await run(`volume rm ${vol}`);
  await expectRefused('remote-developer', {
    'run --privileged busybox': 'privileged',
    'run -v /:/host busybox': 'host-path',
    'run -v /var/run/docker.sock:/var/run/docker.sock busybox': 'host-path',
    'run -p 8080:80 busybox': 'port-not-permitted',
    'system prune -f': 'not-granted',
    'swarm init': 'not-granted',
    'save busybox': 'not-granted',
  });
});

it('a backup job copies a volume out, and can do no more', async () => {
  const site = open();
  const [db, vol] = [`db-${site.id}`, `data-${site.id}`];
  const direct = { host: `unix://${inject('engine').socket}` };
  const made = ['run', '-d', '--name', db, '-v', `${vol}:/data`, 'busybox'];
  await docker([...made, 'sh', '-c', 'echo kept > /data/file; exec sleep 600'], direct);
  const run = succeeding('backup-job');
  expect(await run(`volume ls -q --filter name=${vol}`)).toBe(`${vol}\n`);
  await run(`stop -t 0 ${db}`);
  const archive = await run(`run --rm --network none -v ${vol}:/from:ro busybox tar -C /from -c .`);
  expect(archive).toContain('kept\n');
  await run(`start ${db}`);
  await expectRefused('backup-job', {
    [`run --rm -v ${vol}:/from busybox true`]: 'network-not-permitted',
    'run --rm --network none -v /:/from:ro busybox true': 'host-path',
    'run --rm --network none 127.0.0.1:5000/library/busybox:1.35 true': 'image-not-permitted',
    [`exec ${db} sh`]: 'not-granted',
    [`rm -f ${db}`]: 'not-granted',
    [`volume rm ${vol}`]: 'not-granted',
  });
});

it('a nightly rebuild builds, tags and pushes its own, on bases that are named', async () => {
  const site = open();
  const run = succeeding('nightly-rebuild');
  const image = `127.0.0.1:5000/team/app-${site.id}`;
  const built = await run(
    `build -t ${image}:new ${context(site, 'rebuild', 'FROM busybox\nRUN echo hi > /hi\n')}`,
  );
  expect(built).toContain(`Successfully tagged ${image}:new\n`);
  await run(`tag ${image}:new ${image}:latest`);
  expect(await run(`push ${image}:latest`)).toMatch(/latest: digest: sha256:/);
  const foreign = context(site, 'foreign', 'FROM 127.0.0.1:5000/library/busybox:1.35\n');
  await expectRefused('nightly-rebuild', {
    [`build -t ${image} ${foreign}`]: 'base-image-not-permitted',
    [`build -t busybox ${site.folder}/rebuild`]: 'not-granted',
    [`tag ${image}:new busybox`]: 'not-granted',
    'push 127.0.0.1:5000/library/busybox:1.35': 'not-granted',
    'run busybox': 'not-granted',
    ps: 'not-granted',
  });
});

it('an image clean-up job prunes images and nothing else', async () => {
  const site = open();
  const direct = { host: `unix://${inject('engine').socket}`, env: { DOCKER_BUILDKIT: '0' } };
  const label = `clean-${site.id}`;
  const folder = context(site, 'clean', 'FROM busybox\n');
  await docker(['build', '-q', '--label', label, '-t', label, folder], direct);
  const run = succeeding('image-clean-up');
  // Of its own label: the Engine is that of all tests.
  expect(await run(`image prune -af --filter label=${label}`)).toContain(`untagged: ${label}:latest\n`);
  await run('builder prune -f --filter until=9999h');
  expect(await run('system df')).toMatch(/^Images /m);
  await expectRefused('image-clean-up', {
    'system prune -f': 'not-granted',
    'volume prune -f': 'not-granted',
    'rmi busybox': 'not-granted',
    'run busybox': 'not-granted',
  });
});
