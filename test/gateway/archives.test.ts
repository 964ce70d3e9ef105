import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync, readdirSync, readlinkSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { archive, file, header, symlink } from '../docker/archive/fixtures.ts';
import { begin, soon, type Told, tell } from '../fault/client.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';

const engine = inject('engine');
const run = `qwg${randomBytes(5).toString('hex')}`;
const good = `${run}/good:1`;
const evil = `evil-${run}/x:1`;

/** The viewer may load, and build from, the images of this run. */
const GRANTS = `
p, role:viewer, image/**, ImageLoad, "imageFrom('docker.io/${run}/**')", allow
p, role:viewer, build/**, ImageBuild, "baseImagesFrom('docker.io/${run}/**')", allow
p, role:viewer, image/**, ImageBuild, true, allow
`;

async function gatewayFor(engineSocket: string): Promise<Gateway> {
  return startGateway({
    engineSocket,
    config: { spool: { folder: 'spool', bytes: 20_000_000 } },
    prepare: (dir) => {
      mkdirSync(`${dir}/spool`);
      appendFileSync(`${dir}/policies/grants.csv`, GRANTS);
    },
  });
}

let gateway: Gateway;
beforeAll(async () => {
  gateway = await gatewayFor(engine.socket);
});
afterAll(async () => {
  for (const name of [good, evil, `${run}/built:1`]) await direct('DELETE', `/images/${name}?force=1`);
  const { code } = await gateway.stop();
  expect(code, gateway.log()).toBe(0);
});

/** Asks the Engine itself. */
function direct(method: string, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request({ socketPath: engine.socket, method, path: `/v1.41${path}` }, (reply) => {
      buffer(reply).then(() => resolve(reply.statusCode ?? 0), reject);
    })
      .on('error', reject)
      .end();
  });
}

/** An image in an archive, with these names. */
function image(...names: readonly string[]): Buffer[] {
  const layer = archive(file('content', run));
  const id = createHash('sha256').update(layer).digest('hex');
  const config = {
    architecture: 'amd64',
    os: 'linux',
    config: {},
    rootfs: { type: 'layers', diff_ids: [`sha256:${id}`] },
  };
  const item = { Config: 'config.json', RepoTags: names, Layers: ['layer.tar'] };
  return [
    file('config.json', JSON.stringify(config)),
    file('layer.tar', layer),
    file('manifest.json', JSON.stringify([item])),
  ];
}

const load = (body: Buffer | Readable, as: 'admin' | 'viewer' = 'viewer', to = gateway): Promise<Told> =>
  tell(to, {
    method: 'POST',
    path: '/v1.41/images/load?quiet=1',
    as,
    body,
    headers: { 'Content-Type': 'application/x-tar' },
  });
const build = (dockerfile: string, ...more: readonly Buffer[]): Promise<Told> =>
  tell(gateway, {
    method: 'POST',
    path: `/v1.41/build?t=${run}/built:1&forcerm=1`,
    as: 'viewer',
    body: archive(file('Dockerfile', dockerfile), ...more),
    headers: { 'Content-Type': 'application/x-tar' },
  });

