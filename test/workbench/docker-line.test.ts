import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readContent } from '../../src/docker/content.ts';
import { factsOf } from '../../src/docker/facts/facts.ts';
import { NO_FACTS } from '../../src/docker/facts/none.ts';
import type { Facts } from '../../src/docker/facts/types.ts';
import { parseRequest } from '../../src/docker/request.ts';
import { translate } from '../../src/workbench/docker-line/translate.ts';
import { wordsOf } from '../../src/workbench/docker-line/words.ts';

/** What one request says: the same of what the docker CLI sends and of what is translated. */
interface Said {
  readonly operation: string;
  readonly params: object;
  readonly query: object;
  readonly facts: object;
}

const ID = 'c'.repeat(64);
const EXEC = 'e'.repeat(64);
/** Parameters that judge nothing: how much is shown, and what the builder is told of its own. */
const SILENT = new Set([
  'h',
  'w',
  'size',
  'shmsize',
  'cpushares',
  'memory',
  'memswap',
  'ulimits',
  'labels',
  'cachefrom',
  'cgroupparent',
  'cpuperiod',
  'cpuquota',
  'cpusetcpus',
  'cpusetmems',
  'version',
  'buildargs',
  'shared-size',
  'manifests',
  'forcerm',
]);
/** What the CLI asks besides, to show it. */
const BESIDES = new Set([
  'SystemPing',
  'SystemPingHead',
  'ContainerResize',
  'ExecResize',
  'ExecInspect',
  'SystemInfo',
]);

let dir: string;
let taken: { readonly line: string; readonly body: string }[] = [];
const server = createServer((request, response) => void answer(request, response));

