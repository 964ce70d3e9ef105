import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tar } from '../clients/tar.ts';
import { withoutRegistryAddress } from '../presets/site.ts';
import { docker } from '../support/docker.ts';
import { REGISTRY } from '../support/engine.ts';
import { http } from '../support/front-door.ts';
import { type Answer, readAnswer } from '../support/http.ts';
import { openTenants, type Tenants } from '../support/tenants.ts';

/** What builds by tenants start from, on a real Engine: the images that they see, and what these have builds do. */
let tenants: Tenants;

beforeAll(async () => {
  tenants = await openTenants({
    prepare: async (dir) => {
      const profiles = `${dir}/policies/profiles.yaml`;
      writeFileSync(profiles, withoutRegistryAddress(readFileSync(profiles, 'utf8')));
      const grants = `${dir}/policies/grants.csv`;
      const line = `p, role:developer, image/${REGISTRY}/team-b/**, @read, true, allow\n`;
      writeFileSync(grants, readFileSync(grants, 'utf8') + line);
    },
  });
});

afterAll(async () => {
  await tenants?.close();
});

const V = '/v1.41';
const AUTH = Buffer.from('{}').toString('base64');

function ask(as: string, line: string): Promise<Answer> {
  return tenants.door.ask(http(line, 'Content-Length: 0'), as);
}

async function upload(
  as: string,
  path: string,
  files: Readonly<Record<string, string | Buffer>>,
  ...headers: string[]
): Promise<Answer> {
  const bytes = tar(files);
  const length = `Content-Length: ${bytes.length}`;
  const head = http(`POST ${V}${path}`, 'Content-Type: application/x-tar', length, ...headers);
  const client = await tenants.door.connect(as);
  client.write(Buffer.concat([Buffer.from(head), bytes]));
  const all = await client.answered('POST', 60_000);
  client.socket.destroy();
  return readAnswer(all, 'POST');
}

function build(as: string, name: string, ...lines: string[]): Promise<Answer> {
  return upload(as, `/build?t=${name}`, { Dockerfile: lines.join('\n') });
}

/** Has somebody load an image of one file, which has builds on it do something. */
async function load(as: string, name: string, ...onBuild: string[]): Promise<void> {
  const layer = tar({ [`of-${name.replace(/\W/g, '-')}`]: name });
  const config = JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    config: { OnBuild: onBuild },
    rootfs: { type: 'layers', diff_ids: [`sha256:${createHash('sha256').update(layer).digest('hex')}`] },
  });
  const manifest = JSON.stringify([{ Config: 'c.json', RepoTags: [name], Layers: ['l.tar'] }]);
  const answer = await upload(as, '/images/load', {
    'c.json': config,
    'l.tar': layer,
    'manifest.json': manifest,
  });
  expect(answer).toMatchObject({ status: 200 });
  expect(answer.body).toContain(`Loaded image: ${name}`);
}

async function idOf(as: string, name: string): Promise<string> {
  const { body } = await ask(as, `GET ${V}/images/${name}/json`);
  return (JSON.parse(body) as { Id: string }).Id;
}

const TRIGGER = 'COPY --from=team-a/secret:1 /secret /loot';

describe("another tenant's image", () => {
  beforeAll(async () => {
    const made = await build('alice', 'team-a/secret:1', 'FROM busybox', 'RUN echo alices > /secret');
    expect(made.body).toContain('Successfully tagged team-a/secret:1');
  });

  test('is not read by what a loaded image has builds do', async () => {
    await load('bob', 'team-b/trap:1', 'LABEL x=y', TRIGGER);
    const built = await build('bob', 'team-b/looted:1', 'FROM team-b/trap:1');
    expect(built.body).toContain('[base-image-triggers]');
    expect(built.status).toBe(403);
    const inStage = await build('bob', 'team-b/looted:1', 'FROM team-b/trap:1 AS x', 'FROM busybox');
    expect(inStage.status).toBe(403);
    // A trigger of a trigger is carried out by the second FROM.
    await load('bob', 'team-b/trap:3', `ONBUILD ${TRIGGER}`);
    const twice = await build('bob', 'team-b/looted:1', 'FROM team-b/trap:3 AS a', 'LABEL x=y', 'FROM a');
    expect(twice.body).toContain('[base-image-triggers]');
    // Who sees all images may.
    const byAdmin = await build('admin', 'team-b/looted:1', 'FROM team-b/trap:1');
    expect(byAdmin.body).toContain('Successfully tagged team-b/looted:1');
  });

  test('is not read by what a name means by the time that the Engine comes to it', async () => {
    await load('bob', 'team-b/later:1');
    await load('bob', 'team-b/trap:2', TRIGGER);
    const innocent = await idOf('bob', 'team-b/later:1');
    const building = build(
      'bob',
      'team-b/raced:1',
      'FROM busybox',
      'RUN sleep 4',
      'FROM team-b/later:1',
      'LABEL x=y',
    );
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const moved = await ask('bob', `POST ${V}/images/team-b/trap:2/tag?repo=team-b/later&tag=1`);
    expect(moved.status).toBe(201);
    expect(await idOf('bob', 'team-b/later:1')).not.toBe(innocent);
    const built = await building;
    expect(built.body).toContain('Successfully tagged team-b/raced:1');
    expect(built.body).not.toContain('build trigger');
    const { body } = await ask('bob', `GET ${V}/images/team-b/raced:1/json`);
    expect(body).toContain(innocent);
  });
});

