import { expect } from 'vitest';
import { ID } from './docker-under-test.ts';
import { scenarios } from './scenarios.ts';

/** Waits for a line on standard input, so that a client can attach before anything is said. */
const ANSWERING = 'read line; echo "got $line"; echo oops >&2; exit 5';

scenarios('docker attach and start', (scenario) => {
  scenario(
    'start -ai carries input, output, errors and the exit code',
    async (docker) => {
      const name = docker.name('answering');
      await docker.expect(['create', '-i', '--name', name, 'busybox', 'sh', '-c', ANSWERING], { stdout: ID });
      await docker.expect(
        `start -ai ${name}`,
        { code: 5, stdout: 'got word\n', stderr: 'oops\n' },
        { input: 'word\n' },
      );
    },
    { modern: true, tenant: true },
  );

  scenario(
    'create and start -a print what the container prints',
    async (docker) => {
      const name = docker.name('created');
      await docker.expect(`create --name ${name} busybox echo hello`, { stdout: ID });
      await docker.expect(`start -a ${name}`, { stdout: 'hello\n' });
      await docker.expect(`start -a ${name}`, { stdout: 'hello\n' });
    },
    { modern: true },
  );

  scenario(
    'attach joins a running container and ends with its code',
    async (docker) => {
      const name = docker.name('joined');
      await docker.expect(['run', '-d', '-i', '--name', name, 'busybox', 'sh', '-c', ANSWERING], {
        stdout: ID,
      });
      const attached = docker.spawn(['attach', name]);
      attached.send('late\n');
      expect(await attached.exit()).toBe(5);
      expect(attached.output()).toBe('got late\n');
      expect(attached.errors()).toBe('oops\n');
    },
    { modern: true },
  );

  scenario('attach --no-stdin sees output and sends nothing', async (docker) => {
    const name = docker.name('watched');
    await docker.expect(['run', '-d', '-i', '--name', name, 'busybox', 'sh', '-c', ANSWERING], {
      stdout: ID,
    });
    const watching = docker.spawn(['attach', '--no-stdin', name]);
    const typing = docker.spawn(['attach', name]);
    watching.send('ignored\n');
    const events = ['events', '--since', '10m', '--until', '0s', '--format', '{{.Action}}'];
    const attached = [...events, '--filter', `container=${name}`, '--filter', 'event=attach'];
    await expect
      .poll(async () => (await docker.bare(attached)).stdout, { timeout: 20_000 })
      .toBe('attach\nattach\n');
    typing.send('typed\n');
    expect(await watching.exit()).toBe(5);
    expect(watching.output()).toBe('got typed\n');
  });

  scenario(
    'attach hands signals on to the container',
    async (docker) => {
      const name = docker.name('signalled');
      const script = 'trap "echo bye; exit 6" TERM; while :; do echo tick; sleep 0.1; done';
      await docker.expect(['run', '-d', '--name', name, 'busybox', 'sh', '-c', script], { stdout: ID });
      const attached = docker.spawn(['attach', name]);
      await attached.waitFor('tick\n');
      attached.signal('SIGTERM');
      expect(await attached.exit()).toBe(6);
      expect(attached.output()).toMatch(/^(tick\n)+bye\n$/);
    },
    { modern: true },
  );

  scenario('attach --sig-proxy=false leaves the container running', async (docker) => {
    const name = docker.name('left');
    const script = 'while :; do echo tick; sleep 0.1; done';
    await docker.expect(['run', '-d', '--name', name, 'busybox', 'sh', '-c', script], { stdout: ID });
    const attached = docker.spawn(['attach', '--sig-proxy=false', name]);
    await attached.waitFor('tick\n');
    attached.signal('SIGINT');
    await attached.exit();
    await docker.expect(['inspect', '-f', '{{.State.Running}}', name], { stdout: 'true\n' });
  });

  scenario('attach tells of a container that is stopped or missing', async (docker) => {
    const name = docker.name('stopped');
    await docker.expect(`create --name ${name} busybox`, { stdout: ID });
    await docker.alike(`attach ${name}`, {
      code: 1,
      stderr: 'You cannot attach to a stopped container, start it first\n',
    });
    const missing = docker.name('missing');
    await docker.alike(`attach ${missing}`, { code: 1, stderr: `Error: No such container: ${missing}\n` });
  });

  scenario('start tells of a container that is missing', async (docker) => {
    const missing = docker.name('missing');
    await docker.alike(`start ${missing}`, {
      code: 1,
      stderr: `Error response from daemon: No such container: ${missing}\nError: failed to start containers: ${missing}\n`,
    });
  });
});
