import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { request } from 'node:https';
import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { initialise } from '../../src/cli/init/initialise.ts';
import { pasteLines } from '../../src/cli/serve/paste-lines.ts';
import { freshFolder, quaywarden, type Running, start } from './command.ts';

const running: Running[] = [];
const servers: Server[] = [];
afterEach(async () => {
  for (const { child } of running) child.kill('SIGKILL');
  await Promise.all(running.splice(0).map(({ ended }) => ended));
  for (const server of servers.splice(0)) server.close();
});

async function folder(change: object = {}): Promise<string> {
  const dir = freshFolder();
  await initialise(dir);
  const config = parse(readFileSync(`${dir}/quaywarden.yaml`, 'utf8'));
  const engine = { address: `unix://${dir}/docker.sock` };
  const own = { listen: '127.0.0.1:0', admin: { listen: 'off' }, engine };
  writeFileSync(`${dir}/quaywarden.yaml`, stringify({ ...config, ...own, ...change }));
  return dir;
}

async function serve(dir: string, ...node: string[]): Promise<Running & { readonly port: number }> {
  const gateway = start(['serve'], { cwd: dir, node });
  running.push(gateway);
  const said = await gateway.said(/listening on https:\/\/127\.0\.0\.1:\d+\n/);
  return { ...gateway, port: Number(/listening on https:\/\/127\.0\.0\.1:(\d+)\n/.exec(said)?.[1]) };
}

function get(dir: string, port: number, path: string): Promise<{ status: number | undefined; body: string }> {
  const pem = (file: string): Buffer => readFileSync(`${dir}/certs/admin/${file}.pem`);
  return new Promise((resolve, reject) => {
    request({ port, path, ca: pem('ca'), cert: pem('cert'), key: pem('key'), agent: false }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      response.on('end', () => resolve({ status: response.statusCode, body }));
    })
      .on('error', reject)
      .end();
  });
}

describe('quaywarden serve in an empty folder', () => {
  it('makes all it needs, listens on 127.0.0.1:2376 and prints the lines to paste', async () => {
    const dir = freshFolder();
    const gateway = start(['serve'], {
      cwd: dir,
      before: ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$0" "$@"'],
      env: { DOCKER_SOCK: `${dir}/none.sock` },
    });
    running.push(gateway);
    await gateway.said('To look and not touch');
    const out = gateway.stdout();
    expect(out).toContain(
      `There is no quaywarden.yaml here, so this is made first:\nMade in ${dir}:\n  certs/ca/cert.pem\n`,
    );
    expect(out.slice(out.indexOf('quaywarden listening'))).toBe(
      [
        'quaywarden listening on https://127.0.0.1:2376',
        `no Docker Engine yet: there is no socket ${dir}/none.sock; start dockerd, or name its socket in engine.address or DOCKER_SOCK; until it answers, requests get 503`,
        '',
        'Paste these lines to use it from a shell:',
        '  export DOCKER_HOST=tcp://127.0.0.1:2376',
        '  export DOCKER_TLS_VERIFY=1',
        `  export DOCKER_CERT_PATH=${dir}/certs/admin`,
        'or make a context of it:',
        `  docker context create quaywarden --docker "host=tcp://127.0.0.1:2376,ca=${dir}/certs/admin/ca.pem,cert=${dir}/certs/admin/cert.pem,key=${dir}/certs/admin/key.pem"`,
        `To look and not touch, use ${dir}/certs/viewer in place of ${dir}/certs/admin.`,
        '',
      ].join('\n'),
    );
    gateway.child.kill('SIGTERM');
    expect((await gateway.ended).code).toBe(0);
    expect(existsSync(`${dir}/quaywarden.yaml`)).toBe(true);
  });
});

