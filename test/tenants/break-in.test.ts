import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { tar } from '../clients/tar.ts';
import { http, json } from '../support/front-door.ts';
import { type Answer, readAnswer } from '../support/http.ts';
import { openTenants, type Tenants } from '../support/tenants.ts';

/** What bob of team-b tried on alice of team-a, on a real Engine, and what came of it before it was mended. */
let tenants: Tenants;

beforeAll(async () => {
  tenants = await openTenants();
});

afterAll(async () => {
  await tenants?.close();
});

const V = '/v1.41';

function get(as: string, path: string): Promise<Answer> {
  return tenants.door.ask(http(`GET ${V}${path}`), as);
}

function post(as: string, path: string, body?: unknown): Promise<Answer> {
  const line = `POST ${V}${path}`;
  return tenants.door.ask(
    body === undefined ? http(line, 'Content-Length: 0') : json(line, JSON.stringify(body)),
    as,
  );
}

async function create(as: string, name: string, body: object): Promise<string> {
  const answer = await post(as, `/containers/create?name=${name}`, {
    Image: 'busybox',
    Cmd: ['sleep', '600'],
    ...body,
  });
  if (answer.status !== 201) throw new Error(answer.body);
  return (JSON.parse(answer.body) as { Id: string }).Id;
}

/** Sends an archive of these files. */
async function upload(as: string, path: string, files: Readonly<Record<string, string>>): Promise<Answer> {
  const bytes = tar(files);
  const head = http(`POST ${V}${path}`, 'Content-Type: application/x-tar', `Content-Length: ${bytes.length}`);
  const client = await tenants.door.connect(as);
  client.write(Buffer.concat([Buffer.from(head), bytes]));
  const all = await client.answered('POST', 30_000);
  client.socket.destroy();
  return readAnswer(all, 'POST');
}

/** Past the gateway, as who may open the Engine's socket. */
function onEngine(method: string, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({ socketPath: tenants.engine.socket, method, path: `${V}${path}` }, (reply) => {
      reply.resume().on('end', () => resolve(reply.statusCode));
    })
      .on('error', reject)
      .end();
  });
}

function only(filters: Readonly<Record<string, readonly string[]>>): string {
  return `filters=${encodeURIComponent(JSON.stringify(filters))}`;
}

test('an error that echoes twenty thousand ids of the client keeps nobody waiting', async () => {
  const ids = Array.from({ length: 20_000 }, (_, index) => index.toString(16).padStart(12, 'a')).join(' ');
  const started = performance.now();
  const answer = await post('bob', '/containers/create', { Image: 'busybox', WorkingDir: ids });
  expect(answer.status).toBe(400);
  expect(answer.body).toContain('aaaaaaaaaaa0 aaaaaaaaaaa1 ');
  // It took minutes, in which the gateway answered nobody.
  expect(performance.now() - started).toBeLessThan(30_000);
});

test('a pull may give a shared base image its name; an import may not, nor a load', async () => {
  const before = await get('alice', '/images/busybox/json');
  for (const repo of ['busybox', 'docker.io/library/busybox', 'team-a/app']) {
    const answer = await upload('bob', `/images/create?fromSrc=-&repo=${repo}&tag=latest`, {
      'etc/passwd': 'bob',
    });
    expect({ repo, status: answer.status, body: answer.body }).toMatchObject({ status: 403 });
  }
  expect(await get('alice', '/images/busybox/json')).toMatchObject({ body: before.body });
  const own = await upload('bob', '/images/create?fromSrc=-&repo=team-b/app&tag=1', { 'etc/passwd': 'bob' });
  expect(own.status).toBe(200);
});

test('a second network of a name is not made, so that containers of the first still start', async () => {
  expect(await post('alice', '/networks/create', { Name: 'back' })).toMatchObject({ status: 201 });
  const second = await post('bob', '/networks/create', { Name: 'back', CheckDuplicate: false });
  expect(second.status).toBe(409);
  expect(second.body).toContain(
    'is taken by a network that you can not use: choose another name [name-taken]',
  );
  await create('alice', 'on-back', { HostConfig: { NetworkMode: 'back' } });
  expect(await post('alice', '/containers/on-back/start')).toMatchObject({ status: 204 });
  expect(await post('alice', '/containers/on-back/kill')).toMatchObject({ status: 204 });
});

