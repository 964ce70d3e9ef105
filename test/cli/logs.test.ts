import { expect } from 'vitest';
import { ID } from './docker-under-test.ts';
import { scenarios } from './scenarios.ts';

scenarios('docker logs', (scenario) => {
  scenario(
    'prints both streams, each on its own',
    async (docker) => {
      const name = docker.name('both');
      await docker.expect(['run', '--name', name, 'busybox', 'sh', '-c', 'echo out; echo err >&2'], {
        stdout: 'out\n',
        stderr: 'err\n',
      });
      await docker.expect(`logs ${name}`, { stdout: 'out\n', stderr: 'err\n' });
    },
    { modern: true, tenant: true },
  );

  scenario(
    'prints the last lines with --tail',
    async (docker) => {
      const name = docker.name('tail');
      await docker.expect(`run -d --name ${name} busybox seq 1 100`, { stdout: ID });
      await docker.expect(`wait ${name}`, { stdout: '0\n' });
      await docker.expect(`logs --tail 3 ${name}`, { stdout: '98\n99\n100\n' });
      await docker.expect(`logs --tail 0 ${name}`, {});
    },
    { modern: true },
  );

  scenario('adds times with -t', async (docker) => {
    const name = docker.name('times');
    await docker.expect(`run --name ${name} busybox echo hello`, { stdout: 'hello\n' });
    await docker.expect(`logs -t ${name}`, { stdout: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z hello\n$/ });
  });

  scenario('leaves out what is older than --since or newer than --until', async (docker) => {
    const name = docker.name('since');
    await docker.expect(`run --name ${name} busybox echo hello`, { stdout: 'hello\n' });
    await docker.expect(`logs --since 2001-01-01T00:00:00Z ${name}`, { stdout: 'hello\n' });
    await docker.expect(`logs --until 2001-01-01T00:00:00Z ${name}`, {});
    await docker.expect(`logs --since 2100-01-01T00:00:00 ${name}`, {});
  });

  scenario(
    'follows with -f: each line as it comes, until the container ends',
    async (docker) => {
      const name = docker.name('follow');
      const script = 'echo first; until [ -f /go ]; do sleep 0.1; done; echo second';
      await docker.expect(['run', '-d', '--name', name, 'busybox', 'sh', '-c', script], { stdout: ID });
      const following = docker.spawn(['logs', '-f', name]);
      await following.waitFor('first\n');
      expect(following.output()).toBe('first\n');
      await docker.expect(`exec ${name} touch /go`, {});
      expect(await following.exit()).toBe(0);
      expect(following.output()).toBe('first\nsecond\n');
    },
    { modern: true },
  );

  scenario(
    'follows a container that says nothing until it is interrupted',
    async (docker) => {
      const name = await docker.idle('silent');
      const following = docker.spawn(['logs', '-f', name]);
      await new Promise((resolve) => setTimeout(resolve, 500));
      following.signal('SIGINT');
      await following.exit(5_000);
      expect(following.output() + following.errors()).toBe('');
    },
    { modern: true },
  );

  scenario('prints what a terminal showed, unchanged', async (docker) => {
    const name = docker.name('tty');
    await docker.expect(`run -d -t --name ${name} busybox echo hello`, { stdout: ID });
    await docker.expect(`wait ${name}`, { stdout: '0\n' });
    await docker.expect(`logs ${name}`, { stdout: 'hello\r\n' });
  });

  scenario('shows labels of the container with --details', async (docker) => {
    const name = docker.name('details');
    const flags = '--log-opt labels=team --label team=blue';
    await docker.expect(`run --name ${name} ${flags} busybox echo hello`, { stdout: 'hello\n' });
    await docker.expect(`logs --details ${name}`, { stdout: 'team=blue hello\n' });
  });

  scenario('tells of a missing container in the words of the Engine', async (docker) => {
    const missing = docker.name('missing');
    await docker.alike(`logs ${missing}`, { code: 1, stderr: `Error: No such container: ${missing}\n` });
  });
});
