import { readFileSync } from 'node:fs';
import { type Baseline, baseline } from './developers.ts';
import { ID, IMAGE_ID } from './docker-under-test.ts';

const CLASSIC = { env: { DOCKER_BUILDKIT: '0' } };

/** What people do every day, as a developer whom the profile baseline holds: with either CLI, on the real Engine. */
baseline('a developer', (it: Baseline) => {
  it('runs with volumes, a tmpfs and an anonymous volume', async (docker) => {
    const volume = docker.name('data');
    await docker.expect(['run', '--rm', '-v', `${volume}:/data`, 'busybox', 'touch', '/data/kept'], {});
    await docker.expect(
      `run --rm --mount type=volume,source=${volume},target=/data,readonly --tmpfs /scratch:size=1m -v /own busybox ls /data`,
      { stdout: 'kept\n' },
    );
  });

  it('runs on a terminal', async (docker) => {
    const terminal = docker.pty(['run', '-it', '--rm', '--name', docker.name('tty'), 'busybox', 'sh']);
    await terminal.waitFor('/ # ');
    terminal.send('tty\n');
    await terminal.waitFor('/dev/pts/0');
    terminal.send('exit 4\n');
    if ((await terminal.exit()) !== 4) throw new Error(terminal.output());
  });

  it('publishes ports from 1024 up, and all that are exposed', async (docker) => {
    const name = await docker.idle(
      'ports',
      '-p',
      '28080:80',
      '-p',
      '127.0.0.1::81/udp',
      '-P',
      '--expose',
      '82',
    );
    await docker.expect(`port ${name}`, {
      stdout:
        /^(?=[\s\S]*80\/tcp -> 0\.0\.0\.0:28080)(?=[\s\S]*81\/udp -> 127\.0\.0\.1:\d+)(?=[\s\S]*82\/tcp -> 0\.0\.0\.0:\d+)/,
    });
  });

  it('drops all capabilities and adds harmless ones', async (docker) => {
    await docker.expect(
      'run --rm --cap-drop ALL --cap-add CHOWN --cap-add NET_BIND_SERVICE --security-opt no-new-privileges busybox grep -E CapEff|NoNewPrivs /proc/self/status',
      { stdout: 'CapEff:\t0000000000000401\nNoNewPrivs:\t1\n' },
    );
  });

  it('limits and describes what it runs', async (docker) => {
    const name = docker.name('limits');
    const limits =
      '--memory 64m --cpus 0.5 --pids-limit 50 --ulimit nofile=64:128 --shm-size 16m --cpu-shares 100';
    const life =
      '--restart on-failure:2 --log-driver json-file --log-opt max-size=1m --log-opt max-file=2 --health-cmd true ' +
      '--health-interval 5s --stop-signal SIGINT --label k=v --hostname box';
    const names =
      '--add-host a:192.0.2.1 --dns 192.0.2.2 --group-add 5 --sysctl net.ipv4.tcp_fin_timeout=20 --ipc private';
    await docker.expect(`create --name ${name} ${limits} ${life} ${names} busybox`, { stdout: ID });
    const seen =
      '{{.Memory}} {{.NanoCpus}} {{.PidsLimit}} {{.ShmSize}} {{.RestartPolicy.Name}} {{.LogConfig.Type}}';
    await docker.expect(['inspect', '-f', `{{with .HostConfig}}${seen}{{end}} {{.Config.Labels.k}}`, name], {
      stdout: '67108864 500000000 50 16777216 on-failure json-file v\n',
    });
    await docker.expect(`start ${name}`, { stdout: `${name}\n` });
  });

  it('runs as a user, read-only, with an init and an environment', async (docker) => {
    await docker.expect(
      [
        'run',
        '--rm',
        '--user',
        '1000:1000',
        '--env',
        'A=b',
        '--read-only',
        '--init',
        'busybox',
        'sh',
        '-c',
        'id -u; echo $A; touch /x',
      ],
      { code: 1, stdout: '1000\nb\n', stderr: 'touch: /x: Read-only file system\n' },
    );
  });

  it('makes a network, runs on it under an alias, connects and disconnects', async (docker) => {
    const network = docker.name('net');
    await docker.expect(`network create --label k=v --internal ${network}`, { stdout: ID });
    const server = await docker.idle('server', '--network', network, '--network-alias', 'server');
    await docker.expect(`run --rm --network ${network} busybox ping -c 1 -w 5 server`, {
      stdout: /1 packets received/,
    });
    await docker.expect(`network connect --alias other bridge ${server}`, {
      code: 1,
      stderr: /network-scoped alias is supported only for containers in user defined networks/,
    });
    await docker.expect(`network connect bridge ${server}`, {});
    await docker.expect(`network disconnect bridge ${server}`, {});
  });

  it('enters a container: exec on a terminal, as another user, cp both ways', async (docker) => {
    const name = await docker.idle('entered');
    await docker.expect(`exec -u 1000 -e A=b -w /tmp ${name} sh -c id`, {
      stdout: 'uid=1000 gid=0(root) groups=0(root)\n',
    });
    const terminal = docker.pty(['exec', '-it', name, 'sh', '-c', 'tty; exit 3']);
    if ((await terminal.exit()) !== 3) throw new Error(terminal.output());
    const files = docker.files('cp', { note: `${docker.id}\n` });
    await docker.run(`cp ${files}/note ${name}:/tmp/note`);
    await docker.run(`cp ${name}:/tmp/note ${files}/back`);
    if (readFileSync(`${files}/back`, 'utf8') !== `${docker.id}\n`)
      throw new Error('cp brought something else back');
  });

  it('commits, tags, saves, loads and removes images', async (docker) => {
    const image = docker.name('image');
    await docker.expect(`create --name ${docker.name('box')} busybox`, { stdout: ID });
    await docker.expect(['commit', '-m', 'why', '-c', 'ENV A=b', docker.name('box'), `${image}:1`], {
      stdout: IMAGE_ID,
    });
    await docker.expect(`tag ${image}:1 ${image}:2`, {});
    await docker.expect(`save -o ${docker.folder}/saved.tar ${image}:2`, {});
    await docker.expect(`rmi ${image}:1 ${image}:2`, { stdout: /Deleted: / });
    await docker.expect(`load -i ${docker.folder}/saved.tar`, {
      stdout: new RegExp(`Loaded image: ${image}:2\\n$`),
    });
    await docker.expect(`run --rm ${image}:2 env`, { stdout: /^A=b$/m });
  });

  it('builds with the classic builder', async (docker) => {
    const image = docker.name('built');
    const folder = docker.files('context', {
      Dockerfile:
        'FROM busybox\nARG WHO=nobody\nCOPY note /note\nRUN cat /note > /who; echo $WHO >> /who\nCMD cat /who\n',
      note: `${docker.id}\n`,
    });
    await docker.expect(
      ['build', '-q', '--build-arg', 'WHO=you', '--label', 'k=v', '--memory', '128m', '-t', image, folder],
      { stdout: IMAGE_ID, stderr: /^$|^DEPRECATED: The legacy builder/ },
      CLASSIC,
    );
    await docker.expect(`run --rm ${image}`, { stdout: `${docker.id}\nyou\n` });
  });

  it('makes, lists and removes volumes', async (docker) => {
    const name = docker.name('vol');
    await docker.expect(`volume create --driver local --label k=v ${name}`, { stdout: `${name}\n` });
    await docker.expect(['volume', 'ls', '-q', '--filter', `name=${name}`], { stdout: `${name}\n` });
    await docker.expect(`volume rm ${name}`, { stdout: `${name}\n` });
  });

  it('looks after what runs: update, rename, stats, logs, top, stop, start, kill, wait', async (docker) => {
    const first = await docker.idle('first', '--memory', '64m', '--memory-swap', '64m');
    const name = docker.name('second');
    await docker.expect(`update --memory 96m --memory-swap 96m --pids-limit 100 --restart no ${first}`, {
      stdout: `${first}\n`,
    });
    await docker.expect(`rename ${first} ${name}`, {});
    await docker.expect(['stats', '--no-stream', '--format', '{{.Name}} {{.MemUsage}}', name], {
      stdout: new RegExp(`^${name} .* / 96MiB\\n$`),
    });
    await docker.expect(`logs ${name}`, {});
    await docker.expect(`top ${name}`, { stdout: /sleep 0\.1|sh -c/ });
    for (const step of ['stop -t 5', 'start', 'pause', 'unpause', 'restart -t 5', 'kill']) {
      await docker.expect(`${step} ${name}`, { stdout: `${name}\n` });
    }
    await docker.expect(`wait ${name}`, { stdout: '137\n' });
    await docker.expect(`rm -v ${name}`, { stdout: `${name}\n` });
  });
});
