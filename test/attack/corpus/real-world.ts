import { execFileSync } from 'node:child_process';
import type { Engine } from '../../support/engine.ts';
import { IDS } from '../../support/fake-inventory.ts';
import { type FrontDoor, http, json } from '../../support/front-door.ts';
import type { Persona } from './case.ts';
import { engineSocket } from './engine-socket.ts';
import type { Observed } from './observe.ts';

/** The things of the fake Engine on a real one, made through the gateway by those whose they are. */
export interface RealWorld {
  /** Puts the ids of the real Engine in place of those that the cases are written with. */
  real<T extends string | Buffer>(text: T): T;
  /** And back, in what was observed. */
  observed(seen: Observed): Observed;
  id(name: keyof typeof IDS): string;
}

/** Does something on the Engine's own socket, as its operator does. */
export function docker({ socket }: Pick<Engine, 'socket'>, ...args: readonly string[]): string {
  return execFileSync('/usr/bin/docker', ['-H', `unix://${socket}`, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  }).trim();
}

/** Asks for something through the gateway, which must be granted. */
export async function must(
  door: FrontDoor,
  as: Persona,
  line: string,
  body?: object,
): Promise<Record<string, unknown>> {
  const bytes = body === undefined ? http(line) : json(line, JSON.stringify(body));
  const answer = await door.ask(bytes, as);
  if (answer.status >= 400) throw new Error(`${line} of ${as}: ${answer.status} ${answer.body}`);
  return answer.body.trim() === '' ? {} : (JSON.parse(answer.body) as Record<string, unknown>);
}

/** An image like busybox with something else in its configuration. */
export function imageWith(engine: Engine, change: string, ...tags: readonly string[]): string {
  const from = docker(engine, 'create', 'busybox');
  const id = docker(engine, 'commit', '--change', change, from);
  for (const tag of tags) docker(engine, 'tag', id, tag);
  docker(engine, 'rm', from);
  return id;
}

/** `LABEL` with all labels that a container has. */
export function labelsAsChange(engine: Engine, container: string): string {
  const labels = JSON.parse(
    docker(engine, 'inspect', '--format', '{{json .Config.Labels}}', container),
  ) as object;
  return `LABEL ${Object.entries(labels)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(' ')}`;
}

export async function makeRealWorld(engine: Engine, door: FrontDoor): Promise<RealWorld> {
  const ids = new Map<string, string>();
  const know = (name: keyof typeof IDS, id: unknown): string => {
    ids.set(IDS[name], String(id));
    return String(id);
  };
  const network = async (as: Persona, Name: string) =>
    (await must(door, as, 'POST /v1.41/networks/create', { Name, Internal: true }))['Id'];
  know('alicen', await network('alice', 'alicen'));
  know('bobn', await network('bob', 'bobn'));
  // The gateway lets no two networks have one name; an Engine of that age has them all the same.
  const twin = json(
    'POST /v1.41/networks/create',
    JSON.stringify({
      Name: 'dup',
      Internal: true,
      Labels: { 'io.quaywarden.tenant': 'team-b', 'io.quaywarden.owner': 'bob' },
    }),
  );
  know('aliced', await network('alice', 'dup'));
  know('bobd', JSON.parse((await engineSocket(engine.socket).send(twin)).body).Id);
  for (const name of ['bridge', 'none', 'host'] as const) {
    know(name, docker(engine, 'network', 'inspect', '--format', '{{.Id}}', name));
  }
  know('busybox', docker(engine, 'image', 'inspect', '--format', '{{.Id}}', 'busybox'));
  know('aliceapp', imageWith(engine, 'ENV WHOSE=alices', 'team-a/app:latest'));
  know('bobapp', imageWith(engine, 'ENV WHOSE=bobs-password', 'team-b/app:latest', 'bob/app:latest'));

  const container = async (as: Persona, name: string, more: object, start = true): Promise<string> => {
    const Cmd = ['sh', '-c', 'trap exit TERM; while :; do sleep 0.1; done'];
    const body = { Image: 'busybox', Cmd, ...more };
    const { Id } = await must(door, as, `POST /v1.41/containers/create?name=${name}`, body);
    if (start) await must(door, as, `POST /v1.41/containers/${Id}/start`);
    return String(Id);
  };
  const alicec = know(
    'alicec',
    await container('alice', 'alicec', {
      Env: ['PASSWORD=alices-password'],
      Volumes: { '/x': {} },
      HostConfig: { NetworkMode: 'alicen', Binds: ['alicev:/v'] },
    }),
  );
  know('annc', await container('ann', 'annc', {}));
  const bobc = know(
    'bobc',
    await container('bob', 'bobc', {
      Env: ['PASSWORD=bobs-password'],
      Volumes: { '/x': {} },
      HostConfig: { NetworkMode: 'bobn', Binds: ['bobv:/v'] },
    }),
  );
  know('decoy', await container('bob', alicec.slice(0, 6), { HostConfig: { NetworkMode: 'bobn' } }, false));
  const anonymous = (id: string) =>
    docker(
      engine,
      'inspect',
      '--format',
      '{{range .Mounts}}{{if eq .Destination "/x"}}{{.Name}}{{end}}{{end}}',
      id,
    );
  know('aliceanon', anonymous(alicec));
  know('bobanon', anonymous(bobc));
  const exec = async (as: Persona, id: string) =>
    (await must(door, as, `POST /v1.41/containers/${id}/exec`, { Cmd: ['sleep', '600'] }))['Id'];
  know('alicex', await exec('alice', alicec));
  know('bobx', await exec('bob', bobc));

  docker(engine, 'volume', 'create', 'oldvolume');
  know('oldc', docker(engine, 'create', '--name', 'oldc', '-v', 'oldvolume:/v', 'busybox'));
  know('trojan', imageWith(engine, labelsAsChange(engine, alicec), 'ops/trojan:latest'));
  know('trojanc', docker(engine, 'create', '--name', 'trojanc', 'ops/trojan', 'sleep', '600'));

  const there = translation([...ids]);
  const back = translation([...ids].map(([fake, real]) => [real, fake]));
  const real = <T extends string | Buffer>(text: T): T =>
    (typeof text === 'string' ? there(text) : Buffer.from(there(text.toString('latin1')), 'latin1')) as T;
  return {
    real,
    id: (name) => ids.get(IDS[name]) ?? '',
    observed: (seen) => ({
      ...seen,
      replies: back(seen.replies),
      records: JSON.parse(back(JSON.stringify(seen.records))) as Observed['records'],
      sent: back(seen.sent),
    }),
  };
}

/** What is an id, or begins as one, becomes as much of the other. */
function translation(pairs: readonly (readonly [string, string])[]): (text: string) => string {
  const bare = pairs.map(([from, to]) => [from.replace('sha256:', ''), to.replace('sha256:', '')] as const);
  return (text) =>
    text.replace(/%[0-9A-Fa-f]{2}|[0-9a-f]{6,64}/g, (run) => {
      const pair = bare.find(([from]) => from.startsWith(run));
      return pair === undefined ? run : pair[1].slice(0, run.length);
    });
}