/** Files without a name that a gateway keeps in its folder. */
function kept({ pid, dir }: Gateway = gateway): number {
  const links = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${fd}`)];
    } catch {
      return [];
    }
  });
  expect(readdirSync(`${dir}/spool`)).toEqual([]);
  return links.filter((path) => path.startsWith(`${dir}/spool/`)).length;
}

describe('a load, where a policy speaks about images', () => {
  it('goes on when all images are permitted', async () => {
    const answer = await load(archive(...image(good)));
    expect([answer.status, answer.body]).toEqual([200, expect.stringContaining(`Loaded image: ${good}`)]);
    expect(await direct('GET', `/images/${good}/json`)).toBe(200);
    await soon(kept).toBe(0);
  });

  it('goes on in chunks and compressed with gzip', async () => {
    const bytes = gzipSync(archive(...image(good)));
    const pieces = Array.from({ length: 10 }, (_, at) =>
      bytes.subarray(at * 100, at === 9 ? undefined : at * 100 + 100),
    );
    const answer = await load(Readable.from(pieces.filter((piece) => piece.length > 0)));
    expect([answer.status, answer.body]).toEqual([200, expect.stringContaining('Loaded image')]);
    await soon(() => gateway.auditRecords().at(-1)).toMatchObject({
      stage: 'complete',
      outcome: { bytesIn: bytes.length },
    });
    await soon(kept).toBe(0);
  });

  it('is refused when one image is not permitted, and leaves nothing on the Engine or the disk', async () => {
    const answer = await load(archive(...image(good, evil)));
    expect([answer.status, answer.body]).toEqual([403, expect.stringContaining('[image-not-permitted]')]);
    expect(answer.body).toContain(evil);
    expect(gateway.auditRecords().at(-1)).toMatchObject({
      stage: 'refused',
      decision: { reason: 'image-not-permitted', field: 'manifest.json[0].RepoTags[1]' },
    });
    expect(await direct('GET', `/images/${evil}/json`)).toBe(404);
    await soon(kept).toBe(0);
  });

  it('is refused when an image has no name', async () => {
    const answer = await load(archive(...image()));
    expect([answer.status, answer.body]).toEqual([403, expect.stringContaining('[image-not-permitted]')]);
  });

  it('is refused with the reason when the archive can be read in two ways', async () => {
    const answer = await load(archive(...image(good), symlink('d', '.'), file('d/manifest.json', '[]')));
    expect([answer.status, answer.body]).toEqual([
      400,
      '{"message":"quaywarden: the archive has an entry \\"d/manifest.json\\" behind a link [archive-link]"}\n',
    ]);
    await soon(kept).toBe(0);
  });

  it('is refused when it is compressed otherwise, with what to do', async () => {
    const answer = await load(Buffer.from('\xfd7zXZ\0\0\0\0\0', 'latin1'));
    expect([answer.status, answer.body]).toEqual([
      400,
      expect.stringContaining('send it uncompressed or with gzip'),
    ]);
  });

  it('is refused beyond the limit', async () => {
    const answer = await load(
      Buffer.concat([header({ name: 'x', size: 30_000_000 }), Buffer.alloc(25_000_000)]),
    );
    expect([answer.status, answer.body]).toEqual([413, expect.stringContaining('[archive-too-large]')]);
    await soon(kept).toBe(0);
  });

  it('is not touched for those about whom no policy minds', async () => {
    // Nothing that this gateway would read.
    const answer = await load(Buffer.from('\xfd7zXZ\0\0\0\0\0', 'latin1'), 'admin');
    expect(answer.body).not.toContain('quaywarden');
  });

  it('leaves nothing when the client breaks off', async () => {
    const sent = begin(gateway, {
      method: 'POST',
      path: '/v1.41/images/load',
      as: 'viewer',
      headers: { 'Content-Type': 'application/x-tar' },
    });
    sent.on('error', () => {}).write(header({ name: 'x', size: 1_000_000 }));
    await soon(kept).toBe(1);
    sent.destroy();
    await soon(kept).toBe(0);
    await soon(() => gateway.auditRecords().at(-1)).toMatchObject({
      stage: 'refused',
      decision: { reason: 'body-incomplete' },
    });
  });
});

describe('an archive on disk', () => {
  it('is gone when the Engine is not there', async () => {
    const alone = await gatewayFor('/nowhere/docker.sock');
    const answer = await load(archive(...image(good)), 'viewer', alone);
    expect([answer.status, answer.body]).toEqual([503, expect.stringContaining('[engine-down]')]);
    await soon(() => kept(alone)).toBe(0);
    await alone.stop();
  });

  it('is gone when the client leaves while the Engine takes it', async () => {
    // An Engine that takes nothing.
    const path = `${gateway.dir}/slow.sock`;
    const slow = createServer((socket) => socket.pause()).listen(path);
    await new Promise((resolve) => slow.once('listening', resolve));
    const alone = await gatewayFor(path);
    const body = archive(file('large', Buffer.alloc(15_000_000)), ...image(good));
    const sent = begin(alone, {
      method: 'POST',
      path: '/v1.41/images/load',
      as: 'viewer',
      headers: { 'Content-Type': 'application/x-tar', 'Content-Length': body.length },
    });
    sent.on('error', () => {}).end(body);
    await soon(() => alone.auditRecords().at(-1)).toMatchObject({ stage: 'decision' });
    await sleep(100);
    expect(kept(alone)).toBe(1);
    sent.destroy();
    await soon(() => kept(alone)).toBe(0);
    await alone.stop();
    slow.close();
  });
});

describe('a build, where a policy speaks about base images', () => {
  it('goes on when they are permitted', async () => {
    await load(archive(...image(good)));
    const answer = await build(`FROM ${good}\nLABEL x=y`, file('a'));
    expect([answer.status, answer.body]).toEqual([200, expect.stringContaining('Successfully tagged')]);
    await soon(kept).toBe(0);
  });

  it('is refused when one is not, with the line that names it', async () => {
    const answer = await build(`FROM ${good}\nCOPY --from=${evil} / /`);
    expect([answer.status, answer.body]).toEqual([
      403,
      expect.stringContaining('[base-image-not-permitted]'),
    ]);
    expect(answer.body).toContain('Dockerfile:2');
    await soon(kept).toBe(0);
  });

  it('is refused when nobody can say what it is built from', async () => {
    const answer = await build(`FROM ${good}\nRUN cat <<EOF\nFROM ${evil}\nEOF`);
    expect([answer.status, answer.body]).toEqual([
      403,
      expect.stringContaining('[base-image-not-permitted]'),
    ]);
  });
});
