import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resourceText } from '../support/audit.ts';
import { type Engine, startEngine } from '../support/engine.ts';
import { type FrontDoor, http, json } from '../support/front-door.ts';
import type { Persona } from './corpus/case.ts';
import { engineSocket } from './corpus/engine-socket.ts';
import { openForTenants } from './corpus/persona.ts';
import { docker, imageWith, labelsAsChange, must } from './corpus/real-world.ts';

// Whose a container is, on a real Engine: images that claim to be of a tenant, names that look like ids, and what is
// made on the way. docs/decisions/0008-objects-have-owners.md says why.

let engine: Engine;
let door: FrontDoor;
let alicec: string;
let bobc: string;
beforeAll(async () => {
  engine = await startEngine();
  door = await openForTenants({ engineSocket: engine.socket });
  alicec = await run('alice', 'alicec', {});
  bobc = await run('bob', 'bobc', {});
});
afterAll(async () => {
  await door?.close();
  await engine?.destroy();
});

const SLEEP = ['sh', '-c', 'trap exit TERM; while :; do sleep 0.1; done'];

async function make(as: Persona, name: string, more: object): Promise<string> {
  const body = { Image: 'busybox', Cmd: SLEEP, ...more };
  return String((await must(door, as, `POST /v1.41/containers/create?name=${name}`, body))['Id']);
}

async function run(as: Persona, name: string, more: object): Promise<string> {
  const id = await make(as, name, more);
  await must(door, as, `POST /v1.41/containers/${id}/start`);
  return id;
}

async function status(as: Persona, line: string, body?: object): Promise<number> {
  return (await door.ask(body === undefined ? http(line) : json(line, JSON.stringify(body)), as)).status;
}

async function listed(as: Persona): Promise<string[]> {
  const all = (await must(door, as, 'GET /v1.41/containers/json?all=1')) as unknown as { Id: string }[];
  return all.map(({ Id }) => Id);
}

function labelsOf(kind: 'container' | 'image', name: string): Record<string, string> {
  return JSON.parse(docker(engine, kind, 'inspect', '--format', '{{json .Config.Labels}}', name)) ?? {};
}

/** It is there for an operator, as nobody's, and for nobody else. */
async function expectNobodys(id: string, name: string): Promise<void> {
  await door.records();
  await must(door, 'admin', `GET /v1.41/containers/${id}/json`);
  expect((await door.records(2)).map(({ resource }) => resourceText(resource))).toEqual(
    Array(2).fill(`container/-/${name}`),
  );
  for (const as of ['alice', 'ann', 'bob', 'viewer'] as const) {
    expect([as, await status(as, `GET /v1.41/containers/${id}/json`)]).toEqual([as, 404]);
    expect(await listed(as)).not.toContain(id);
  }
  expect(await status('alice', `POST /v1.41/containers/${name}/exec`, { Cmd: ['id'] })).toBe(404);
  expect(await status('alice', `POST /v1.41/containers/${name}/kill`)).toBe(404);
  expect(await status('alice', `DELETE /v1.41/containers/${id}?force=1`)).toBe(404);
  expect(await status('alice', `POST /v1.41/commit?container=${id}&repo=team-a/stolen`)).toBe(404);
}

