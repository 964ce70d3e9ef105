import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { removeNamed } from '../cli/cleanup.ts';
import { run } from '../clients/run.ts';
import { docker } from '../support/docker.ts';
import { Folder } from './steps.ts';

// The five commands of docs/learning.md, typed as they stand there, for three clients that nobody wrote a preset for.

const PAGE = readFileSync(new URL('../../docs/learning.md', import.meta.url), 'utf8');
const FIVE = (/```sh\n# five commands\n([\s\S]*?)```/.exec(PAGE)?.[1] ?? '')
  .split('\n')
  .filter((line) => line.startsWith('quaywarden '))
  .map((line) => line.replace(/ +#.*$/, ''));
const [INIT = '', CLIENT = '', OBSERVE = '', ADD = '', ENFORCE = ''] = FIVE;
const SUGGEST = ADD.replace(' --add', '');

const STARTER = fileURLToPath(new URL('../../policies/grants.csv', import.meta.url));

const engine = inject('engine');
const CLIENTS = ['app', 'nodeapp', 'composeapp'] as const;
type Client = (typeof CLIENTS)[number];
const MARK = `learn${process.pid}`;

let folder: Folder;
let port: number;
beforeAll(async () => {
  mkdirSync(`${engine.dir}/learning`, { recursive: true });
  folder = new Folder(mkdtempSync(`${engine.dir}/learning/`), engine.socket);
});
afterAll(async () => {
  await folder.stop();
  await removeNamed(engine.socket, MARK);
  rmSync(folder.dir, { recursive: true, force: true });
});

/** The same command for another client than the page's. */
function as(client: Client, line: string): string {
  return line.replace(/\bapp\b/g, client);
}

const target = (client: Client) => ({
  host: `tcp://127.0.0.1:${port}`,
  certPath: `${folder.dir}/certs/${client}`,
});

/** What each client does; throws, or returns what it saw, when the gateway is in its way. */
const FLOWS: Readonly<Record<Client, () => Promise<string>>> = {
  app: async () => {
    const said: string[] = [];
    for (const line of [
      'version',
      `run --rm --name ${MARK}-job -m 64m -v ${MARK}-data:/data busybox sh -c`,
      `run -d --name ${MARK}-web -p 127.0.0.1::80 -v /srv/learn:/srv:ro busybox sleep 60`,
      `exec ${MARK}-web echo in`,
      `logs ${MARK}-web`,
      `inspect ${MARK}-web`,
      'ps',
      `rm -f ${MARK}-web`,
      `volume rm ${MARK}-data`,
    ]) {
      const args = line.split(' ');
      if (line.endsWith('sh -c')) args.push('echo ran');
      const { code, stdout, stderr } = await docker(args, target('app'));
      if (code !== 0) throw new Error(`docker ${line}: ${stderr}`);
      said.push(stdout);
    }
    return said.join('');
  },
  nodeapp: async () => {
    const pem = (name: string) => readFileSync(`${folder.dir}/certs/nodeapp/${name}.pem`);
    const client = new Docker({
      ...{ protocol: 'https', host: '127.0.0.1', port, ca: pem('ca'), cert: pem('cert'), key: pem('key') },
    });
    const network = await client.createNetwork({ Name: `${MARK}-net` });
    const container = await client.createContainer({
      ...{ name: `${MARK}-node`, Image: 'busybox', Cmd: ['sleep', '60'], User: '1000' },
      HostConfig: { NetworkMode: `${MARK}-net`, CapDrop: ['ALL'], SecurityOpt: ['no-new-privileges'] },
    });
    await container.start();
    const { State } = await container.inspect();
    await container.stop({ t: 0 });
    await container.remove();
    await network.remove();
    return State.Status;
  },
  composeapp: async () => {
    const cwd = `${folder.dir}/project`;
    mkdirSync(cwd, { recursive: true });
    writeFileSync(
      `${cwd}/docker-compose.yml`,
      'version: "3.7"\nservices:\n  web: {image: busybox, command: ["sleep", "60"], volumes: ["data:/data"]}\nvolumes: {data: {}}\n',
    );
    const { host, certPath } = target('composeapp');
    const env = {
      HOME: cwd,
      DOCKER_HOST: host,
      DOCKER_CERT_PATH: certPath,
      DOCKER_TLS_VERIFY: '1',
      COMPOSE_TLS_VERSION: 'TLS',
    };
    for (const line of ['up -d', 'ps', 'down -v -t 0']) {
      const args = ['--ansi', 'never', '-p', `${MARK}c`, ...line.split(' ')];
      const { code, stderr } = await run('/usr/bin/docker-compose', args, { cwd, env });
      if (code !== 0) throw new Error(`docker-compose ${line}: ${stderr}`);
    }
    return 'done';
  },
};

describe('from observe mode to an enforced least policy, by the five commands of docs/learning.md', () => {
  it('the page has five', () => {
    expect(FIVE).toHaveLength(5);
  });

  it('1 to 3: clients that no grant speaks of are let through, and it is said aloud', async () => {
    for (const line of [INIT, ...CLIENTS.map((client) => as(client, CLIENT))]) {
      const made = await folder.type(line);
      expect(made.code, made.stderr).toBe(0);
    }
    port = await folder.ownPort();
    await folder.serve(OBSERVE, 'OBSERVING everybody');
    for (const client of CLIENTS) expect(await FLOWS[client](), client).not.toBe('');
  }, 180_000);

  it('what they need is printed, and nothing is touched without --add', async () => {
    const before = readFileSync(`${folder.dir}/policies/grants.csv`, 'utf8');
    const { code, stdout, stderr } = await folder.type(SUGGEST);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain("hostPathsWithin('/srv/learn:ro')");
    expect(stdout).not.toContain('nodeapp');
    expect(readFileSync(`${folder.dir}/policies/grants.csv`, 'utf8')).toBe(before);
    // The same log gives the same lines.
    const again = await folder.type(SUGGEST);
    const lines = (text: string): string => text.replace(/^# Suggested by.*$/m, '');
    expect(lines(again.stdout)).toBe(lines(stdout));
  }, 90_000);

  it('written as a policy of its own, it passes the tests that are written with it', async () => {
    const { code, stderr } = await folder.type('policy suggest --since 1h --out learned');
    expect(code, stderr).toBe(0);
    const tested = await folder.type('policy test learned/grants.test.yaml --json');
    const results = JSON.parse(tested.stdout) as { passed: boolean; name: string; effect: string }[];
    expect(results.filter(({ passed }) => !passed)).toEqual([]);
    const ofEffect = (effect: string) => results.filter((each) => each.effect === effect).length;
    // One for each operation of each client, and three ways onto the host for each of these.
    expect([ofEffect('allow') > 20, ofEffect('deny')]).toEqual([true, 3 * CLIENTS.length]);
    expect(tested.code).toBe(0);
    const linted = await folder.type('policy lint learned');
    expect(linted.stdout).toContain('0 errors');
  }, 90_000);

  it('4: added, the grants load', async () => {
    for (const client of CLIENTS) {
      const { code, stderr } = await folder.type(as(client, ADD));
      expect(code, stderr).toBe(0);
      expect(stderr).not.toContain('refused all the same');
    }
    const tested = await folder.type('policy test --json');
    const files = JSON.parse(tested.stdout) as { file: string; passed: boolean }[];
    expect(files.filter(({ passed }) => !passed)).toEqual([]);
    expect(new Set(files.map(({ file }) => file.replace(/:.*/, '')))).toEqual(
      new Set(['grants.test.yaml', 'learned.test.yaml', 'learned-2.test.yaml', 'learned-3.test.yaml']),
    );
    await folder.stop();
  }, 90_000);

  it('5: enforced, the same passes, and nothing else', async () => {
    expect(await folder.serve(ENFORCE)).not.toContain('OBSERVING');
    for (const client of CLIENTS) expect(await FLOWS[client](), client).not.toBe('');
    for (const line of [
      'run --rm --privileged busybox true',
      'run --rm -v /etc:/host busybox true',
      'run --rm -v /srv/learn:/srv busybox true',
      'run --rm alpine true',
      'volume create other',
      'network ls',
    ]) {
      const { code, stderr } = await docker(line.split(' '), target('app'));
      expect([line, code !== 0 && /quaywarden: app/.test(stderr)], stderr).toEqual([line, true]);
    }
  }, 180_000);

  it('a replay of what was seen refuses nothing newly; one of the starter policy says what it would', async () => {
    await folder.stop();
    const held = await folder.type('policy replay policies --since 1h --principal app');
    expect([held.code, held.stdout]).toEqual([0, expect.stringMatching(/0 newly refused/)]);
    const starter = await folder.type(`policy replay ${STARTER} --since 1h --json`);
    const { comparisons } = JSON.parse(starter.stdout) as {
      comparisons: { principal: string; outcome: string }[];
    };
    expect(starter.code).toBe(1);
    expect(
      comparisons.filter(({ outcome }) => outcome === 'newly-refused').map(({ principal }) => principal),
    ).toContain('composeapp');
  }, 90_000);
});
