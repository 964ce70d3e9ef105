import { expect } from 'vitest';
import { ID } from './docker-under-test.ts';
import { scenarios } from './scenarios.ts';

scenarios('the life of a container', (scenario) => {
  scenario(
    'stop lets the command end by itself, and kills it when it does not',
    async (docker) => {
      const good = await docker.idle('good');
      await docker.expect(`stop ${good}`, { stdout: `${good}\n` });
      await docker.expect(['inspect', '-f', '{{.State.ExitCode}}', good], { stdout: '0\n' });
      const deaf = docker.name('deaf');
      await docker.expect(`run -d --name ${deaf} busybox sleep 100`, { stdout: ID });
      await docker.expect(`stop -t 1 ${deaf}`, { stdout: `${deaf}\n` });
      await docker.expect(['inspect', '-f', '{{.State.ExitCode}}', deaf], { stdout: '137\n' });
    },
    { modern: true, tenant: true },
  );

  scenario('kill sends the signal that was asked for', async (docker) => {
    const name = docker.name('signal');
    const script = 'trap "exit 11" HUP; while :; do sleep 0.1; done';
    await docker.expect(['run', '-d', '--name', name, 'busybox', 'sh', '-c', script], { stdout: ID });
    await docker.expect(`kill -s HUP ${name}`, { stdout: `${name}\n` });
    await docker.expect(`wait ${name}`, { stdout: '11\n' });
    await docker.alike(`kill -s BAD ${name}`, {
      code: 1,
      stderr: 'Error response from daemon: Invalid signal: BAD\n',
    });
    await docker.alikeOf(name, `kill ${name}`, (called) => ({
      code: 1,
      stderr: new RegExp(
        `^Error response from daemon: Cannot kill container: ${called}: Container [0-9a-f]{64} is not running\\n$`,
      ),
    }));
  });

  scenario(
    'wait waits and prints the exit code',
    async (docker) => {
      const name = docker.name('waited');
      await docker.expect(
        ['run', '-d', '--name', name, 'busybox', 'sh', '-c', 'until [ -f /go ]; do sleep 0.1; done; exit 21'],
        {
          stdout: ID,
        },
      );
      const waiting = docker.spawn(['wait', name]);
      await new Promise((resolve) => setTimeout(resolve, 400));
      expect(waiting.output()).toBe('');
      await docker.expect(`exec ${name} touch /go`, {});
      expect(await waiting.exit()).toBe(0);
      expect(waiting.output()).toBe('21\n');
    },
    { modern: true, tenant: true },
  );

  scenario(
    'restart gives the container a new start',
    async (docker) => {
      const name = docker.name('restarted');
      await docker.expect(['run', '-d', '--name', name, 'busybox', 'sh', '-c', 'echo start; sleep 100'], {
        stdout: ID,
      });
      await docker.expect(`restart -t 0 ${name}`, { stdout: `${name}\n` });
      await expect.poll(async () => (await docker.run(`logs ${name}`)).stdout).toBe('start\nstart\n');
    },
    { modern: true },
  );

  scenario('pause and unpause show in the status', async (docker) => {
    const name = await docker.idle('paused');
    await docker.expect(`pause ${name}`, { stdout: `${name}\n` });
    await docker.expect(['ps', '--filter', `name=${name}`, '--format', '{{.Names}} {{.Status}}'], {
      stdout: new RegExp(`^${name} Up .* \\(Paused\\)\\n$`),
    });
    await docker.alike(`pause ${name}`, {
      code: 1,
      stderr: /^Error response from daemon: Container [0-9a-f]{64} is already paused\n$/,
    });
    await docker.expect(`unpause ${name}`, { stdout: `${name}\n` });
    await docker.expect(['inspect', '-f', '{{.State.Status}}', name], { stdout: 'running\n' });
  });

  scenario(
    'rename moves the name',
    async (docker) => {
      const [before, after] = [docker.name('before'), docker.name('after')];
      await docker.expect(`create --name ${before} busybox`, { stdout: ID });
      await docker.expect(`rename ${before} ${after}`, {});
      await docker.expect(['inspect', '-f', '{{.Name}}', after], { stdout: `/${after}\n` });
      await docker.alike(`rename ${before} ${after}`, {
        code: 1,
        stderr: `Error response from daemon: No such container: ${before}\nError: failed to rename container named ${before}\n`,
      });
    },
    { modern: true },
  );

  scenario('update changes limits while it runs', async (docker) => {
    const name = await docker.idle('updated');
    await docker.expect(`update --memory 64m --memory-swap 128m --restart no ${name}`, {
      stdout: `${name}\n`,
    });
    await docker.expect(['inspect', '-f', '{{.HostConfig.Memory}}', name], { stdout: '67108864\n' });
  });

  scenario('rm refuses a running container in the words of the Engine and obeys -f', async (docker) => {
    const name = await docker.idle('removed');
    await docker.alike(`rm ${name}`, {
      code: 1,
      stderr:
        /^Error response from daemon: You cannot remove a running container [0-9a-f]{64}\. Stop the container before attempting removal or force remove\n$/,
    });
    await docker.expect(`rm -f ${name}`, { stdout: `${name}\n` });
    await docker.alike(`rm ${name}`, { code: 1, stderr: `Error: No such container: ${name}\n` });
  });

  scenario(
    'prune removes what is stopped and nothing that runs',
    async (docker) => {
      const label = docker.name('pruned');
      const running = await docker.idle('running', '--label', label);
      const { stdout } = await docker.expect(
        `create --name ${docker.name('stopped')} --label ${label} busybox`,
        { stdout: ID },
      );
      await docker.expect(`container prune -f --filter label=${label}`, {
        stdout: `Deleted Containers:\n${stdout}\nTotal reclaimed space: 0B\n`,
      });
      await docker.expect(['ps', '-a', '--filter', `label=${label}`, '--format', '{{.Names}}'], {
        stdout: `${running}\n`,
      });
    },
    { modern: true },
  );

  scenario(
    'ps lists by filter, state and format',
    async (docker) => {
      const label = docker.name('listed');
      const running = await docker.idle('up', '--label', label);
      const created = docker.name('new');
      await docker.expect(`create --name ${created} --label ${label} busybox`, { stdout: ID });
      const names = ['--filter', `label=${label}`, '--format', '{{.Names}}\t{{.Image}}\t{{.State}}'];
      await docker.expect(['ps', ...names], { stdout: `${running}\tbusybox\trunning\n` });
      await docker.expect(['ps', '-a', ...names], {
        stdout: `${created}\tbusybox\tcreated\n${running}\tbusybox\trunning\n`,
      });
      await docker.expect(['ps', '-a', '--filter', 'status=created', ...names], {
        stdout: `${created}\tbusybox\tcreated\n`,
      });
    },
    { modern: true },
  );

  scenario('ps prints its table and, without a match, only its head', async (docker) => {
    const head = 'CONTAINER ID   IMAGE     COMMAND   CREATED   STATUS    PORTS     NAMES\n';
    await docker.alike(`ps -a --filter name=${docker.name('nobody')}`, { stdout: head });
    await docker.alike('ps --filter bad=1', {
      code: 1,
      stderr: "Error response from daemon: Invalid filter 'bad'\n",
    });
    await docker.alike('ps --bad', { code: 125, stderr: "unknown flag: --bad\nSee 'docker ps --help'.\n" });
  });

  scenario('ps -s tells sizes', async (docker) => {
    const name = await docker.idle('sized');
    await docker.expect(
      ['exec', name, 'dd', 'if=/dev/zero', 'of=/big', 'bs=1000', 'count=5000', 'status=none'],
      {},
    );
    await docker.expect(['ps', '-s', '--filter', `name=${name}`, '--format', '{{.Size}}'], {
      stdout: /^5MB \(virtual [\d.]+MB\)\n$/,
    });
  });

  scenario('inspect answers formats, several objects and missing ones', async (docker) => {
    const name = docker.name('seen');
    await docker.expect(`create --name ${name} -e A=1 -l x=y busybox echo one`, { stdout: ID });
    await docker.alike(
      ['inspect', '-f', '{{json .Config.Cmd}} {{.Config.Labels.x}} {{index .Config.Env 0}}', name],
      {
        stdout: '["echo","one"] y A=1\n',
      },
    );
    await docker.alike(`inspect ${name}`, { stdout: /^\[\n {4}\{\n {8}"Id": "[0-9a-f]{64}",\n/ });
    const missing = docker.name('missing');
    await docker.alike(['inspect', '-f', '{{.Name}}', name, missing], {
      code: 1,
      stdout: `/${name}\n`,
      stderr: `Error: No such object: ${missing}\n`,
    });
  });

  scenario(
    'top shows the processes',
    async (docker) => {
      const name = docker.name('top');
      await docker.expect(`run -d --name ${name} busybox sleep 1000`, { stdout: ID });
      await docker.expect(`top ${name} -o pid,args`, { stdout: /^PID +COMMAND\n\d+ +sleep 1000\n$/ });
    },
    { modern: true },
  );

  scenario(
    'stats prints one line with --no-stream',
    async (docker) => {
      const name = await docker.idle('measured');
      const format = '{{.Name}} {{.PIDs}} {{.MemUsage}}';
      await docker.expect(['stats', '--no-stream', '--format', format, name], {
        stdout: new RegExp(`^${name} \\d+ \\d+(\\.\\d+)?[KM]iB / \\d+(\\.\\d+)?GiB\\n$`),
      });
    },
    { modern: true },
  );

  scenario('stats goes on until it is interrupted', async (docker) => {
    const name = await docker.idle('measured');
    const stats = docker.spawn(['stats', '--format', '{{.Name}} {{.CPUPerc}}', name]);
    await stats.waitFor(new RegExp(`(${name} \\d+\\.\\d+%[^]*){2}`));
    stats.signal('SIGINT');
    await stats.exit(5_000);
  });

  scenario(
    'diff shows what changed',
    async (docker) => {
      const name = docker.name('changed');
      await docker.expect(
        ['run', '--name', name, 'busybox', 'sh', '-c', 'echo x > /tmp/new; rm /etc/group; touch /etc/passwd'],
        {},
      );
      const { stdout } = await docker.run(`diff ${name}`);
      expect(stdout.trim().split('\n').sort()).toEqual([
        'A /tmp/new',
        'C /etc',
        'C /etc/passwd',
        'C /tmp',
        'D /etc/group',
      ]);
    },
    { modern: true },
  );

  scenario('port shows published ports, and they answer', async (docker) => {
    const name = docker.name('web');
    const script = 'echo served > /index.html; exec httpd -f -p 80 -h /';
    await docker.expect(['run', '-d', '--name', name, '-p', '127.0.0.1::80', 'busybox', 'sh', '-c', script], {
      stdout: ID,
    });
    const { stdout } = await docker.expect(`port ${name}`, { stdout: /^80\/tcp -> 127\.0\.0\.1:\d+\n$/ });
    const address = stdout.trim().split(' -> ')[1];
    await docker.expect(`port ${name} 80`, { stdout: `${address}\n` });
    await docker.expect(`run --rm --network host busybox wget -q -O - http://${address}/`, {
      stdout: 'served\n',
    });
    await docker.alike(`port ${name} 81`, {
      code: 1,
      stderr: `Error: No public port '81/tcp' published for ${name}\n`,
    });
  });

  scenario(
    'a health check reports',
    async (docker) => {
      const name = await docker.idle('healthy', '--health-cmd', 'echo fine', '--health-interval', '1s');
      const format =
        '{{.State.Health.Status}} {{with index .State.Health.Log 0}}{{.ExitCode}} {{.Output}}{{end}}';
      await expect
        .poll(async () => (await docker.run(['inspect', '-f', format, name])).stdout, { timeout: 10_000 })
        .toBe('healthy 0 fine\n\n');
    },
    { modern: true },
  );

  scenario('a restart policy starts the container again', async (docker) => {
    const name = docker.name('again');
    await docker.expect(`run -d --restart on-failure:2 --name ${name} busybox false`, { stdout: ID });
    await expect
      .poll(
        async () => (await docker.run(['inspect', '-f', '{{.RestartCount}} {{.State.Status}}', name])).stdout,
        { timeout: 15_000 },
      )
      .toBe('2 exited\n');
  });
});