describe('quaywarden serve', () => {
  it('serves without an Engine, answers 503 naming the socket, and works once the Engine is up', async () => {
    const dir = await folder();
    const { port, said } = await serve(dir);
    await said(`no Docker Engine yet: there is no socket ${dir}/docker.sock;`);
    const before = await get(dir, port, '/v1.41/containers/json');
    expect(before.status).toBe(503);
    expect(before.body).toContain(`no Docker Engine answers at ${dir}/docker.sock (ENOENT)`);
    const engine = createHttpServer(
      (_, response) => void response.setHeader('Content-Type', 'application/json').end('[]\n'),
    );
    servers.push(engine);
    await new Promise<void>((resolve) => engine.listen(`${dir}/docker.sock`, resolve));
    expect(await get(dir, port, '/v1.41/containers/json')).toEqual({ status: 200, body: '[]\n' });
  });

  it('says which Engine it stands in front of', async () => {
    const dir = await folder();
    const versions = JSON.stringify({ Version: '28.1.0', ApiVersion: '1.49', MinAPIVersion: '1.24' });
    const engine = createHttpServer((_, response) => void response.end(versions));
    servers.push(engine);
    await new Promise<void>((resolve) => engine.listen(`${dir}/docker.sock`, resolve));
    const { said } = await serve(dir);
    await said(`in front of Docker Engine 28.1.0 at unix://${dir}/docker.sock (API 1.24 to 1.49)\n`);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'ends with 0 on %s and logs JSON lines on standard error',
    async (signal) => {
      const { child, ended } = await serve(await folder());
      child.kill(signal);
      const { code, stderr } = await ended;
      expect(code).toBe(0);
      const lines = stderr
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { msg: string; signal?: string });
      expect(lines.at(-1)).toMatchObject({ msg: 'stopping', signal });
    },
  );

  it('ends at once with 1 on a second signal while an exchange is open', async () => {
    const dir = await folder({ shutdown: { graceSeconds: 60 } });
    const engine = createServer(() => {});
    servers.push(engine);
    const asked = new Promise((resolve) =>
      engine.on('connection', (socket) =>
        socket.on('data', (data) => {
          if (data.toString().includes('/containers/json')) resolve(undefined);
        }),
      ),
    );
    await new Promise<void>((resolve) => engine.listen(`${dir}/docker.sock`, resolve));
    const { child, ended, port, stderr } = await serve(dir);
    const answer = get(dir, port, '/v1.41/containers/json').catch((error: Error) => error);
    await asked;
    child.kill('SIGTERM');
    await expect.poll(stderr, { timeout: 20_000 }).toContain('"msg":"stopping"');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(child.exitCode).toBeNull();
    child.kill('SIGTERM');
    expect((await ended).code).toBe(1);
    expect(await answer).toBeInstanceOf(Error);
  });

  it('prints no lines to paste where there are no certificates of init, or none are asked for', async () => {
    const dir = await folder();
    renameSync(`${dir}/certs/admin`, `${dir}/certs/elsewhere`);
    const first = await serve(dir);
    await first.said('no Docker Engine yet');
    first.child.kill(); // two gateways need two audit folders and control sockets
    expect((await first.ended).stdout).not.toMatch(/Paste|export/);
    renameSync(`${dir}/certs/elsewhere`, `${dir}/certs/admin`);
    const config = parse(readFileSync(`${dir}/quaywarden.yaml`, 'utf8'));
    config.tls.clientCertificate = 'none';
    writeFileSync(`${dir}/quaywarden.yaml`, stringify(config));
    const second = await serve(dir);
    await second.said('no Docker Engine yet');
    second.child.kill();
    expect((await second.ended).stdout).not.toMatch(/Paste|export/);
  });

  it('goes on when nobody reads its output any more', async () => {
    const dir = await folder();
    const { child, port, ended } = await serve(dir);
    child.stdout?.destroy();
    child.stderr?.destroy();
    expect((await get(dir, port, '/v1.41/containers/json')).status).toBe(503);
    expect((await get(dir, port, '/v1.41/containers/json')).status).toBe(503);
    child.kill();
    expect((await ended).code).toBe(0);
  });

  it.each([
    ['exception', 'throw new Error("boom")', 'uncaughtException'],
    ['rejection', 'Promise.reject(new Error("boom"))', 'unhandledRejection'],
  ])('logs an %s that nobody caught and ends with 1', async (_, code, origin) => {
    const dir = await folder();
    writeFileSync(`${dir}/bomb.mjs`, `process.on('SIGUSR2', () => { ${code}; });`);
    const { child, ended } = await serve(dir, '--import', `${dir}/bomb.mjs`);
    child.kill('SIGUSR2');
    const result = await ended;
    expect(result.code).toBe(1);
    expect(JSON.parse(result.stderr.trim().split('\n').at(-1) ?? '')).toMatchObject({
      level: 60,
      origin,
      err: { message: 'boom' },
    });
  });

  it('answers a port that is taken with one line and code 2', async () => {
    const stranger = createServer();
    servers.push(stranger);
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const { port } = stranger.address() as { port: number };
    const dir = await folder({ listen: `127.0.0.1:${port}` });
    const { code, stdout, stderr } = await quaywarden(['serve'], { cwd: dir });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(
      `quaywarden: listen: 127.0.0.1:${port} can not be used: another process listens there; stop it, or name another port\n`,
    );
  });

  it('answers an address of another machine with one line and code 2', async () => {
    const dir = await folder({ listen: '192.0.2.1:2376' });
    const { code, stderr } = await quaywarden(['serve'], { cwd: dir });
    expect(code).toBe(2);
    expect(stderr).toBe(
      "quaywarden: listen: 192.0.2.1:2376 can not be used: it is none of this machine's addresses; name one of them, or 0.0.0.0 for all\n",
    );
  });

  it('answers a configuration file that is not there with code 2, and makes nothing', async () => {
    const dir = freshFolder();
    const { code, stderr } = await quaywarden(['serve', '--config', 'mine.yaml'], { cwd: dir });
    expect(code).toBe(2);
    expect(stderr).toBe(
      'quaywarden: mine.yaml: there is no such file; make one with `quaywarden init`, or name yours with --config\n',
    );
    expect(existsSync(`${dir}/certs`)).toBe(false);
  });

  it('answers a configuration with several faults with a line for each', async () => {
    const dir = await folder({ lisen: 1, log: { level: 'loud' } });
    const { code, stderr } = await quaywarden(['serve'], { cwd: dir });
    expect(code).toBe(2);
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/^quaywarden: quaywarden\.yaml:\d+:\d+: log\.level must be one of /),
      expect.stringMatching(
        /^quaywarden: quaywarden\.yaml:\d+:1: lisen is not a known key; did you mean `listen`\?$/,
      ),
    ]);
  });
});

