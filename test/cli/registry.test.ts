import { expect } from 'vitest';
import { REGISTRY } from '../support/engine.ts';
import { REMOTE_BUSYBOX } from '../support/images.ts';
import { scenarios } from './scenarios.ts';

const DIGEST = 'sha256:[0-9a-f]{64}';

scenarios('a registry', (scenario) => {
  scenario(
    'takes a push, and a pull brings it back',
    async (docker) => {
      const image = `${REGISTRY}/${docker.name('pushed')}:1`;
      await docker.expect(`tag busybox ${image}`, {});
      const pushed = await docker.expect(`push ${image}`, {
        stdout: new RegExp(
          `^The push refers to repository \\[${image.replace(/:1$/, '')}\\]\\n[^]*1: digest: ${DIGEST} size: \\d+\\n$`,
        ),
      });
      const digest = new RegExp(DIGEST).exec(pushed.stdout)?.[0];
      await docker.expect(`rmi ${image}`, { stdout: /^Untagged: / });
      await docker.expect(`pull ${image}`, {
        stdout: new RegExp(
          `^1: Pulling from ${docker.name('pushed')}\\n([^]*\\n)?Digest: ${digest}\\nStatus: Downloaded newer image for ${image}\\n${image}\\n$`,
        ),
      });
      await docker.expect(`push -q ${image}`, { stdout: `${image}\n` });
    },
    { modern: true },
  );

  scenario('gives an image by its digest', async (docker) => {
    const image = `${REGISTRY}/${docker.name('digest')}`;
    await docker.expect(`tag busybox ${image}:1`, {});
    const { stdout } = await docker.expect(`push ${image}:1`, { stdout: /digest: / });
    const digest = new RegExp(DIGEST).exec(stdout)?.[0];
    await docker.expect(`pull -q ${image}@${digest}`, { stdout: `${image}@${digest}\n` });
    await docker.expect(`run --rm ${image}@${digest} echo by digest`, { stdout: 'by digest\n' });
  });

  scenario(
    'gives all tags of a repository',
    async (docker) => {
      const image = `${REGISTRY}/${docker.name('tags')}`;
      for (const tag of ['one', 'two']) {
        await docker.expect(`tag busybox ${image}:${tag}`, {});
        await docker.expect(`push -q ${image}:${tag}`, { stdout: `${image}:${tag}\n` });
        await docker.expect(`rmi ${image}:${tag}`, { stdout: /^Untagged: / });
      }
      await docker.expect(`pull -q -a ${image}`, { stdout: `${image}\n` });
      await docker.expect(['images', '--format', '{{.Tag}}', image], { stdout: /^(one\ntwo|two\none)\n$/ });
    },
    { modern: true },
  );

  scenario(
    'is asked by run for an image that is not here',
    async (docker) => {
      const image = `${REGISTRY}/${docker.name('wanted')}:1`;
      await docker.bare(`tag busybox ${image}`);
      await docker.bare(`push ${image}`);
      await docker.bare(`rmi ${image}`);
      await docker.expect(`run --rm ${image} echo came`, {
        stdout: 'came\n',
        stderr: new RegExp(
          `^Unable to find image '${image}' locally\\n[^]*Status: Downloaded newer image for ${image}\\n$`,
        ),
      });
    },
    { modern: true },
  );

  scenario('has no such image, in the words of the Engine', async (docker) => {
    const image = `${REGISTRY}/${docker.name('missing')}:1`;
    await docker.alike(`pull ${image}`, {
      code: 1,
      stderr: `Error response from daemon: manifest for ${image} not found: manifest unknown: manifest unknown\n`,
    });
    await docker.alike(`push ${image}`, {
      code: 1,
      stdout: `The push refers to repository [${image.replace(/:1$/, '')}]\n`,
      stderr: `An image does not exist locally with the tag: ${image.replace(/:1$/, '')}\n`,
    });
  });

  scenario('that can not be reached is told of in the words of the Engine', async (docker) => {
    await docker.alike('pull 127.0.0.1:9/nothing:1', {
      code: 1,
      stderr:
        'Error response from daemon: Get "http://127.0.0.1:9/v2/": dial tcp 127.0.0.1:9: connect: connection refused\n',
    });
  });

  scenario(
    'gives progress to a terminal',
    async (docker) => {
      const terminal = docker.pty(`pull ${REMOTE_BUSYBOX}`);
      expect(await terminal.exit()).toBe(0);
      expect(terminal.output()).toContain(`1.35: Pulling from library/busybox`);
      expect(terminal.output()).toMatch(/Digest: sha256:[0-9a-f]{64}/);
    },
    { modern: true },
  );
});
