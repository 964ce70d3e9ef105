import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { describe, expect, inject, it } from 'vitest';
import { REMOTE_BUSYBOX } from '../support/images.ts';
import { curl, json } from './curl-client.ts';
import { textOf } from './frames.ts';
import { run } from './run.ts';
import { openSite, type Site, WAYS } from './site.ts';
import { tar } from './tar.ts';

const FULL_ID = /^[0-9a-f]{64}$/;
const IDLE = ['sh', '-c', 'trap "exit 0" TERM; echo started; while :; do sleep 0.1; done'];
const DOCKERFILE = 'FROM busybox\nCOPY note /note\nCMD ["cat", "/note"]\n';
const TAR = ['-H', 'Content-Type: application/x-tar'];

interface Listed {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly State: string;
}

/** Creates a container of that test; returns its full id. */
async function create(site: Site, config: object, name = 'box'): Promise<string> {
  const body = json({ Image: 'busybox', ...config });
  const made = await curl(site, `/v1.41/containers/create?name=${site.name(name)}`, body);
  expect(made.status, made.stdout).toBe(201);
  return made.json<{ Id: string }>().Id;
}

async function post(site: Site, path: string, ...args: string[]): Promise<number> {
  return (await curl(site, path, ['-X', 'POST', ...args])).status;
}

async function started(site: Site, config: object, name?: string): Promise<string> {
  const id = await create(site, config, name);
  expect(await post(site, `/v1.41/containers/${id}/start`)).toBe(204);
  return id;
}

async function logs(site: Site, id: string): Promise<string> {
  expect(await post(site, `/v1.41/containers/${id}/wait`)).toBe(200);
  return textOf((await curl(site, `/v1.41/containers/${id}/logs?stdout=1`)).raw, 1);
}