describe('the lines to paste', () => {
  function certificates(name: string): string {
    const dir = `${freshFolder()}/${name}`;
    mkdirSync(`${dir}/certs/admin`, { recursive: true });
    for (const file of ['ca', 'cert', 'key']) writeFileSync(`${dir}/certs/admin/${file}.pem`, '');
    return dir;
  }

  it('name an address that clients can use', () => {
    const dir = certificates('x');
    const hostLine = (host: string) => pasteLines(dir, { host, port: 1 })[1];
    expect(hostLine('0.0.0.0')).toBe('  export DOCKER_HOST=tcp://127.0.0.1:1');
    expect(hostLine('::')).toBe('  export DOCKER_HOST=tcp://127.0.0.1:1');
    expect(hostLine('::1')).toBe('  export DOCKER_HOST=tcp://[::1]:1');
    expect(hostLine('192.0.2.9')).toBe('  export DOCKER_HOST=tcp://192.0.2.9:1');
  });

  it('survive a shell in folders with odd names', () => {
    const dir = certificates(`it's $HOME, "odd"`);
    const lines = pasteLines(dir, { host: '127.0.0.1', port: 1 });
    const script = `${lines.filter((line) => line.includes('export')).join('\n')}\nprintf %s "$DOCKER_CERT_PATH"`;
    expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe(`${dir}/certs/admin`);
    const create = lines
      .find((line) => line.includes('context create'))
      ?.replace('docker context create quaywarden --docker', 'printf %s');
    const field = (part: string) => `"${part}=${`${dir}/certs/admin/${part}.pem`.replaceAll('"', '""')}"`;
    expect(execFileSync('sh', ['-c', create ?? ''], { encoding: 'utf8' })).toBe(
      ['host=tcp://127.0.0.1:1', field('ca'), field('cert'), field('key')].join(','),
    );
  });

  it('do not speak of a viewer that is not there', () => {
    expect(pasteLines(certificates('y'), { host: '127.0.0.1', port: 1 }).join()).not.toContain('viewer');
    expect(pasteLines('/nowhere', { host: '127.0.0.1', port: 1 })).toEqual([]);
  });
});

describe('the command line', () => {
  it('tells its version and helps, with 0', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(await quaywarden(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
    const help = await quaywarden(['--help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    for (const command of ['serve', 'init', 'token', 'doctor'])
      expect(help.stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
  });

  it.each([['serve'], ['init'], ['token', 'issue'], ['doctor']])(
    'gives examples in the help of %s %s',
    async (...command) => {
      const { code, stdout } = await quaywarden([...command, '--help']);
      expect(code).toBe(0);
      expect(stdout).toMatch(new RegExp(`Examples:\n  \\$ .*quaywarden ${command.join(' ')}`));
      expect(stdout).toMatch(/Exit codes: 0 /);
      expect(stdout).not.toMatch(/\(default: [^)]*\)\s+\(default:|\(default: \[\]\)/);
    },
  );

  it.each([
    [['serv'], "quaywarden: unknown command 'serv'\n(Did you mean serve?)\n"],
    [['serve', '--confg', 'x'], "quaywarden: unknown option '--confg'\n(Did you mean --config?)\n"],
    [['doctor', 'extra'], "quaywarden: too many arguments for 'doctor'. Expected 0 arguments but got 1.\n"],
  ])('answers %j with code 2', async (args, stderr) => {
    expect(await quaywarden(args)).toEqual({ code: 2, stdout: '', stderr });
  });

  it('tells an unexpected failure in one line, and where with QUAYWARDEN_DEBUG', async () => {
    const dir = freshFolder();
    writeFileSync(
      `${dir}/break.mjs`,
      `import crypto from 'node:crypto'; import { syncBuiltinESMExports } from 'node:module';
      crypto.generateKeyPairSync = () => { throw new Error('first line\\nsecond line'); }; syncBuiltinESMExports();`,
    );
    const options = { cwd: dir, node: ['--import', `${dir}/break.mjs`] };
    expect(await quaywarden(['init'], options)).toEqual({
      code: 1,
      stdout: '',
      stderr: 'quaywarden: unexpected failure: first line (QUAYWARDEN_DEBUG=1 shows where)\n',
    });
    const { stderr } = await quaywarden(['init'], { ...options, env: { QUAYWARDEN_DEBUG: '1' } });
    expect(stderr).toMatch(/^Error: first line\nsecond line\n {4}at /);
  });
});
