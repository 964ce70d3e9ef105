import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { docker } from '../support/docker.ts';
import { type Gateway, issueToken, startGateway } from '../support/gateway.ts';
import { removeNamed } from './cleanup.ts';
import { clisOf } from './developers.ts';
import { tokenConfig } from './ways.ts';

const engine = inject('engine');
const run = `cond-${randomBytes(4).toString('hex')}`;
const shared = mkdtempSync(`${engine.dir}/shared-`);
/** In the registry, and not on the Engine. */
const REMOTE = `${engine.registry}/library/${run}-remote:1`;
const RESTRICTED = ['--user', '1000', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'];

/** Who may do what: each role has one condition, beside all that is not about bodies. */
const CONDITIONS: Readonly<Record<string, readonly string[]>> = {
  paths: [`container/**, ContainerCreate, "hostPathsWithin('${shared}/ci', '${shared}/ro:ro')"`],
  small: [`container/**, ContainerCreate, memoryAtMost('256m')`],
  images: [
    `container/**, ContainerCreate, imageFrom('docker.io/library/*')`,
    `image/**, ImageLoad, imageFrom('docker.io/library/*')`,
  ],
  bases: [`build/**, ImageBuild, baseImagesFrom('docker.io/library/*')`, `image/**, ImageBuild, true`],
  ports: [`container/**, ContainerCreate, portsWithin('30000-32767')`],
  strict: [`**, ContainerCreate ContainerExec, satisfies('restricted')`],
  helped: [`**, ContainerCreate ContainerExec, satisfies('restricted')`],
};
const REST = '@read @lifecycle @exec @build @supply @network @volume';
const JUDGED = '!ContainerCreate !ContainerExec !ImageLoad !ImageBuild';

const HELP = {
  for: ['role:helped'],
  noNewPrivileges: true,
  dropCapabilities: ['ALL'],
  memory: '128m',
  pids: 64,
  mirrors: [{ from: 'docker.io', to: `${engine.registry}` }],
};

describe('conditions and mutations, as the docker CLI shows them', () => {
  let gateway: Gateway;
  let id = '';

  beforeAll(async () => {
    for (const folder of ['ci', 'ro']) mkdirSync(`${shared}/${folder}`);
    writeFileSync(`${shared}/ci/note`, 'for all jobs\n');
    const roles = Object.entries(CONDITIONS);
    const lines = roles.flatMap(([role, grants]) => [
      `p, role:${role}, **, ${REST} ${JUDGED}, true, allow`,
      ...grants.map((grant) => `p, role:${role}, ${grant}, allow`),
    ]);
    gateway = await startGateway({
      engineSocket: engine.socket,
      config: { tls: { clientCertificate: 'optional' }, mutations: [HELP] },
      prepare: (dir) => appendFileSync(`${dir}/policies/grants.csv`, `\n${lines.join('\n')}\n`),
    });
    for (const [role] of roles)
      tokenConfig(`${gateway.dir}/${role}`, await issueToken(gateway, role, '--role', role));
    await bare(['tag', 'busybox', `127.0.0.1:5000/${run}:1`]);
    for (const args of [
      ['tag', 'busybox', REMOTE],
      ['push', REMOTE],
      ['rmi', REMOTE],
    ])
      await bare(args);
    id = (await bare(['images', '-q', 'busybox'])).stdout.trim();
  });
  afterAll(async () => {
    await gateway?.stop();
    await removeNamed(engine.socket, run);
  });

  const bare = (args: readonly string[], input?: string) =>
    docker(args, { host: `unix://${engine.socket}`, ...(input === undefined ? {} : { input }) });

  /** What the CLI of somebody with that role answers; of a refusal, what is said of it, with its reason. */
  const as = async (
    role: string,
    args: string | readonly string[],
    options: { cli?: string; input?: string } = {},
  ) => {
    const { code, stdout, stderr } = await docker(typeof args === 'string' ? args.split(' ') : args, {
      host: gateway.host,
      config: `${gateway.dir}/${role}`,
      globalArgs: ['--tlsverify', '--tlscacert', `${gateway.certPath('admin')}/ca.pem`],
      env: { DOCKER_BUILDKIT: '0' },
      ...options,
    });
    const [, said, reason] =
      / may not do this [^:]+(?:\/-)?: (.*); or ask .* \[([a-z-]+)\]/.exec(stderr) ?? [];
    return said === undefined
      ? { code, stdout, stderr }
      : { said: said.replace(/grants\.csv:\d+/, 'GRANT'), reason };
  };
  const fine = (stdout = '') => ({ code: 0, stdout, stderr: '' });

  it('hostPathsWithin lets mount what lies below, and read what may be read', async () => {
    expect(await as('paths', `run --rm -v ${shared}/ci:/c busybox cat /c/note`)).toEqual(
      fine('for all jobs\n'),
    );
    expect(await as('paths', `run --rm -v ${shared}/ro:/c:ro -v ${run}:/d busybox true`)).toEqual(fine());
    const asks = `, which GRANT does not allow: mount what is below ${shared}/ci or ${shared}/ro (read-only), or a named volume`;
    const reason = 'host-path-not-permitted';
    expect(await as('paths', `run --rm -v ${shared}/ci/..:/c busybox true`)).toEqual({
      said: `HostConfig.Binds[0] reaches "${shared}" of the host${asks}`,
      reason,
    });
    expect(await as('paths', `run --rm -v ${shared}/ro:/c busybox true`)).toEqual({
      said: `HostConfig.Binds[0] reaches "${shared}/ro" of the host, and may write it${asks}`,
      reason,
    });
  });

  it('memoryAtMost wants a limit, and a small one', async () => {
    const asks = 'which GRANT does not allow: set a memory limit of at most 256m (docker run --memory)';
    expect(await as('small', 'run --rm -m 256m busybox true')).toEqual(fine());
    expect(await as('small', 'run --rm -m 257m busybox true')).toEqual({
      said: `HostConfig.Memory asks for 257m of memory, ${asks}`,
      reason: 'memory-limit',
    });
    expect(await as('small', 'run --rm busybox true')).toEqual({
      said: `HostConfig.Memory sets no limit of memory, ${asks}`,
      reason: 'memory-limit',
    });
  });

  it('imageFrom takes images by their names, and no ids', async () => {
    const asks = 'which GRANT does not allow: use an image from docker.io/library/*';
    expect(await as('images', 'run --rm busybox echo ok')).toEqual(fine('ok\n'));
    expect(await as('images', `run --rm 127.0.0.1:5000/${run}:1 true`)).toEqual({
      said: `Image uses the image "127.0.0.1:5000/${run}:1", ${asks}`,
      reason: 'image-not-permitted',
    });
    expect(await as('images', `run --rm ${id} true`)).toMatchObject({ reason: 'image-not-permitted' });
  });

  it('imageFrom reads what docker load brings', async () => {
    const archives = { good: ['busybox'], bad: ['busybox', `127.0.0.1:5000/${run}:1`] };
    for (const [name, images] of Object.entries(archives))
      await bare(['save', '-o', `${shared}/${name}`, ...images]);
    expect(await as('images', `load -i ${shared}/good`)).toEqual(fine('Loaded image: busybox:latest\n'));
    expect(await as('images', `load -i ${shared}/bad`)).toEqual({
      said: `manifest.json[0].RepoTags[1] uses the image "127.0.0.1:5000/${run}:1", which GRANT does not allow: use an image from docker.io/library/*`,
      reason: 'image-not-permitted',
    });
  });

  it('baseImagesFrom reads the Dockerfile of a classic build', async () => {
    const input = `FROM busybox AS first\nRUN true\nFROM 127.0.0.1:5000/${run}:1\nCOPY --from=first /bin /b\n`;
    expect(
      await as('bases', `build -q -t built-${run} -`, { input: 'FROM busybox AS a\nFROM a\nCMD hi\n' }),
    ).toMatchObject({
      code: 0,
    });
    expect(await as('bases', 'build -', { input })).toEqual({
      said: `Dockerfile:3 uses the image "127.0.0.1:5000/${run}:1", which GRANT does not allow: build from docker.io/library/*`,
      reason: 'base-image-not-permitted',
    });
  });

  it('portsWithin holds each published port', async () => {
    const asks = 'which GRANT does not allow: publish on 30000-32767';
    expect(await as('ports', 'run --rm -p 30080:80 busybox true')).toEqual(fine());
    expect(await as('ports', 'run --rm -p 30080:80 -p 8080:81 busybox true')).toEqual({
      said: `HostConfig.PortBindings["81/tcp"][0] publishes port 8080 of the host, ${asks}`,
      reason: 'port-not-permitted',
    });
    expect(await as('ports', 'run --rm -P --expose 80 busybox true')).toEqual({
      said: `HostConfig.PublishAllPorts publishes a port that the Engine picks, ${asks}`,
      reason: 'port-not-permitted',
    });
  });

  it('restricted takes a run that gives up all it can, and names all that another keeps', async () => {
    expect(await as('strict', ['run', '--rm', ...RESTRICTED, 'busybox', 'id', '-u'])).toEqual(fine('1000\n'));
    expect(await as('strict', 'run --rm busybox true')).toEqual({
      said:
        'HostConfig.CapDrop does not drop ALL capabilities, which the profile restricted forbids (drop-all-capabilities): ' +
        'drop them all (docker run --cap-drop ALL); HostConfig.SecurityOpt does not keep the container from gaining ' +
        'privileges, which the profile restricted forbids (no-new-privileges): turn it on (docker run --security-opt ' +
        'no-new-privileges); User runs the container as root ("0"), which the profile restricted forbids ' +
        '(run-as-non-root): name a uid that is not 0 (docker run --user 1000)',
      reason: 'drop-all-capabilities',
    });
  });

  it('restricted goes by the user of the image, which is written into the request', async () => {
    await bare(['build', '-q', '-t', `numbered-${run}`, '-'], 'FROM busybox\nUSER 1234\n');
    await bare(['build', '-q', '-t', `named-${run}`, '-'], 'FROM busybox\nUSER nobody\n');
    const run_ = (image: string) => as('strict', ['run', '--rm', ...RESTRICTED.slice(2), image, 'id', '-u']);
    expect(await run_(`numbered-${run}`)).toEqual({
      ...fine('1234\n'),
      stderr: 'WARNING: quaywarden: the user of the image, "1234", was written into the request\n',
    });
    expect(await run_(`named-${run}`)).toMatchObject({ reason: 'run-as-non-root' });
    expect(await run_('busybox')).toMatchObject({ reason: 'run-as-non-root' });
  });

  it('restricted goes by the user of the container in an exec', async () => {
    const name = `entered-${run}`;
    await as('strict', ['run', '-d', '--name', name, ...RESTRICTED, 'busybox', 'sleep', '60']);
    expect(await as('strict', `exec ${name} id -u`)).toEqual(fine('1000\n'));
    expect(await as('strict', `exec -u 0 ${name} id -u`)).toEqual({
      said: 'User runs the command as root ("0"), which the profile restricted forbids: name a uid that is not 0 (docker exec --user 1000)',
      reason: 'run-as-non-root',
    });
  });

  it('an image that is not there is pulled as ever, though its user is asked for', async () => {
    const ran = await as('strict', [
      'run',
      '--rm',
      ...RESTRICTED.slice(2),
      '--name',
      `pulled-${run}`,
      REMOTE,
    ]);
    expect(ran).toMatchObject({ reason: 'run-as-non-root' });
    expect((await bare(['images', '-q', REMOTE])).stdout).not.toBe('');
  });

  it.each(clisOf(engine))(
    'mutations make a plain run a restricted one, and the %s CLI prints each',
    async (cli) => {
      const name = `helped-${cli}-${run}`;
      const { code, stderr } = (await as('helped', `run --name ${name} --user 1000 ${run}-remote:1 true`, {
        cli: engine.clis[cli] ?? '',
      })) as { code: number; stderr: string };
      expect(code, stderr).toBe(0);
      expect(stderr.split('\n').filter((line) => line.startsWith('WARNING'))).toEqual([
        'WARNING: quaywarden: no-new-privileges was added',
        'WARNING: quaywarden: the capability ALL was dropped',
        'WARNING: quaywarden: memory was limited to 128m',
        'WARNING: quaywarden: the number of processes was limited to 64',
        `WARNING: quaywarden: the image ${run}-remote:1 was rewritten to ${REMOTE}`,
      ]);
      const format =
        '{{.Config.Image}} {{with .HostConfig}}{{.Memory}} {{.PidsLimit}} {{.CapDrop}} {{.SecurityOpt}}{{end}}';
      expect((await bare(['inspect', '-f', format, name])).stdout).toBe(
        `${REMOTE} 134217728 64 [ALL] [no-new-privileges]\n`,
      );
    },
  );
});