describe.each(WAYS)('curl over %s: the classic walk-through', (way) => {
  const open = openSite(way);
  const engine = inject('engine');

  it('lists images', async () => {
    const { status, headers, ...answer } = await curl(open(), '/images/json');
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('application/json');
    const tags = answer.json<{ RepoTags: string[] }[]>().flatMap((image) => image.RepoTags);
    expect(tags).toContain('busybox:latest');
  });

  it('lists containers that have ended with all=1, and not without', async () => {
    const site = open();
    const id = await started(site, { Cmd: ['true'] });
    expect(await logs(site, id)).toBe('');
    const named = `filters=${encodeURIComponent(JSON.stringify({ name: [site.id] }))}`;
    expect((await curl(site, `/v1.41/containers/json?${named}`)).json()).toEqual([]);
    const all = (await curl(site, `/v1.41/containers/json?all=1&${named}`)).json<Listed[]>();
    expect(all.map(({ Id, Names, State }) => ({ Id, Names, State }))).toEqual([
      { Id: id, Names: [`/${site.name('box')}`], State: 'exited' },
    ]);
  });

  it('pulls an image with images/create?fromImage=', async () => {
    const [repository = '', tag = ''] = REMOTE_BUSYBOX.split(/:(?=[^:]+$)/);
    const pulled = await curl(
      open(),
      `/v1.41/images/create?fromImage=${encodeURIComponent(repository)}&tag=${tag}`,
      ['-X', 'POST'],
    );
    expect(pulled.status).toBe(200);
    expect(pulled.headers['transfer-encoding']).toBe('chunked');
    const lines = pulled.stdout
      .trim()
      .split('\r\n')
      .map((line) => JSON.parse(line) as { status: string });
    expect(lines[0]?.status).toBe('Pulling from library/busybox');
    expect(lines.at(-1)?.status).toMatch(/^Status: (Downloaded newer image|Image is up to date) for /);
    const unsplit = await curl(open(), `/v1.41/images/create?fromImage=${REMOTE_BUSYBOX}`, ['-X', 'POST']);
    expect(unsplit.stdout).toContain(`Status: Image is up to date for ${REMOTE_BUSYBOX}`);
  });

  it('creates a container with PortBindings that answers on its port', async () => {
    const site = open();
    const id = await started(site, {
      Cmd: ['sh', '-c', 'echo served > /tmp/index.html && exec httpd -f -p 80 -h /tmp'],
      ExposedPorts: { '80/tcp': {} },
      HostConfig: { PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '' }] } },
    });
    const { NetworkSettings } = (await curl(site, `/v1.41/containers/${id}/json`)).json<{
      NetworkSettings: { Ports: Record<string, { HostIp: string; HostPort: string }[]> };
    }>();
    const port = NetworkSettings.Ports['80/tcp']?.[0]?.HostPort;
    expect(port).toMatch(/^\d+$/);
    const page = execFileSync(
      'nsenter',
      [
        `--net=${engine.netns}`,
        'curl',
        '-sS',
        '--retry',
        '20',
        '--retry-connrefused',
        '--retry-delay',
        '1',
      ].concat([`http://127.0.0.1:${port}/`]),
      { encoding: 'utf8' },
    );
    expect(page).toBe('served\n');
  });

  it('creates a container with Binds that reads the folder it was given', async () => {
    const site = open();
    const folder = site.files('bound', { note: 'from outside\n' });
    const id = await started(site, { Cmd: ['cat', '/in/note'], HostConfig: { Binds: [`${folder}:/in:ro`] } });
    expect(await logs(site, id)).toBe('from outside\n');
  });

  it('attaches with logs=1&stream=1 and reads to the end', async () => {
    const site = open();
    const id = await started(site, {
      Cmd: [
        'sh',
        '-c',
        'echo before; trap "echo after; echo oops >&2; exit 0" TERM; while :; do sleep 0.1; done',
      ],
    });
    await expect
      .poll(async () => (await curl(site, `/v1.41/containers/${id}/logs?stdout=1`)).raw.length, {
        timeout: 20_000,
      })
      .toBe(15);
    const attached = curl(site, `/v1.41/containers/${id}/attach?logs=1&stream=1&stdout=1&stderr=1`, [
      '-X',
      'POST',
    ]);
    const isAttached = (): boolean =>
      site.gateway
        .auditRecords()
        .some(({ request, resource }) => request.operation === 'ContainerAttach' && resource?.id === id);
    await expect.poll(isAttached, { timeout: 20_000 }).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await post(site, `/v1.41/containers/${id}/stop?t=5`)).toBe(204);
    const { status, headers, raw } = await attached;
    expect([status, headers['content-type']]).toEqual([200, 'application/vnd.docker.raw-stream']);
    expect([textOf(raw, 1), textOf(raw, 2)]).toEqual(['before\nafter\n', 'oops\n']);
  });

  it('stops, starts again and kills by full id', async () => {
    const site = open();
    const id = await started(site, { Cmd: IDLE });
    expect(id).toMatch(FULL_ID);
    expect(await post(site, `/v1.41/containers/${id}/stop?t=5`)).toBe(204);
    expect(await post(site, `/v1.41/containers/${id}/stop?t=5`)).toBe(304);
    expect(await post(site, `/v1.41/containers/${id}/start`)).toBe(204);
    expect(await post(site, `/v1.41/containers/${id}/kill`)).toBe(204);
    const again = await curl(site, `/v1.41/containers/${id}/kill?signal=KILL`, ['-X', 'POST']);
    expect([again.status, again.json()]).toEqual([
      409,
      { message: `Cannot kill container: ${id}: Container ${id} is not running` },
    ]);
    const state = (await curl(site, `/v1.41/containers/${id}/json`)).json<{ State: { ExitCode: number } }>();
    expect(state.State.ExitCode).toBe(137);
    expect((await curl(site, `/v1.41/containers/${id}`, ['-X', 'DELETE'])).status).toBe(204);
  });

  it('gets the same list over HTTP/1.0', async () => {
    const site = open();
    const id = await create(site, { Cmd: ['true'] });
    const old = await curl(site, '/containers/json?all=1', ['-0']);
    expect(old.status).toBe(200);
    expect(old.headers['transfer-encoding']).toBeUndefined();
    expect(old.json<Listed[]>().map(({ Id }) => Id)).toContain(id);
  });
});

