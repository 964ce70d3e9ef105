import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Duplex, PassThrough, type Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import Docker from 'dockerode';
import { describe, expect, it } from 'vitest';
import { REMOTE_BUSYBOX } from '../support/images.ts';
import { planted } from '../support/planted.ts';
import { frames, textOf } from './frames.ts';
import { openSite, type Site } from './site.ts';
import { tar } from './tar.ts';

const IDLE = ['sh', '-c', 'trap "exit 3" TERM; echo started; while :; do sleep 0.1; done'];
const REGISTRY = '127.0.0.1:5000';

function dockerode({ way, gateway, certs, token }: Site, version?: string): Docker {
  const pem = (name: string) => readFileSync(`${certs}/${name}.pem`);
  const identity =
    way === 'jwt'
      ? { headers: { Authorization: `Bearer ${token}` } }
      : { cert: pem('cert'), key: pem('key') };
  return new Docker({
    protocol: 'https',
    host: '127.0.0.1',
    port: gateway.port,
    ca: pem('ca'),
    ...identity,
    ...(version === undefined ? {} : { version }),
  });
}

/** All bytes of a stream until it ends. */
async function bytesOf(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Buffer));
  return Buffer.concat(chunks);
}

/** Follows the progress of a pull, push or build to its end, as dockerode's users do. */
function progress(docker: Docker, stream: NodeJS.ReadableStream): Promise<Record<string, unknown>[]> {
  return new Promise((resolve, reject) =>
    docker.modem.followProgress(stream, (error, output) => (error ? reject(error) : resolve(output))),
  );
}

/** Resolves with the output once it holds `wanted`. */
async function until(stream: Readable | Duplex, wanted: string): Promise<string> {
  let seen = '';
  return new Promise((resolve, reject) => {
    stream.on('data', (chunk: Buffer) => {
      seen += chunk.toString('latin1');
      if (seen.includes(wanted)) resolve(seen);
    });
    stream.on('end', () => reject(new Error(`ended without ${wanted}: ${JSON.stringify(seen)}`)));
  });
}

function collector(): Writable & { said(): string } {
  const chunks: Buffer[] = [];
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      chunks.push(chunk as Buffer);
      done();
    },
  });
  return Object.assign(stream, { said: () => Buffer.concat(chunks).toString() });
}

