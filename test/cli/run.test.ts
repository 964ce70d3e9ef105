import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { ID } from './docker-under-test.ts';
import { scenarios } from './scenarios.ts';

scenarios('docker run', (scenario) => {
  scenario(
    'echoes what is piped through cat',
    async (docker) => {
      await docker.expect('run -i --rm busybox cat', { stdout: 'hi\n' }, { input: 'hi\n' });
    },
    { modern: true, tenant: true },
  );

  scenario(
    'keeps standard output and standard error apart',
    async (docker) => {
      const script = 'echo out; echo err >&2';
      await docker.expect(['run', '--rm', 'busybox', 'sh', '-c', script], {
        stdout: 'out\n',
        stderr: 'err\n',
      });
    },
    { modern: true },
  );

  scenario('shows only standard error when only that is attached', async (docker) => {
    const script = 'echo out; echo err >&2';
    await docker.expect(['run', '--rm', '-a', 'stderr', 'busybox', 'sh', '-c', script], { stderr: 'err\n' });
  });

  scenario('sees the end of standard input', async (docker) => {
    await docker.expect('run -i --rm busybox wc -c', { stdout: '0\n' }, { input: '' });
  });

  scenario(
    'passes every byte value unchanged both ways',
    async (docker) => {
      const input = Buffer.concat([
        Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
        randomBytes(300_000),
      ]);
      const { raw } = await docker.run('run -i --rm busybox cat', { input });
      expect(raw.equals(input)).toBe(true);
    },
    { modern: true },
  );

  scenario(
    'ends although most of standard input was never read',
    async (docker) => {
      const input = Buffer.alloc(4_000_000, 'x');
      await docker.expect('run -i --rm busybox head -c 5', { stdout: 'xxxxx' }, { input });
    },
    { modern: true },
  );

  scenario('sets environment, folder, user and host name', async (docker) => {
    const script = 'echo $COLOUR $(pwd) $(id -u):$(id -g) $(hostname)';
    const flags = '-e COLOUR=blue -w /tmp -u 65534:1 -h box'.split(' ');
    await docker.expect(['run', '--rm', ...flags, 'busybox', 'sh', '-c', script], {
      stdout: 'blue /tmp 65534:1 box\n',
    });
  });

  scenario('takes an environment file and labels', async (docker) => {
    const files = docker.files('env', { 'of.env': '# a comment\nA=1\nB=two words\n' });
    const script = 'echo "$A,$B"';
    await docker.expect(['run', '--rm', '--env-file', `${files}/of.env`, 'busybox', 'sh', '-c', script], {
      stdout: '1,two words\n',
    });
  });

  scenario(
    'takes 100 kB of environment',
    async (docker) => {
      const long = 'v'.repeat(100_000);
      const script = 'echo $LONG | wc -c';
      await docker.expect(
        ['run', '--rm', '-e', 'LONG', 'busybox', 'sh', '-c', script],
        { stdout: '100001\n' },
        { env: { LONG: long } },
      );
    },
    { modern: true },
  );

  scenario('replaces the entry point', async (docker) => {
    await docker.expect('run --rm --entrypoint /bin/echo busybox one two', { stdout: 'one two\n' });
  });

  scenario(
    'prints the id with -d and leaves the container running',
    async (docker) => {
      const name = await docker.idle('detached');
      await docker.expect(['inspect', '-f', '{{.State.Status}}', name], { stdout: 'running\n' });
    },
    { modern: true },
  );

  scenario('writes the id into the file of --cidfile', async (docker) => {
    const script = `run --name ${docker.name('cid')} --cidfile ${docker.folder}/cid busybox true`;
    await docker.expect(script, {});
    const id = (await docker.bare(['inspect', '-f', '{{.Id}}', docker.name('cid')])).stdout.trim();
    await docker.expect(['inspect', '-f', '{{.Name}}', id], { stdout: `/${docker.name('cid')}\n` });
    expect((await docker.run(['ps', '-aq', '--no-trunc', '--filter', `id=${id}`])).stdout).toBe(`${id}\n`);
  });

  scenario('leaves nothing behind with --rm', async (docker) => {
    const name = docker.name('gone');
    await docker.expect(`run --rm --name ${name} -v /data busybox true`, {});
    await docker.alike(`inspect ${name}`, {
      code: 1,
      stdout: '[]\n',
      stderr: `Error: No such object: ${name}\n`,
    });
  });

  scenario('refuses to write to a read-only root and writes to a tmpfs', async (docker) => {
    const script = 'touch /a; touch /mem/b && ls /mem';
    await docker.expect(['run', '--rm', '--read-only', '--tmpfs', '/mem', 'busybox', 'sh', '-c', script], {
      stdout: 'b\n',
      stderr: 'touch: /a: Read-only file system\n',
    });
  });

  scenario(
    'mounts a folder of the host',
    async (docker) => {
      const files = docker.files('shared', { note: 'from the host\n' });
      await docker.expect(`run --rm -v ${files}:/shared:ro busybox cat /shared/note`, {
        stdout: 'from the host\n',
      });
    },
    { modern: true },
  );

  scenario('applies limits', async (docker) => {
    const name = docker.name('limits');
    await docker.expect(`create --name ${name} --memory 64m --cpus 0.5 --pids-limit 50 busybox`, {
      stdout: ID,
    });
    await docker.expect(
      ['inspect', '-f', '{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}} {{.HostConfig.PidsLimit}}', name],
      {
        stdout: '67108864 500000000 50\n',
      },
    );
  });

  scenario(
    'hands a signal on to the container',
    async (docker) => {
      const script = 'trap "echo bye; exit 9" TERM; echo up; while :; do sleep 0.1; done';
      const running = docker.spawn([
        'run',
        '--rm',
        '--name',
        docker.name('signal'),
        'busybox',
        'sh',
        '-c',
        script,
      ]);
      await running.waitFor('up\n');
      running.signal('SIGTERM');
      expect(await running.exit()).toBe(9);
      expect(running.output()).toBe('up\nbye\n');
    },
    { modern: true },
  );

  scenario(
    'shows output as it comes',
    async (docker) => {
      const script = 'echo first; read answer; echo "second $answer"';
      const running = docker.spawn([
        'run',
        '-i',
        '--rm',
        '--name',
        docker.name('live'),
        'busybox',
        'sh',
        '-c',
        script,
      ]);
      await running.waitFor('first\n');
      running.send('now\n');
      expect(await running.exit()).toBe(0);
      expect(running.output()).toBe('first\nsecond now\n');
    },
    { modern: true },
  );

  scenario('gives a container without network only its loopback', async (docker) => {
    await docker.expect('run --rm --network none busybox ls /sys/class/net', { stdout: 'lo\n' });
  });
});