const sockets = new Set<Socket>();

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'qwd-'));
  writeFileSync(join(dir, 'Dockerfile'), 'FROM alpine\n');
  server.on('connection', (socket) => void sockets.add(socket));
  server.on('upgrade', (request, socket) => {
    note(request, '');
    socket.end('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(join(dir, 's'), resolve));
});
afterAll(async () => {
  // One that was upgraded is no connection to the server any more.
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
  rmSync(dir, { recursive: true });
});

describe('a docker command line is translated into what the docker CLI sends:', () => {
  it.each([
    'docker create busybox',
    'docker create --name web -it --rm busybox sh -c "echo hi"',
    'docker create -v /srv/a:/a:ro -v data:/data -v /anon busybox',
    'docker create --mount type=bind,source=/etc,target=/e,readonly --mount type=volume,src=v,dst=/v busybox',
    'docker create -p 8080:80 -p 127.0.0.1:53:53/udp -p 90 -P --expose 70 nginx:1',
    'docker create --privileged --pid host --ipc host --uts host --userns host --cgroupns host busybox',
    'docker create --network back --add-host a:10.0.0.1 --dns 10.0.0.2 busybox',
    'docker create --network host busybox',
    'docker create --network container:web busybox',
    'docker create --cap-add SYS_ADMIN --cap-drop ALL --security-opt no-new-privileges --device /dev/fuse:/dev/fuse:r busybox',
    'docker create --device /dev/sda -m 512m --cpus 1.5 --pids-limit 100 --restart on-failure:3 busybox',
    'docker create -e A=1 -l team=red -u 1000:1000 -w /tmp -h box --entrypoint sh busybox -c id',
    'docker create --volumes-from web:ro --link web:db --group-add audio --sysctl net.core.somaxconn=1 busybox',
    'docker create --runtime runsc --log-driver syslog --log-opt syslog-address=udp://10.0.0.1:1 --cgroup-parent x busybox',
    'docker create --read-only --init --tmpfs /run:rw --oom-kill-disable --platform linux/amd64 busybox',
    'docker run -d busybox',
    'docker run --rm busybox true',
    'docker run -i busybox cat',
    'docker exec -u root -w /tmp -e A=1 --privileged web id',
    'docker exec -d web id',
    'docker ps',
    'docker ps -a -f status=running -f label=a=b -f label=c',
    'docker start web',
    'docker stop -t 5 web box',
    'docker restart web',
    'docker kill -s HUP web',
    'docker kill web',
    'docker pause web',
    'docker rm -f -v web box',
    'docker logs --tail 5 -t web',
    'docker cp web:/etc/hosts -',
    'docker images -a -f dangling=true',
    'docker pull alpine',
    'docker pull reg.example.com:5000/a/b:1',
    'docker push reg.example.com/a/b:1',
    'docker rmi -f alpine:3',
    'docker tag alpine reg.example.com/a/b:1',
    'docker save alpine busybox',
    'docker build -t app:1 -q .',
    'docker info',
    'docker version',
    'docker network ls',
    'docker network create -d bridge --internal -o a=b --label x=y back',
    'docker network rm back',
    'docker network connect back web',
    'docker network disconnect back web',
    'docker volume ls -f dangling=true',
    'docker volume create -d local -o type=none -o o=bind -o device=/ v',
    'docker volume rm -f v',
    'docker volume inspect v',
    'docker image inspect alpine',
  ])('%s', async (line) => {
    const sent = await sentBy(line);
    const { steps } = translate(line);
    const translated = steps.map(({ method, target, body }) =>
      said(`${method} ${target.replace('{made}', ID)}`, body === undefined ? '' : JSON.stringify(body)),
    );
    const byName = (a: Said, b: Said): number => (text(a) < text(b) ? -1 : 1);
    expect(translated.sort(byName)).toEqual(sent.sort(byName));
  });
});

/** What the real CLI sends, what it asks for its own sake left out. */
async function sentBy(line: string): Promise<Said[]> {
  taken = [];
  await new Promise<void>((resolve) => {
    const env = {
      PATH: process.env['PATH'],
      HOME: dir,
      DOCKER_HOST: `unix://${dir}/s`,
      DOCKER_BUILDKIT: '0',
      DOCKER_CLI_HINTS: 'false',
    };
    const child = execFile('docker', wordsOf(line).slice(1), { cwd: dir, env, timeout: 15_000 }, () =>
      resolve(),
    );
    child.stdin?.end();
  });
  const own =
    line.split(' ')[1] === 'info' ? new Set([...BESIDES].filter((id) => id !== 'SystemInfo')) : BESIDES;
  return taken.map(({ line: head, body }) => said(head, body)).filter(({ operation }) => !own.has(operation));
}

function text(of: unknown): string {
  return JSON.stringify(of, (_, value) => (typeof value === 'bigint' ? String(value) : value));
}

function said(head: string, body: string): Said {
  const [method = '', target = ''] = head.split(' ');
  const api = parseRequest({ method, target }, { floor: 24, ceiling: 56, engine: 50 });
  const value =
    body.startsWith('{') && api.operation.body.startsWith('json')
      ? readContent(api, Buffer.from(inOrder(body))).value
      : undefined;
  const query = Object.fromEntries(
    Object.entries(api.query).filter(([name, given]) => !SILENT.has(name) && given !== '' && given !== false),
  );
  const told = Object.fromEntries(
    Object.entries(factsOf(api, value)).filter(
      ([name, fact]) => text(fact) !== text(NO_FACTS[name as keyof Facts]),
    ),
  );
  return { operation: api.operation.id, params: { ...api.params }, query, facts: told };
}

/** The CLI keeps volumes in a map of Go's, and sends them in another order each time; facts say at which place each stood. */
function inOrder(body: string): string {
  const value = JSON.parse(body) as { HostConfig?: { Binds?: string[] | null } };
  value.HostConfig?.Binds?.sort();
  return JSON.stringify(value);
}

function note({ method, url }: IncomingMessage, body: string): void {
  taken.push({ line: `${method} ${url}`, body });
}

/** As little as the CLI needs to go on. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  note(request, Buffer.concat(chunks).toString('utf8'));
  const path = (request.url ?? '').replace(/^\/v[\d.]+/, '').replace(/\?.*/, '');
  response.setHeader('Api-Version', '1.50');
  response.setHeader('Ostype', 'linux');
  response.setHeader('Content-Type', 'application/json');
  const [status, reply] = replyTo(request.method ?? '', path);
  response.writeHead(status).end(reply === undefined ? '' : JSON.stringify(reply));
}

function replyTo(method: string, path: string): readonly [number, unknown?] {
  if (path === '/_ping') return [200];
  if (path === '/containers/create') return [201, { Id: ID, Warnings: [] }];
  if (/^\/containers\/[^/]+\/exec$/.test(path)) return [201, { Id: EXEC }];
  if (path.endsWith('/wait')) return [200, { StatusCode: 0 }];
  if (/^\/exec\/.*\/json$/.test(path)) return [200, { ID: EXEC, ExitCode: 0, Running: false }];
  if (/^\/containers\/[^/]+\/json$/.test(path))
    return [200, { Id: ID, Name: '/web', Config: { Tty: false }, State: { Running: true }, HostConfig: {} }];
  if (/\/(?:networks|volumes)\/create$/.test(path)) return [201, { Id: ID, Name: 'x' }];
  if (method === 'GET' && path === '/volumes') return [200, { Volumes: [] }];
  if (method === 'GET' && /^\/(?:containers\/json|images\/json|networks)$/.test(path)) return [200, []];
  if (method === 'DELETE' && path.startsWith('/images/')) return [200, []];
  if (method === 'GET' || path === '/build' || path.startsWith('/images/')) return [200, {}];
  return [204];
}
