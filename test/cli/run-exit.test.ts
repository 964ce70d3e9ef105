import { expect } from 'vitest';
import { ID } from './docker-under-test.ts';
import { scenarios } from './scenarios.ts';

const SEE_HELP = "See 'docker run --help'.\n";

scenarios('the exit of docker run', (scenario) => {
  scenario(
    'ends with 0 as the command does',
    async (docker) => {
      await docker.expect('run --rm busybox true', {});
    },
    { modern: true },
  );

  scenario('ends with 1 as the command does', async (docker) => {
    await docker.expect('run --rm busybox false', { code: 1 });
  });

  scenario(
    'ends with any code that the command chose',
    async (docker) => {
      await docker.expect(['run', '--rm', 'busybox', 'sh', '-c', 'exit 42'], { code: 42 });
    },
    { modern: true },
  );

  scenario('ends with 125 on a flag the CLI does not know', async (docker) => {
    await docker.alike('run --no-such-flag busybox', {
      code: 125,
      stderr: `unknown flag: --no-such-flag\n${SEE_HELP}`,
    });
  });

  scenario('ends with 125 and the words of the Engine when it refuses the container', async (docker) => {
    await docker.alike('run --rm --memory 1m busybox', {
      code: 125,
      stderr: `docker: Error response from daemon: Minimum memory limit allowed is 6MB.\n${SEE_HELP}`,
    });
  });

  scenario('ends with 126 when the command can not be executed', async (docker) => {
    await docker.alike('run --rm busybox /etc', {
      code: 126,
      stderr: /^docker: Error response from daemon: .*exec: "\/etc": permission denied: unknown\.\n$/,
    });
  });

  scenario('ends with 127 when the command does not exist', async (docker) => {
    await docker.alike('run --rm busybox no-such-command', {
      code: 127,
      stderr:
        /^docker: Error response from daemon: .*exec: "no-such-command": executable file not found in \$PATH: unknown\.\n$/,
    });
  });

  scenario(
    'ends with 137 when the container is killed',
    async (docker) => {
      const name = docker.name('killed');
      const running = docker.spawn(['run', '--name', name, 'busybox', 'sh', '-c', 'echo up; sleep 100']);
      await running.waitFor('up\n');
      await docker.expect(`kill ${name}`, { stdout: `${name}\n` });
      expect(await running.exit()).toBe(137);
    },
    { modern: true },
  );

  scenario('tells of a name that is taken in the words of the Engine', async (docker) => {
    const name = docker.name('taken');
    await docker.expect(`create --name ${name} busybox`, { stdout: ID });
    await docker.alike(`run --name ${name} busybox`, {
      code: 125,
      stderr: new RegExp(
        `^docker: Error response from daemon: Conflict\\. The container name "/${name}" is already in use by container ` +
          `"[0-9a-f]{64}"\\. You have to remove \\(or rename\\) that container to be able to reuse that name\\.\\n` +
          "See 'docker run --help'\\.\\n$",
      ),
    });
  });

  scenario('tells of a missing image in the words of the registry', async (docker) => {
    const image = '127.0.0.1:5000/no-such-image:1';
    await docker.alike(`run --rm ${image}`, {
      code: 125,
      stderr:
        `Unable to find image '${image}' locally\n` +
        `docker: Error response from daemon: manifest for ${image} not found: manifest unknown: manifest unknown.\n${SEE_HELP}`,
    });
  });

  scenario('does not ask a registry with --pull never', async (docker) => {
    await docker.alike('run --rm --pull never no-such-image:1', {
      code: 125,
      stderr: `docker: Error response from daemon: No such image: no-such-image:1.\n${SEE_HELP}`,
    });
  });
});