describe('images that claim to be of a tenant (attack E059, decision 8)', () => {
  const CLAIM =
    'LABEL io.quaywarden.tenant=team-a io.quaywarden.owner=alice io.quaywarden.mark=0123456789abcdef01234567';

  it.each([
    ['labels that are made up', () => CLAIM],
    ['labels of a real container of alice\u2019s', () => labelsAsChange(engine, alicec)],
    ['a tenant alone', () => 'LABEL io.quaywarden.tenant=team-a'],
    ['an empty mark', () => 'LABEL io.quaywarden.tenant=team-a io.quaywarden.mark=""'],
  ])('%s: what an operator runs of it is nobody\u2019s', async (_what, change) => {
    const name = `trojan${Math.random().toString(36).slice(2, 8)}x`;
    const before = await counted('alice');
    imageWith(engine, change(), `ops/${name}:latest`);
    const id = docker(engine, 'run', '-d', '--name', name, `ops/${name}`, ...SLEEP);
    expect(labelsOf('container', id)['io.quaywarden.tenant']).toBe('team-a');
    await expectNobodys(id, name);
    expect(await counted('alice')).toEqual(before);

    // A stopped one is not pruned with hers: nothing is, until somebody has looked at it.
    docker(engine, 'kill', id);
    expect(await status('alice', 'POST /v1.41/containers/prune')).toBe(409);
    expect(docker(engine, 'ps', '-aq', '--no-trunc')).toContain(id);

    // Once more after the image has been removed by force, by a gateway that has not seen it and by this one.
    docker(engine, 'rmi', '-f', `ops/${name}`);
    await expectNobodys(id, name);
    const fresh = await openForTenants({ engineSocket: engine.socket });
    try {
      expect((await fresh.ask(http(`GET /v1.41/containers/${id}/json`), 'alice')).status).toBe(404);
      expect((await fresh.ask(http(`GET /v1.41/containers/${id}/json`), 'admin')).status).toBe(200);
    } finally {
      await fresh.close();
    }
    docker(engine, 'rm', '-f', id);
  });

  it('what bob makes of it through the gateway is bob\u2019s', async () => {
    imageWith(engine, labelsAsChange(engine, alicec), 'team-b/trojan:latest');
    const id = await run('bob', 'bobs-trojan', { Image: 'team-b/trojan' });
    expect(labelsOf('container', id)).toMatchObject({
      'io.quaywarden.tenant': 'team-b',
      'io.quaywarden.owner': 'bob',
      'io.quaywarden.mark': expect.stringMatching(/^[0-9a-f]{24}$/),
    });
    expect(labelsOf('container', id)['io.quaywarden.mark']).not.toBe(
      labelsOf('container', alicec)['io.quaywarden.mark'],
    );
    expect(await listed('bob')).toContain(id);
    expect(await status('bob', `POST /v1.41/containers/${id}/exec`, { Cmd: ['id'] })).toBe(201);
    expect(await listed('alice')).not.toContain(id);
    expect(await status('alice', `GET /v1.41/containers/${id}/json`)).toBe(404);
    await must(door, 'bob', `DELETE /v1.41/containers/${id}?force=1`);
  });

  it('alice\u2019s container stays hers beside them', async () => {
    expect(await listed('alice')).toContain(alicec);
    expect(await status('alice', `GET /v1.41/containers/${alicec}/json`)).toBe(200);
  });

  it('a container whose image is removed by force stays its tenant\u2019s where it was seen, and is nobody\u2019s elsewhere', async () => {
    imageWith(engine, 'ENV A=b', 'team-a/gone:latest');
    const id = await run('alice', 'of-gone', { Image: 'team-a/gone' });
    docker(engine, 'rmi', '-f', 'team-a/gone');
    expect(await status('alice', 'GET /v1.41/containers/of-gone/json')).toBe(200);
    const fresh = await openForTenants({ engineSocket: engine.socket });
    try {
      const seen = await fresh.ask(http(`GET /v1.41/containers/${id}/json`), 'alice');
      const image = docker(engine, 'inspect', '--format', '{{.Image}}', id);
      const isGone = !docker(engine, 'images', '-aq', '--no-trunc').includes(image);
      expect(seen.status).toBe(isGone ? 404 : 200);
      expect((await fresh.ask(http(`GET /v1.41/containers/${id}/json`), 'bob')).status).toBe(404);
    } finally {
      await fresh.close();
    }
    docker(engine, 'rm', '-f', id);
  });

  async function counted(as: Persona): Promise<unknown> {
    const { Containers, ContainersRunning } = await must(door, as, 'GET /v1.41/info');
    return { Containers, ContainersRunning };
  }
});

