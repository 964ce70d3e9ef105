import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { run } from '../clients/run.ts';
import { openPresets } from './site.ts';

const open = openPresets(['compose-deployment']);

const IDLE = 'command: ["sh", "-c", \'echo ready; trap "exit 0" TERM; while :; do sleep 0.1; done\']';
const PROJECT = `
version: "3.7"
services:
  web: { image: busybox, ${IDLE}, ports: ["127.0.0.1::80"], volumes: ["data:/data"], depends_on: [db] }
  db: { image: busybox, ${IDLE}, environment: { A: b } }
volumes: { data: {} }
`;

// Seven commands, each of which starts Python.
it('docker-compose takes a project through its life, within baseline', { timeout: 120_000 }, async () => {
  const site = open();
  const folder = `${site.folder}/project`;
  mkdirSync(folder);
  writeFileSync(`${folder}/docker-compose.yml`, PROJECT);
  const compose = (args: string) =>
    run('/usr/bin/docker-compose', ['--ansi', 'never', '-p', site.id, ...args.split(' ')], {
      cwd: folder,
      env: {
        HOME: folder,
        DOCKER_HOST: site.gateway.host,
        DOCKER_CERT_PATH: site.gateway.certPath('compose-deployment'),
        DOCKER_TLS_VERIFY: '1',
        COMPOSE_TLS_VERSION: 'TLS',
      },
    });
  for (const args of ['up -d', 'ps', 'logs', 'restart -t 0 web', 'up -d -t 0 --scale db=2', 'down -v -t 0']) {
    const { code, stdout, stderr } = await compose(args);
    expect([args, code, stderr]).toEqual([args, 0, expect.not.stringContaining('quaywarden:')]);
    if (args === 'ps') expect(stdout).toMatch(/_db_1 .* Up [\s\S]*_web_1 .* Up /);
    if (args === 'logs') expect(stdout).toMatch(/db_1 +\| ready/);
  }
  expect(site.refused()).toEqual([]);
  const bad =
    'version: "3.7"\nservices:\n  bad: { image: busybox, privileged: true, volumes: ["/:/host"] }\n';
  writeFileSync(`${folder}/bad.yml`, bad);
  const { code, stderr } = await compose('-f bad.yml up -d');
  expect([code, stderr]).toEqual([1, expect.stringMatching(/\[(host-path|privileged)\]/)]);
});