test('what a base image has builds do with their own files is done', async () => {
  await load('bob', 'team-b/kind:1', 'COPY hello /hello', 'LABEL kind=yes');
  const files = { Dockerfile: 'from team-b/kind:1 \\\n# twice\n as first\nFROM first', hello: 'hello' };
  const built = await upload('bob', '/build?t=team-b/on-kind:1', files);
  expect(built.body).toContain('Successfully tagged team-b/on-kind:1');
  const { body } = await ask('bob', `GET ${V}/images/team-b/on-kind:1/json`);
  expect(JSON.parse(body)).toMatchObject({ Config: { Labels: { kind: 'yes' } } });
});

test('the record says which images a build started from', async () => {
  const id = await idOf('bob', 'busybox');
  await tenants.door.records();
  expect(await build('bob', 'team-b/told:1', 'FROM busybox')).toMatchObject({ status: 200 });
  const changes = [`its "busybox" is ${id}`];
  expect(await tenants.door.records(2)).toMatchObject([
    { stage: 'decision', changes },
    { stage: 'complete', changes },
  ]);
});

test.each([
  [{ 'other.txt': '' }, 'the archive has no Dockerfile of the name that was given [archive-untold]'],
  [{ Dockerfile: 'FROM busybox\nRUN cat <<EOF\nEOF' }, 'line 2 of the Dockerfile has a << in it'],
  [{ Dockerfile: 'FROM busybox # x' }, 'line 1 of the Dockerfile is no FROM that names one image'],
  [{ Dockerfile: 'FROM Busybox' }, 'which image \\"Busybox\\" is: name it in lower case and with its tag'],
  [{ Dockerfile: 'FROM grafana/grafana' }, 'is none that you may see (ImageInspect)'],
])('a build that is refused is told why: %o', async (files, why) => {
  const built = await upload('bob', '/build?t=team-b/x:1', files as Readonly<Record<string, string>>);
  expect(built.body).toContain(why);
});

test('an image that is nowhere is told of, with what the Engine says', async () => {
  const built = await build('bob', 'team-b/x:1', `FROM ${REGISTRY}/team-b/nowhere:1`);
  expect(built.status).toBe(404);
  expect(built.body).toContain(`could not be pulled: manifest for ${REGISTRY}/team-b/nowhere:1 not found`);
  expect(built.body).toContain('[base-image-absent]');
});

test('an image that is in a registry is pulled, and recorded before that', async () => {
  const there = `${REGISTRY}/team-b/there`;
  await ask('admin', `POST ${V}/images/busybox/tag?repo=${there}&tag=1`);
  const pushed = await tenants.door.ask(
    http(`POST ${V}/images/${there}/push?tag=1`, 'Content-Length: 0', `X-Registry-Auth: ${AUTH}`),
    'admin',
  );
  expect(pushed.status).toBe(200);
  const remove = () => ask('admin', `DELETE ${V}/images/${there}:1`);
  await remove();
  await tenants.door.records();
  const built = await build('bob', 'team-b/pulled:1', `FROM ${there}:1`);
  expect(built.body).toContain('Successfully tagged team-b/pulled:1');
  const pull = await tenants.door.records(4);
  expect(pull.map(({ stage, resource, decision }) => ({ stage, resource, decision }))).toMatchObject([
    { stage: 'decision', resource: { name: `${there}:1` }, decision: { reason: 'base-image' } },
    { stage: 'complete', resource: { name: `${there}:1` }, decision: { reason: 'base-image' } },
    { stage: 'decision', resource: { kind: 'build' }, decision: { reason: 'granted' } },
    { stage: 'complete', resource: { kind: 'build' }, decision: { reason: 'granted' } },
  ]);
  // As a client pulls who has the newest wanted.
  const again = await upload('bob', '/build?pull=1&t=team-b/pulled:2', { Dockerfile: `FROM ${there}:1` });
  expect(again.body).toContain('Successfully tagged team-b/pulled:2');
  const digest = /digest: (sha256:[0-9a-f]{64})/.exec(pushed.body)?.[1];
  await remove();
  const byDigest = await build('bob', 'team-b/pulled:3', `FROM ${there}@${digest}`);
  expect(byDigest.body).toContain('Successfully tagged team-b/pulled:3');
});

test('docker build says what the Dockerfile does', async () => {
  const { gateway } = tenants.door;
  const certPath = await tenants.door.certPath('bob');
  copyFileSync(`${gateway.certPath('admin')}/ca.pem`, `${certPath}/ca.pem`);
  const context = `${tenants.engine.dir}/context`;
  mkdirSync(context);
  writeFileSync(`${context}/Dockerfile`, 'FROM busybox AS base\nRUN true\nFROM base\nCOPY Dockerfile /\n');
  const { stdout, stderr, code } = await docker(['build', '-t', 'team-b/by-cli:1', context], {
    host: gateway.host,
    certPath,
    env: { DOCKER_BUILDKIT: '0' },
  });
  expect({ code, stderr: stderr.includes('Error') }).toEqual({ code: 0, stderr: false });
  expect(stdout).toContain('Successfully tagged team-b/by-cli:1');
});