describe('commits (attack F029)', () => {
  const BLANK = { 'io.quaywarden.tenant': '', 'io.quaywarden.owner': '', 'io.quaywarden.mark': '' };

  it.each([
    ['without a body', '', undefined],
    [
      'with changes',
      `&changes=${encodeURIComponent('ENV A=b')}&changes=${encodeURIComponent('LABEL mine=yes')}`,
      undefined,
    ],
    ['with a body', '', { Env: ['A=b'], Labels: { mine: 'yes' } }],
    ['with both', `&changes=${encodeURIComponent('CMD ["true"]')}`, { Labels: { mine: 'yes' } }],
  ])(
    '%s: the image bears no owner, and what is run of it outside is nobody\u2019s',
    async (_how, changes, body) => {
      const name = `c${Math.random().toString(36).slice(2, 8)}x`;
      await must(door, 'alice', `POST /v1.41/commit?container=alicec&repo=team-a/${name}${changes}`, body);
      expect(labelsOf('image', `team-a/${name}`)).toEqual({
        ...(changes.includes('mine') || body?.Labels !== undefined ? { mine: 'yes' } : {}),
        ...BLANK,
      });
      expect(labelsOf('container', alicec)).toMatchObject({ 'io.quaywarden.tenant': 'team-a' });
      const id = docker(engine, 'create', '--name', name, `team-a/${name}`, 'true');
      await expectNobodys(id, name);
      docker(engine, 'rm', id);

      // Through the gateway it is whoever's makes it.
      const again = await make('ann', `${name}2`, { Image: `team-a/${name}` });
      expect(labelsOf('container', again)).toMatchObject({
        'io.quaywarden.tenant': 'team-a',
        'io.quaywarden.owner': 'ann',
      });
      expect(await status('bob', `GET /v1.41/containers/${again}/json`)).toBe(404);
      await must(door, 'ann', `DELETE /v1.41/containers/${again}`);
    },
  );

  it('of a container of another is not there', async () => {
    expect(await status('alice', 'POST /v1.41/commit?container=bobc&repo=team-a/stolen')).toBe(404);
  });

  it('under a shared name is refused, and the shared image stays what it is; an import too', async () => {
    const base = docker(engine, 'image', 'inspect', '--format', '{{.Id}}', 'busybox');
    expect(await status('alice', 'POST /v1.41/commit?container=alicec&repo=busybox')).toBe(403);
    const tar = (repo: string) =>
      http(
        `POST /v1.41/images/create?fromSrc=-&repo=${repo}`,
        'Content-Type: application/x-tar',
        'Content-Length: 1024',
        '',
        '\0'.repeat(1_024),
      );
    expect((await door.ask(tar('busybox'), 'alice')).status).toBe(403);
    expect((await door.ask(tar('team-b/app'), 'alice')).status).toBe(403);
    expect((await door.ask(tar('team-a/imported'), 'alice')).status).toBe(200);
    expect(docker(engine, 'image', 'inspect', '--format', '{{.Id}}', 'busybox')).toBe(base);
  });
});

