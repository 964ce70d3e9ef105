import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect, inject, it } from 'vitest';
import { docker } from '../support/docker.ts';
import { quaywarden } from '../support/gateway.ts';
import { promtool } from '../support/promtool.ts';
import { openPresets } from './site.ts';

/** Of Debian's netdata-plugins-bash. */
const NETDATA_SCRIPT = '/usr/lib/netdata/plugins.d/cgroup-name.sh';

const open = openPresets(['netdata', 'prometheus', 'traefik', 'uptime-kuma']);

it('is a set-up that doctor finds no fault with', async () => {
  const { folder } = open();
  const { stdout } = await quaywarden(['doctor', '--config', `${folder}/quaywarden.yaml`]);
  expect(stdout).toMatch(/^0 failed, /m);
});

it('Prometheus finds containers, and is refused nothing', async () => {
  const site = open();
  const direct = { host: `unix://${inject('engine').socket}` };
  const name = `target-${site.id}`;
  await docker(['run', '-d', '--name', name, '--expose', '9100', 'busybox', 'sleep', '600'], direct);
  const config = `${site.folder}/prometheus.yml`;
  const host = `unix://${site.socket('prometheus')}`;
  writeFileSync(
    config,
    `scrape_configs: [{ job_name: containers, docker_sd_configs: [{ host: "${host}", filters: [{ name: name, values: [${name}] }] }] }]\n`,
  );
  const { code, said } = promtool(['check', 'service-discovery', '--timeout', '5s', config, 'containers']);
  expect(code, said).toBe(0);
  expect(said).toContain(`"__meta_docker_container_name": "/${name}"`);
  expect(said).toMatch(/"__address__": "[\d.]+:9100"/);
  expect(said).toContain('"__meta_docker_network_name": "bridge"');
  expect(site.refused()).toEqual([]);
  const asked = site.gateway
    .auditRecords()
    .filter(({ principal }) => principal?.name === 'prometheus')
    .map(({ request }) => request.operation);
  expect(asked).toEqual(expect.arrayContaining(['ContainerList', 'NetworkList']));
});

it('Netdata’s own script finds the name of a container by its cgroup, and is refused nothing', async () => {
  const site = open();
  const direct = { host: `unix://${inject('engine').socket}` };
  const name = `cgroup-${site.id}`;
  const { stdout } = await docker(['run', '-d', '--name', name, 'busybox', 'sleep', '600'], direct);
  const id = stdout.trim();
  // Where there is a docker CLI the script runs that; in Netdata's image there is none.
  const bin = `${site.folder}/netdata-bin`;
  mkdirSync(bin);
  for (const tool of [
    'bash',
    'basename',
    'curl',
    'cut',
    'date',
    'grep',
    'jq',
    'sed',
    'tr',
    'cat',
    'logger',
    'uname',
  ]) {
    const at = ['/usr/bin', '/bin'].find((folder) => existsSync(`${folder}/${tool}`));
    if (at !== undefined) symlinkSync(`${at}/${tool}`, `${bin}/${tool}`);
  }
  const named = execFileSync('/bin/bash', [NETDATA_SCRIPT, `/docker/${id}`, `docker_${id}`], {
    env: { PATH: bin, DOCKER_HOST: site.socket('netdata') },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  expect(named.trim()).toContain(name);
  const asked = site.gateway
    .auditRecords()
    .filter(({ principal, stage }) => principal?.name === 'netdata' && stage === 'decision')
    .map(({ request }) => request.operation);
  expect(asked).toEqual(['ContainerInspect']);
  expect(site.refused()).toEqual([]);
});

it('a reader sees no environment, and is refused all else by the reason', async () => {
  const site = open();
  const direct = { host: `unix://${inject('engine').socket}` };
  const name = `secret-${site.id}`;
  await docker(['run', '-d', '--name', name, '-e', 'PASSWORD=hunter2', 'busybox', 'sleep', '600'], direct);
  const target = site.target('traefik');
  const { stdout } = await docker(['inspect', name], target);
  expect(stdout).toContain('PASSWORD=[redacted by quaywarden]');
  expect(stdout).not.toContain('hunter2');
  for (const command of [
    ['run', 'busybox'],
    ['exec', name, 'env'],
    ['logs', name],
    ['cp', `${name}:/etc/passwd`, '-'],
    ['rm', '-f', name],
  ]) {
    const { code, stderr } = await docker(command, target);
    expect([command, code === 0, stderr]).toEqual([command, false, expect.stringContaining('[not-granted]')]);
  }
  const other = await docker(['events', '--until', '0s'], site.target('uptime-kuma'));
  expect(other.stderr).toContain('uptime-kuma (role uptime-kuma) may not do SystemEvents');
});