describe.each(WAYS)('curl over %s: streams', (way) => {
  const open = openSite(way);

  async function exec(site: Site, id: string, config: object): Promise<string> {
    const made = await curl(site, `/v1.41/containers/${id}/exec`, json({ AttachStdout: true, ...config }));
    expect(made.status, made.stdout).toBe(201);
    return made.json<{ Id: string }>().Id;
  }

  it('starts an exec without an Upgrade header and reads a raw stream', async () => {
    const site = open();
    const id = await started(site, { Cmd: IDLE });
    const plain = await exec(site, id, { AttachStderr: true, Cmd: ['sh', '-c', 'echo out; echo err >&2'] });
    const answer = await curl(site, `/v1.41/exec/${plain}/start`, json({ Detach: false, Tty: false }));
    expect([answer.status, answer.headers['content-type'], answer.headers['upgrade']]).toEqual([
      200,
      'application/vnd.docker.raw-stream',
      undefined,
    ]);
    expect([textOf(answer.raw, 1), textOf(answer.raw, 2)]).toEqual(['out\n', 'err\n']);
    const terminal = await exec(site, id, { Tty: true, Cmd: ['echo', 'on a terminal'] });
    const shown = await curl(site, `/v1.41/exec/${terminal}/start`, json({ Detach: false, Tty: true }));
    expect([shown.status, shown.stdout]).toEqual([200, 'on a terminal\r\n']);
    const detached = await exec(site, id, { Cmd: ['true'] });
    expect((await curl(site, `/v1.41/exec/${detached}/start`, json({ Detach: true }))).status).toBe(200);
    const again = await curl(site, `/v1.41/exec/${'0'.repeat(64)}/start`, json({}));
    expect([again.status, again.json()]).toEqual([
      404,
      { message: `No such exec instance: ${'0'.repeat(64)}` },
    ]);
  });

  it('asks for an upgrade of exec start, as an older script does, and gets the same frames after a 101', async () => {
    const site = open();
    const id = await started(site, { Cmd: IDLE });
    const made = await exec(site, id, { Cmd: ['echo', 'upgraded'] });
    const upgrade = ['-H', 'Connection: Upgrade', '-H', 'Upgrade: tcp'];
    const answer = await curl(site, `/v1.41/exec/${made}/start`, [...upgrade, ...json({})]);
    expect([answer.status, answer.headers['upgrade']]).toEqual([101, 'tcp']);
    expect(textOf(answer.raw, 1)).toBe('upgraded\n');
  });

  it('builds from a tar on standard input, chunked', async () => {
    const site = open();
    const context = tar({ Dockerfile: DOCKERFILE, note: `chunked ${site.id}\n` });
    const built = await curl(
      site,
      `/v1.41/build?t=${site.name('built')}&rm=1`,
      ['-X', 'POST', ...TAR, '-T', '-'],
      { input: context },
    );
    expect(built.status, built.stdout).toBe(200);
    expect(built.stdout).toContain(`Successfully tagged ${site.name('built')}:latest`);
    const id = await started(site, { Image: site.name('built') });
    expect(await logs(site, id)).toBe(`chunked ${site.id}\n`);
  });

  it('builds from a large file that it sends after 100 Continue', async () => {
    const site = open();
    const folder = site.files('context', {
      'context.tar': tar({
        Dockerfile: 'FROM busybox\nCOPY note large /\nCMD ["cat", "/note"]\n',
        note: `${site.id}\n`,
        large: randomBytes(8_000_000),
      }),
    });
    const built = await curl(site, `/v1.41/build?t=${site.name('built')}&rm=1`, [
      ...TAR,
      '--data-binary',
      `@${folder}/context.tar`,
    ]);
    expect(built.statuses).toEqual([100, 200]);
    expect(built.stdout).toContain(`Successfully tagged ${site.name('built')}:latest`);
  });

  it('puts an archive into a container, asks about it and gets it back byte for byte', async () => {
    const site = open();
    const id = await create(site, { Cmd: ['true'] });
    const content = randomBytes(3_000_000);
    const folder = site.files('archive', { 'in.tar': tar({ blob: content }) });
    const archive = `/v1.41/containers/${id}/archive?path=`;
    const put = await curl(site, `${archive}/tmp`, [...TAR, '-T', `${folder}/in.tar`]);
    expect(put.statuses).toEqual([100, 200]);
    const info = await curl(site, `${archive}/tmp/blob`, ['-I']);
    const stat = Buffer.from(info.headers['x-docker-container-path-stat'] ?? '', 'base64').toString();
    expect(JSON.parse(stat)).toMatchObject({ name: 'blob', size: 3_000_000 });
    const back = await curl(site, `${archive}/tmp/blob`);
    expect(back.raw.subarray(512, 512 + content.length).equals(content)).toBe(true);
  });

  it('reads events of the past and ends with them', async () => {
    const site = open();
    const since = Math.floor(Date.now() / 1000) - 1;
    const id = await create(site, { Cmd: ['true'] });
    const until = Math.floor(Date.now() / 1000) + 1;
    const filters = encodeURIComponent(JSON.stringify({ container: [id] }));
    const events = await curl(site, `/v1.41/events?since=${since}&until=${until}&filters=${filters}`);
    expect(
      events.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).Action),
    ).toEqual(['create']);
  });

  it('uses one connection for several requests', async () => {
    const site = open();
    const url = (path: string) => `https://127.0.0.1:${site.gateway.port}${path}`;
    const counted = ['-w', '\n%{num_connects} %{http_code}\n'];
    const answer = await curl(site, '/_ping', [
      ...counted,
      url('/containers/json'),
      url('/v1.41/containers/none/json'),
      url('/v1.41/images/json'),
    ]);
    expect(answer.stdout.match(/^[01] \d{3}$/gm)).toEqual(['1 200', '0 404', '0 200', '0 200']);
    expect((await curl(site, '/_ping', ['-I'])).headers['api-version']).toBe('1.41');
  });
});