describe('volumes', () => {
  it('one that a container names is made before it, and is its tenant\u2019s', async () => {
    const id = await make('alice', 'with-volume', { HostConfig: { Binds: ['fresh-data:/d'] } });
    const labels = JSON.parse(
      docker(engine, 'volume', 'inspect', '--format', '{{json .Labels}}', 'fresh-data'),
    );
    expect(labels).toMatchObject({ 'io.quaywarden.tenant': 'team-a', 'io.quaywarden.owner': 'alice' });
    expect(await status('bob', 'GET /v1.41/volumes/fresh-data')).toBe(404);
    expect(
      await status('bob', 'POST /v1.41/containers/create', {
        Image: 'busybox',
        HostConfig: { Binds: ['fresh-data:/d'] },
      }),
    ).toBe(409);
    expect(await status('bob', 'POST /v1.41/volumes/create', { Name: 'fresh-data' })).toBe(409);
    await must(door, 'alice', `DELETE /v1.41/containers/${id}`);
  });

  it('a create that fails leaves none behind', async () => {
    const body = { Image: 'team-a/not-there', HostConfig: { Binds: ['left-data:/d'] } };
    expect(await status('alice', 'POST /v1.41/containers/create', body)).toBe(404);
    expect(docker(engine, 'volume', 'ls', '-q')).not.toContain('left-data');
  });

  it('one without a name, which an image brings, is the tenant\u2019s whose container has it (attack E059)', async () => {
    imageWith(engine, 'VOLUME /x', 'team-a/with-volume:latest', 'team-b/with-volume:latest');
    const own = await make('alice', 'anon-a', { Image: 'team-a/with-volume' });
    const bobs = await make('bob', 'anon-b', { Image: 'team-b/with-volume' });
    const [a, b] = [anonymous(own), anonymous(bobs)];
    expect(await status('alice', `GET /v1.41/volumes/${a}`)).toBe(200);
    expect(await status('ann', `GET /v1.41/volumes/${a}`)).toBe(200);
    for (const line of [`GET /v1.41/volumes/${b}`, `DELETE /v1.41/volumes/${b}?force=1`]) {
      expect(await status('alice', line)).toBe(404);
    }
    const names = async (as: Persona) =>
      ((await must(door, as, 'GET /v1.41/volumes')) as { Volumes: { Name: string }[] }).Volumes.map(
        ({ Name }) => Name,
      );
    expect(await names('alice')).toEqual(expect.arrayContaining([a]));
    expect(await names('alice')).not.toContain(b);
    expect(await names('bob')).not.toContain(a);

    // Both have it: it is neither's.
    const body = { HostConfig: { Binds: [`${b}:/y`] } };
    expect(await status('alice', 'POST /v1.41/containers/create', { Image: 'busybox', ...body })).toBe(403);
    docker(engine, 'create', '--name', 'both', '--label', 'x=y', '-v', `${a}:/y`, 'busybox');
    expect(await status('alice', `GET /v1.41/volumes/${a}`)).toBe(404);
    docker(engine, 'rm', 'both');
    expect(await status('alice', `GET /v1.41/volumes/${a}`)).toBe(200);

    // Nobody has it any more: it is nobody's.
    await must(door, 'alice', `DELETE /v1.41/containers/${own}`);
    expect(await status('alice', `GET /v1.41/volumes/${a}`)).toBe(404);
    await must(door, 'bob', `DELETE /v1.41/containers/${bobs}?v=1`);
  });

  function anonymous(id: string): string {
    return docker(
      engine,
      'inspect',
      '--format',
      '{{range .Mounts}}{{if eq .Destination "/x"}}{{.Name}}{{end}}{{end}}',
      id,
    );
  }

  it('a prune takes one\u2019s own, whatever the filters say (attack F033)', async () => {
    await must(door, 'alice', 'POST /v1.41/volumes/create', { Name: 'prune-a' });
    await must(door, 'bob', 'POST /v1.41/volumes/create', { Name: 'prune-b' });
    docker(engine, 'volume', 'create', 'prune-nobody');
    const filters = encodeURIComponent(JSON.stringify({ 'label!': ['io.quaywarden.owner=bob'] }));
    await must(door, 'alice', `POST /v1.41/volumes/prune?filters=${filters}`);
    const left = docker(engine, 'volume', 'ls', '-q').split('\n');
    expect(left).toEqual(expect.arrayContaining(['prune-b', 'prune-nobody']));
    expect(left).not.toContain('prune-a');
  });
});

describe('what is shown (attacks F021, F023)', () => {
  it('events are one\u2019s own, command lines too', async () => {
    const since = Math.floor(Date.now() / 1_000) - 1;
    for (const [as, name] of [
      ['alice', 'alicec'],
      ['bob', 'bobc'],
    ] as const) {
      const { Id } = await must(door, as, `POST /v1.41/containers/${name}/exec`, {
        Cmd: ['echo', `${as}s-command`],
      });
      await must(door, as, `POST /v1.41/exec/${Id}/start`, { Detach: true });
      await must(door, as, 'POST /v1.41/volumes/create', { Name: `${as}-event` });
      await must(door, as, 'POST /v1.41/networks/create', { Name: `${as}-net`, Internal: true });
      await must(door, as, `POST /v1.41/networks/${as}-net/connect`, { Container: name });
      await must(door, as, `POST /v1.41/networks/${as}-net/disconnect`, { Container: name });
      await must(door, as, `DELETE /v1.41/networks/${as}-net`);
      await must(door, as, `DELETE /v1.41/volumes/${as}-event`);
    }
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    const line = `GET /v1.41/events?since=${since}&until=${Math.floor(Date.now() / 1_000)}`;
    const told = async (as: Persona) => (await door.ask(http(line), as)).body;
    const [alices, bobs, all] = [await told('alice'), await told('bob'), await told('admin')];
    expect(alices).toContain('alices-command');
    expect(alices).not.toMatch(/bobs-command|bob-event|bob-net|team-b/);
    expect(alices).not.toContain(bobc);
    expect(bobs).toContain('bobs-command');
    expect(bobs).not.toMatch(/alices-command|alice-event|alice-net|team-a/);
    expect(bobs).not.toContain(alicec);
    for (const text of ['alices-command', 'bobs-command', 'alice-event', 'bob-event'])
      expect(all).toContain(text);
  });

  it('usage and counts are one\u2019s own', async () => {
    const usage = await door.ask(http('GET /v1.41/system/df'), 'alice');
    expect(usage.status).toBe(200);
    expect(usage.body).toContain(alicec);
    expect(usage.body).not.toContain(bobc);
    expect(usage.body).not.toContain('team-b');
  });
});