test('a container that waits for its start never joins what another called like its network', async () => {
  await post('alice', '/networks/create', { Name: 'front' });
  await create('alice', 'by-mode', { HostConfig: { NetworkMode: 'front' } });
  await create('alice', 'by-endpoint', {
    NetworkingConfig: { EndpointsConfig: { front: { Aliases: ['db'] } } },
  });
  await create('alice', 'by-connect', {});
  await post('alice', '/networks/front/connect', { Container: 'by-connect' });
  expect((await tenants.door.ask(http(`DELETE ${V}/networks/front`), 'alice')).status).toBe(204);
  expect(await post('bob', '/networks/create', { Name: 'front' })).toMatchObject({ status: 201 });
  for (const name of ['by-mode', 'by-endpoint', 'by-connect']) {
    expect({ name, ...(await post('alice', `/containers/${name}/start`)) }).toMatchObject({ status: 404 });
  }
  const { body } = await get('bob', '/networks/front');
  expect(JSON.parse(body)).toMatchObject({ Containers: {} });
});

test('the ancestor of containers tells nothing of images that are not seen', async () => {
  await post('alice', '/images/busybox/tag?repo=team-a/hidden&tag=7');
  const id = await create('bob', 'of-busybox', {});
  const listed = async (ancestor: string) =>
    (
      JSON.parse(
        (await get('bob', `/containers/json?all=1&${only({ ancestor: [ancestor] })}`)).body,
      ) as object[]
    ).length;
  expect(await listed('busybox')).toBeGreaterThan(0);
  expect(await listed('team-a/hidden:7')).toBe(0);
  expect(await listed('team-a/hidden:8')).toBe(0);
  const image = (JSON.parse((await get('bob', `/containers/${id}/json`)).body) as { Image: string }).Image;
  expect(await listed(image.slice('sha256:'.length, 19))).toBeGreaterThan(0);
});

test('images are not of a tenant that is called as their registry or namespace is', async () => {
  for (const o of ['docker.io', 'library']) {
    await tenants.door.certPath(`of-${o}`, { cn: `of-${o}`, o, ou: 'developer' });
  }
  await post('alice', '/images/busybox/tag?repo=team-a/hidden&tag=8');
  expect(await get('of-docker.io', '/images/team-a/hidden:8/json')).toMatchObject({ status: 404 });
  const { body } = await get('of-docker.io', '/images/json');
  expect(body).not.toContain('team-a/hidden');
  expect(await get('of-docker.io', '/images/busybox/json')).toMatchObject({ status: 200 });
  const moved = await post('of-library', '/images/busybox/tag?repo=library/busybox&tag=9');
  expect(moved).toMatchObject({ status: 403 });
  expect(moved.body).toContain('no tenant may be called library');
  expect(moved.body).toContain('[tenant-reserved]');
});

test('an image by a name that the gateway can not read is not run unjudged', async () => {
  const name = 'REG.example.com/team-a/app:1';
  expect(await onEngine('POST', '/images/busybox/tag?repo=REG.example.com/team-a/app&tag=1')).toBe(201);
  expect(await post('bob', '/containers/create', { Image: name })).toMatchObject({ status: 400 });
  expect(await get('bob', `/containers/json?all=1&${only({ ancestor: [name] })}`)).toMatchObject({
    body: '[]\n',
  });
});

test('no step of a build comes from what another tenant built', async () => {
  const step = 'RUN cat /proc/sys/kernel/random/uuid > /secret';
  await upload('alice', '/build?t=team-a/built', { Dockerfile: `FROM busybox\n${step}\nRUN cat /secret\n` });
  const { body } = await upload('bob', '/build?t=team-b/built&nocache=0', {
    Dockerfile: `FROM busybox\n${step}\nRUN cat /secret\n`,
  });
  expect(body).toContain('Successfully tagged team-b/built:latest');
  expect(body).not.toContain('Using cache');
});

test('no build has the Engine ask an address for the image that it starts from', async () => {
  await tenants.door.records();
  const built = await upload('bob', '/build?t=team-b/x', { Dockerfile: 'FROM 169.254.169.254/team-b/x' });
  expect(built.status).toBe(403);
  expect(built.body).toContain('has the Engine speak with \\"169.254.169.254\\"');
  expect(await tenants.door.records(1)).toHaveLength(1);
});

test('a list of many anonymous volumes costs one question more, not one for each', async () => {
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`/v${index}`, {}]));
  await create('bob', 'many', { Volumes: many });
  const took: number[] = [];
  for (let n = 0; n < 3; n += 1) {
    const started = performance.now();
    const { body } = await get('bob', '/volumes');
    took.push(performance.now() - started);
    expect((JSON.parse(body) as { Volumes: object[] }).Volumes).toHaveLength(200);
  }
  expect(Math.min(...took)).toBeLessThan(1_000);
  expect((JSON.parse((await get('alice', '/volumes')).body) as { Volumes: object[] }).Volumes).toHaveLength(
    0,
  );
});
