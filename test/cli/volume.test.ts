import { ID } from './docker-under-test.ts';
import { scenarios } from './scenarios.ts';

scenarios('volumes', (scenario) => {
  scenario(
    'are created, listed, inspected and removed',
    async (docker) => {
      const name = docker.name('vol');
      await docker.expect(`volume create --label a=b ${name}`, { stdout: `${name}\n` });
      await docker.expect(`volume ls --filter name=${name}`, {
        stdout: `DRIVER    VOLUME NAME\nlocal     ${name}\n`,
      });
      await docker.alike(['volume', 'inspect', '-f', '{{.Name}} {{.Driver}} {{.Labels.a}}', name], {
        stdout: `${name} local b\n`,
      });
      await docker.expect(`volume rm ${name}`, { stdout: `${name}\n` });
      await docker.expect(`volume ls -q --filter name=${name}`, {});
    },
    { modern: true, tenant: true },
  );

  scenario(
    'keep what one container wrote for the next',
    async (docker) => {
      const name = docker.name('kept');
      await docker.expect(
        ['run', '--rm', '-v', `${name}:/data`, 'busybox', 'sh', '-c', 'echo kept > /data/f'],
        {},
      );
      await docker.expect(`run --rm --mount source=${name},target=/data,readonly busybox cat /data/f`, {
        stdout: 'kept\n',
      });
    },
    { modern: true, tenant: true },
  );

  scenario('are shared by --volumes-from', async (docker) => {
    const name = await docker.idle('owner', '-v', '/data');
    await docker.expect(['exec', name, 'sh', '-c', 'echo shared > /data/f'], {});
    await docker.expect(`run --rm --volumes-from ${name} busybox cat /data/f`, { stdout: 'shared\n' });
  });

  scenario('can not be removed while they are in use', async (docker) => {
    const name = docker.name('used');
    await docker.expect(`create --name ${docker.name('user')} -v ${name}:/data busybox`, { stdout: ID });
    await docker.alike(`volume rm ${name}`, {
      code: 1,
      stderr: new RegExp(
        `^Error response from daemon: remove ${name}: volume is in use - \\[[0-9a-f]{64}\\]\\n$`,
      ),
    });
  });

  scenario('that are missing are told of in the words of the Engine', async (docker) => {
    const name = docker.name('missing');
    await docker.alike(`volume rm ${name}`, { code: 1, stderr: `Error: No such volume: ${name}\n` });
    await docker.alike(`volume inspect ${name}`, {
      code: 1,
      stdout: '[]\n',
      stderr: `Error: No such volume: ${name}\n`,
    });
    await docker.alike('volume create x/y', {
      code: 1,
      stderr:
        'Error response from daemon: create x/y: "x/y" includes invalid characters for a local volume name, only ' +
        '"[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path\n',
    });
  });

  scenario(
    'without a user are pruned by label',
    async (docker) => {
      const name = docker.name('loose');
      await docker.expect(`volume create --label ${name} ${name}`, { stdout: `${name}\n` });
      await docker.expect(`volume prune -f --filter label=${name}`, {
        stdout: `Deleted Volumes:\n${name}\n\nTotal reclaimed space: 0B\n`,
      });
    },
    { modern: true },
  );
});