describe('names (attacks F003, F005)', () => {
  it('one that is an id of bob\u2019s is refused; a short one catches nothing of his', async () => {
    expect(
      await status('alice', `POST /v1.41/containers/create?name=${bobc.slice(0, 12)}`, { Image: 'busybox' }),
    ).toBe(403);
    const short = bobc.slice(0, 8);
    const decoy = await run('alice', short, {});
    // On the Engine's own socket the name wins; bob means his own.
    expect(docker(engine, 'inspect', '--format', '{{.Id}}', short)).toBe(decoy);
    expect((await must(door, 'bob', `GET /v1.41/containers/${short}/json`))['Id']).toBe(bobc);
    const { Id } = await must(door, 'bob', `POST /v1.41/containers/${short}/exec`, { Cmd: ['id'] });
    expect(docker(engine, 'inspect', '--format', '{{json .ExecIDs}}', bobc)).toContain(String(Id));
    expect(docker(engine, 'inspect', '--format', '{{json .ExecIDs}}', decoy)).toBe('null');
    for (const line of [`GET /v1.41/exec/${Id}/json`, `POST /v1.41/exec/${Id}/resize?h=1&w=1`]) {
      expect(await status('alice', line)).toBe(404);
    }
    expect(await status('alice', `POST /v1.41/exec/${Id}/start`, { Detach: true })).toBe(404);
    await must(door, 'alice', `DELETE /v1.41/containers/${short}?force=1`);
    expect(docker(engine, 'inspect', '--format', '{{.State.Running}}', bobc)).toBe('true');
  });

  it('that change hands all the while never lead alice to what is bob\u2019s', async () => {
    const names = ['swap-x', 'swap-y'] as const;
    const own = await run('alice', names[0], {});
    const bobs = await run('bob', names[1], {});
    const rename = async (id: string, name: string) =>
      engineSocket(engine.socket).send(http(`POST /containers/${id}/rename?name=${name}`));
    let isOver = false;
    const swapping = (async () => {
      while (!isOver) {
        await rename(own, 'swap-z');
        await rename(bobs, names[0]);
        await rename(own, names[1]);
        await rename(own, 'swap-z');
        await rename(bobs, names[1]);
        await rename(own, names[0]);
      }
    })();
    const answers = new Set<number>();
    try {
      for (let round = 0; round < 25; round += 1) {
        for (const name of names) {
          const answer = await door.ask(http(`GET /v1.41/containers/${name}/json`), 'alice');
          if (answer.status === 200) expect(JSON.parse(answer.body).Id).toBe(own);
          answers.add(answer.status);
          answers.add(await status('alice', `POST /v1.41/containers/${name}/pause`));
          answers.add(await status('alice', `POST /v1.41/containers/${name}/unpause`));
          expect(JSON.parse(docker(engine, 'inspect', bobs))[0].State.Status).toBe('running');
        }
      }
    } finally {
      isOver = true;
      await swapping;
    }
    expect(answers).toContain(200);
    // Engine 20.10 answers 500 to what is paused, or not paused, already.
    expect([...answers].filter((each) => ![200, 204, 404, 409, 500].includes(each))).toEqual([]);
    docker(engine, 'rm', '-f', own, bobs);
  });
});