describe('curl: what it sends by mistake', () => {
  const open = openSite('mtls', { refusals: ['form-body', 'content-type-unsupported', 'query-unknown'] });

  it('is told what to do about -d without a Content-Type', async () => {
    const site = open();
    const body = JSON.stringify({ Image: 'busybox' });
    const refused = await curl(site, `/v1.41/containers/create?name=${site.name('x')}`, ['-d', body]);
    expect(refused.status).toBe(415);
    expect(refused.json()).toEqual({
      message:
        'quaywarden: a application/x-www-form-urlencoded body is refused everywhere, since its values would ' +
        'override the query; send JSON as application/json, archives as application/x-tar ' +
        '(with curl: -H "Content-Type: ...") [form-body]',
    });
    const record = site.gateway
      .auditRecords()
      .find(({ id }) => id === refused.headers['quaywarden-request-id']);
    expect([record?.stage, record?.decision.reason, record?.outcome?.status]).toEqual([
      'refused',
      'form-body',
      415,
    ]);
  });

  it('is told about a misspelt parameter', async () => {
    const refused = await curl(open(), '/v1.41/containers/json?al=1');
    expect([refused.status, refused.json()]).toEqual([
      400,
      { message: 'quaywarden: "al" is not a query parameter of this operation [query-unknown]' },
    ]);
  });

  it('reads the refusal of a large upload that it has not finished', async () => {
    const site = open();
    const refused = await curl(
      site,
      `/v1.41/containers/create?name=${site.name('x')}`,
      ['-X', 'POST', '-H', 'Content-Type: application/x-tar', '-T', '-', '-H', 'Expect:'],
      { input: randomBytes(2_000_000) },
    );
    expect(refused.status).toBe(415);
    expect(refused.stdout).toContain('ContainerCreate takes a body of type application/json');
  });

  it('works with nothing but a pinned CA and a certificate in one PEM file', async () => {
    const site = open();
    const both = `cat ${site.certs}/cert.pem ${site.certs}/key.pem > ${site.folder}/both.pem`;
    execFileSync('sh', ['-c', both]);
    const { stdout } = await run('/usr/bin/curl', [
      ...['-sS', '--cacert', `${site.certs}/ca.pem`, '--cert', `${site.folder}/both.pem`],
      `https://localhost:${site.gateway.port}/_ping`,
    ]);
    expect(stdout).toBe('OK');
  });
});