describe.each([
  { title: 'by certificate, on paths without a version', way: 'mtls', version: undefined, options: {} },
  {
    title: 'by token, on paths of API 1.41, as one of several tenants',
    way: 'jwt',
    version: 'v1.41',
    options: { tenancy: true },
  },
] as const)('dockerode $title', ({ way, version, options }) => {
  const open = openSite(way, options);

  async function idle(site: Site, docker: Docker, options: object = {}): Promise<Docker.Container> {
    const container = await docker.createContainer({
      Image: 'busybox',
      Cmd: IDLE,
      name: site.name('box'),
      ...options,
    });
    await container.start();
    return container;
  }

  it('asks the Engine: ping, version, info, df, lists', async () => {
    const docker = dockerode(open(), version);
    expect(String(await docker.ping())).toBe('OK');
    expect((await docker.version()).ApiVersion).toBe('1.41');
    expect((await docker.info()).OSType).toBe('linux');
    expect(Object.keys(await docker.df())).toContain('LayersSize');
    const images = await docker.listImages({ all: true, digests: true, filters: { dangling: ['false'] } });
    expect(images.flatMap(({ RepoTags }) => RepoTags)).toContain('busybox:latest');
    expect(
      await docker.listContainers({ all: true, limit: 5, size: true, filters: '{"name":["none"]}' }),
    ).toEqual([]);
    expect((await docker.getImage('busybox').inspect()).Architecture).toBeTypeOf('string');
    expect(await docker.getImage('busybox').history()).not.toEqual([]);
    await expect(docker.listServices()).rejects.toThrow(/This node is not a swarm manager/);
  });

  it('attaches by hijack, writes, ends its side and reads what comes back', async () => {
    const site = open();
    const docker = dockerode(site, version);
    const container = await docker.createContainer({
      Image: 'busybox',
      Cmd: ['sh', '-c', 'cat; echo end >&2'],
      name: site.name('box'),
      OpenStdin: true,
      StdinOnce: true,
      AttachStdin: true,
    });
    const stream = await container.attach({
      stream: true,
      hijack: true,
      stdin: true,
      stdout: true,
      stderr: true,
    });
    await container.start();
    const out = collector();
    const err = collector();
    docker.modem.demuxStream(stream, out, err);
    stream.write('one\n');
    stream.end('two\n');
    await new Promise((resolve) => stream.once('end', resolve));
    expect([out.said(), err.said()]).toEqual(['one\ntwo\n', 'end\n']);
    expect(await container.wait()).toMatchObject({ StatusCode: 0 });
    await container.remove({ v: true });
  });

  it('attaches without hijack: output alone, and with input', async () => {
    const site = open();
    const docker = dockerode(site, version);
    const container = await idle(site, docker);
    const stream = await container.attach({ stream: true, logs: true, stdout: true, stderr: true });
    expect(await until(stream as Duplex, 'started\n')).toContain('started\n');
    await container.stop({ t: 5 });
    const talking = await docker.createContainer({
      Image: 'busybox',
      Cmd: ['head', '-n', '1'],
      name: site.name('talking'),
      OpenStdin: true,
      Tty: true,
    });
    await talking.start();
    const both = await talking.attach({ stream: true, stdin: true, stdout: true });
    both.write('typed\n');
    expect(await until(both as Duplex, 'typed\r\ntyped\r\n')).toContain('typed');
  });

  it('resizes, updates, renames, pauses, restarts, kills and waits', async () => {
    const site = open();
    const docker = dockerode(site, version);
    const container = await idle(site, docker, { Tty: true });
    await container.resize({ h: 40, w: 100 });
    expect(await container.update({ Memory: 67_108_864, MemorySwap: 134_217_728 })).toHaveProperty(
      'Warnings',
    );
    await container.rename({ name: site.name('renamed') });
    await container.pause();
    expect((await container.inspect()).State.Status).toBe('paused');
    await container.unpause();
    await container.restart({ t: 1 });
    const waited = container.wait({ condition: 'next-exit' });
    await container.kill({ signal: 'SIGKILL' });
    expect(await waited).toMatchObject({ StatusCode: 137 });
    expect((await container.inspect()).Name).toBe(`/${site.name('renamed')}`);
    await expect(container.kill()).rejects.toThrow(/\(HTTP code 409\)[\s\S]* is not running/);
    await container.remove({ force: true });
    await expect(container.inspect()).rejects.toThrow(
      /\(HTTP code 404\) no such container - No such container/,
    );
  });

  it('execs with hijack and input, without hijack, detached and on a terminal', async () => {
    const site = open();
    const docker = dockerode(site, version);
    const container = await idle(site, docker);
    const catting = await container.exec({ Cmd: ['cat'], AttachStdin: true, AttachStdout: true });
    const stream = await catting.start({ hijack: true, stdin: true });
    const large = randomBytes(2_000_000);
    const echoed = bytesOf(stream);
    stream.end(large);
    const back = Buffer.concat(frames(await echoed).map(({ bytes }) => bytes));
    expect(back.equals(large)).toBe(true);
    expect((await catting.inspect()).ExitCode).toBe(0);

    const plain = await container.exec({ Cmd: ['sh', '-c', 'echo out; exit 6'], AttachStdout: true });
    expect(textOf(await bytesOf(await plain.start({ Detach: false, Tty: false })), 1)).toBe('out\n');
    expect((await plain.inspect()).ExitCode).toBe(6);

    const input = await container.exec({
      Cmd: ['head', '-n', '1'],
      AttachStdin: true,
      AttachStdout: true,
      Tty: true,
    });
    const typed = await input.start({ stdin: true, Tty: true });
    await input.resize({ h: 30, w: 90 });
    typed.write('typed\n');
    expect(await until(typed, 'typed\r\ntyped\r\n')).toContain('typed');

    const detached = await container.exec({ Cmd: ['touch', '/made'] });
    await detached.start({ Detach: true });
    await expect
      .poll(async () => JSON.stringify(await container.changes()), { timeout: 20_000 })
      .toContain('/made');
  });

  it('follows logs and events until it turns away', async () => {
    const site = open();
    const docker = dockerode(site, version);
    const filters = JSON.stringify({ label: [site.id] });
    const events = await docker.getEvents({ filters });
    const container = await idle(site, docker, { Labels: { [site.id]: '' } });
    expect(await until(events as Readable, '"Action":"start"')).toContain('"Action":"create"');
    (events as Readable).destroy();
    const logs = await container.logs({ follow: true, stdout: true, stderr: true, tail: 10, since: 0 });
    expect(await until(logs as Readable, 'started\n')).toContain('started');
    const ended = new Promise((resolve) => logs.once('end', resolve));
    await container.stop();
    await ended;
    const past = await container.logs({ follow: false, stdout: true, timestamps: true });
    expect(textOf(past, 1)).toMatch(/^\d{4}-\d\d-\d\dT\S+Z started\n$/);
  });

  it('reads stats, top and changes', async () => {
    const site = open();
    const docker = dockerode(site, version);
    const container = await idle(site, docker);
    expect(await container.stats({ stream: false })).toHaveProperty('memory_stats');
    const live = await container.stats({ stream: true });
    expect(await until(live as Readable, '}\n')).toContain('"memory_stats"');
    (live as Readable).destroy();
    expect((await container.top({ ps_args: '-o pid,comm' })).Titles).toEqual(['PID', 'COMMAND']);
    expect(String(await container.changes())).toBe('null\n'); // dockerode takes a JSON null for no JSON
  });

  it('puts and gets archives, exports and commits', async () => {
    const site = open();
    const docker = dockerode(site, version);
    const container = await idle(site, docker);
    await container.putArchive(tar({ note: 'from a buffer\n' }), { path: '/tmp' });
    const stream = new PassThrough();
    const put = container.putArchive(stream, { path: '/tmp', noOverwriteDirNonDir: 'true' });
    stream.end(tar({ streamed: 'from a stream\n' }));
    await put;
    expect((await bytesOf(await container.getArchive({ path: '/tmp/note' }))).toString('latin1')).toContain(
      'from a buffer\n',
    );
    expect(
      (await bytesOf(await container.getArchive({ path: '/tmp/streamed' }))).toString('latin1'),
    ).toContain('from a stream\n');
    const info = (await container.infoArchive({ path: '/tmp/note' })) as unknown as { headers: object };
    expect(info.headers).toHaveProperty('x-docker-container-path-stat');
    expect((await bytesOf(await container.export())).length).toBeGreaterThan(1_000_000);
    await container.commit({
      repo: site.name('committed'),
      tag: 'one',
      comment: 'two\nlines',
      author: 'me',
      pause: true,
      changes: 'ENV A=b',
    });
    const committed = await docker.getImage(`${site.name('committed')}:one`).inspect();
    expect([committed.Comment, committed.Config.Env]).toEqual([
      'two\nlines',
      expect.arrayContaining(['A=b']),
    ]);
  });

  it('pulls, tags, pushes, saves, loads, imports and removes images', async () => {
    const site = open();
    const docker = dockerode(site, version);
    const pulled = await progress(docker, await docker.pull(REMOTE_BUSYBOX));
    expect(pulled.at(-1)?.['status']).toMatch(/^Status: /);
    const repo = `${REGISTRY}/${site.name('pushed')}`;
    await docker.getImage('busybox').tag({ repo, tag: 'one' });
    const image = docker.getImage(`${repo}:one`);
    const push = await image.push({
      authconfig: { username: 'u', password: planted('registry-password'), serveraddress: REGISTRY },
    });
    expect((await progress(docker, push)).some(({ status }) => /^one: digest/.test(String(status)))).toBe(
      true,
    );
    const saved = await bytesOf(await image.get());
    await image.remove({ force: true });
    const [loaded] = await progress(docker, await docker.loadImage(PassThrough.from([saved])));
    expect(loaded).toEqual({ stream: `Loaded image: ${repo}:one\n` });
    expect((await docker.getImage(`${repo}:one`).distribution()).Descriptor.digest).toMatch(/^sha256:/);
    await image.remove();
    const imported = await docker.importImage(PassThrough.from([tar({ note: 'x' })]), {
      repo: site.name('imported'),
      tag: 'one',
    });
    expect(await text(imported as Readable)).toContain('"status":"sha256:');
    await expect(docker.pull(`${REGISTRY}/no/such:image`)).rejects.toThrow(
      /\(HTTP code 404\) unexpected - manifest for 127\.0\.0\.1:5000\/no\/such:image not found/,
    );
    const password = planted('registry-password');
    expect(
      await docker.checkAuth({ username: 'u', password, serveraddress: `http://${REGISTRY}/v2/` }),
    ).toEqual({ IdentityToken: '', Status: 'Login Succeeded' });
  });

  it('builds from a folder and from a stream, and reports a failing step', async () => {
    const site = open();
    const docker = dockerode(site, version);
    const context = site.files('context', {
      Dockerfile: 'FROM busybox\nARG WHO\nCOPY note /\n',
      note: site.id,
    });
    const built = await progress(
      docker,
      await docker.buildImage(
        { context, src: ['Dockerfile', 'note'] },
        { t: site.name('built'), buildargs: { WHO: 'you' }, labels: { a: 'b' }, nocache: true, rm: true },
      ),
    );
    expect(built.at(-1)).toEqual({ stream: `Successfully tagged ${site.name('built')}:latest\n` });
    const failing = PassThrough.from([tar({ Dockerfile: 'FROM busybox\nRUN exit 9\n' })]);
    const failed = await progress(docker, await docker.buildImage(failing, { forcerm: true }));
    expect(failed.at(-1)?.['error']).toBe("The command '/bin/sh -c exit 9' returned a non-zero code: 9");
  });

  it('makes, joins, leaves and prunes networks and volumes', async () => {
    const site = open();
    const docker = dockerode(site, version);
    const container = await idle(site, docker);
    const network = await docker.createNetwork({
      Name: site.name('net'),
      Driver: 'bridge',
      CheckDuplicate: true,
      Labels: { [site.id]: '' },
    });
    await network.connect({ Container: container.id, EndpointConfig: { Aliases: ['alias'] } });
    expect(Object.keys((await network.inspect()).Containers ?? {})).toEqual([container.id]);
    await network.disconnect({ Container: container.id, Force: true });
    expect(await docker.listNetworks({ filters: { name: [site.name('net')] } })).toHaveLength(1);
    await docker.createVolume({ Name: site.name('vol'), Labels: { [site.id]: '' } });
    expect((await docker.getVolume(site.name('vol')).inspect()).Driver).toBe('local');
    const { Volumes } = await docker.listVolumes({ filters: JSON.stringify({ name: [site.name('vol')] }) });
    expect(Volumes).toHaveLength(1);
    const filters = JSON.stringify({ label: [site.id] });
    expect(await docker.pruneNetworks({ filters })).toEqual({ NetworksDeleted: [site.name('net')] });
    expect(await docker.pruneVolumes({ filters })).toMatchObject({ VolumesDeleted: [site.name('vol')] });
    expect(await docker.pruneContainers({ filters })).toMatchObject({ SpaceReclaimed: 0 });
    expect(await docker.pruneImages({ filters })).toMatchObject({ SpaceReclaimed: 0 });
    expect(await docker.pruneBuilder()).toHaveProperty('SpaceReclaimed');
  });

  it('runs a command by its own run()', async () => {
    const site = open();
    const docker = dockerode(site, version);
    const out = collector();
    const err = collector();
    const [result, container] = (await docker.run(
      'busybox',
      ['sh', '-c', 'echo out; echo err >&2; exit 4'],
      [out, err],
      { name: site.name('run'), Tty: false, HostConfig: { AutoRemove: true } },
    )) as [{ StatusCode: number }, Docker.Container];
    expect([result.StatusCode, out.said(), err.said()]).toEqual([4, 'out\n', 'err\n']);
    expect(container.id).toMatch(/^[0-9a-f]{64}$/);
  });
});

/** By certificate alone: its POST /session carries its own headers in place of the client's, and so no token. */
describe('dockerode and BuildKit', () => {
  const open = openSite('mtls');

  it('builds with BuildKit over a session of its own', async () => {
    const site = open();
    const docker = dockerode(site);
    const context = PassThrough.from([tar({ Dockerfile: 'FROM busybox\nRUN echo hi > /hi\n' })]);
    const stream = await docker.buildImage(context, { t: site.name('kit'), version: '2' });
    const steps = await progress(docker, stream);
    expect(steps.map(({ id }) => id)).toContain('moby.image.id');
    expect(steps.at(-1)).toEqual({ stream: `Successfully tagged ${site.name('kit')}:latest\n` });
    expect((await docker.getImage(site.name('kit')).inspect()).Id).toMatch(/^sha256:/);
  });
});
