import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { ID, IMAGE_ID } from './docker-under-test.ts';
import { scenarios } from './scenarios.ts';

const IMAGE = 'sha256:[0-9a-f]{64}';

scenarios('images', (scenario) => {
  scenario(
    'are listed by reference and format',
    async (docker) => {
      await docker.alike(['images', '--format', '{{.Repository}}:{{.Tag}}', 'busybox'], {
        stdout: 'busybox:latest\n',
      });
      await docker.alike('images -q --no-trunc busybox', { stdout: IMAGE_ID });
      await docker.alike('images --filter reference=no-such-image --format {{.ID}}', {});
    },
    { modern: true, tenant: true },
  );

  scenario(
    'are listed in a table, and a bad filter is refused in the words of the Engine',
    async (docker) => {
      await docker.alike('images no-such-image', {
        stdout: 'REPOSITORY   TAG       IMAGE ID   CREATED   SIZE\n',
      });
      await docker.alike('images --filter bad=1', {
        code: 1,
        stderr: "Error response from daemon: Invalid filter 'bad'\n",
      });
    },
  );

  scenario(
    'are tagged and untagged',
    async (docker) => {
      const name = docker.name('tagged');
      await docker.expect(`tag busybox ${name}:one`, {});
      await docker.expect(`tag ${name}:one ${name}:two`, {});
      await docker.expect(`rmi ${name}:one ${name}:two`, {
        stdout: `Untagged: ${name}:one\nUntagged: ${name}:two\n`,
      });
      await docker.expect(`images -q ${name}`, {});
    },
    { modern: true },
  );

  scenario('that are missing are told of in the words of the Engine', async (docker) => {
    const name = docker.name('missing');
    await docker.alike(`rmi ${name}`, { code: 1, stderr: `Error: No such image: ${name}\n` });
    await docker.alike(`tag ${name}:1 ${name}:2`, {
      code: 1,
      stderr: `Error response from daemon: No such image: ${name}:1\n`,
    });
    await docker.alike(`history ${name}`, {
      code: 1,
      stderr: `Error response from daemon: No such image: ${name}:latest\n`,
    });
    await docker.alike(`image inspect ${name}`, {
      code: 1,
      stdout: '[]\n',
      stderr: `Error: No such image: ${name}\n`,
    });
    await docker.alike(`save ${name}`, {
      code: 1,
      stderr: `Error response from daemon: No such image: ${name}\n`,
    });
  });

  scenario('in use are not removed without force', async (docker) => {
    const [image, container] = [docker.name('used'), docker.name('user')];
    await docker.expect(`commit ${await docker.idle('origin')} ${image}`, { stdout: IMAGE_ID });
    await docker.expect(`create --name ${container} ${image}`, { stdout: ID });
    await docker.alike(`rmi ${image}`, {
      code: 1,
      stderr: new RegExp(
        `^Error response from daemon: conflict: unable to remove repository reference "${image}" \\(must force\\) - ` +
          'container [0-9a-f]{12} is using its referenced image [0-9a-f]{12}\\n$',
      ),
    });
    await docker.expect(`rmi -f ${image}`, {
      stdout: new RegExp(`^Untagged: ${image}:latest\\nDeleted: ${IMAGE}\\n$`),
    });
  });

  scenario('have a history', async (docker) => {
    await docker.alike(['history', '--format', '{{.Size}} {{.Comment}}', 'busybox'], {
      stdout: /^[\d.]+MB Imported from -\n$/,
    });
  });

  scenario(
    'are made by commit with changes, message and author',
    async (docker) => {
      const [container, image] = [docker.name('origin'), docker.name('made')];
      await docker.expect(['run', '--name', container, 'busybox', 'sh', '-c', 'echo kept > /kept'], {});
      const changes = ['-c', 'CMD ["cat", "/kept"]', '-c', 'ENV A=b'];
      await docker.expect(['commit', '-m', 'a message', '-a', 'An Author', ...changes, container, image], {
        stdout: IMAGE_ID,
      });
      await docker.expect(['inspect', '-f', '{{.Comment}}, {{.Author}}, {{.Config.Cmd}}', image], {
        stdout: 'a message, An Author, [cat /kept]\n',
      });
      await docker.expect(`run --rm ${image}`, { stdout: 'kept\n' });
    },
    { modern: true },
  );

  scenario(
    'are saved to a file and loaded again',
    async (docker) => {
      const image = docker.name('saved');
      await docker.expect(`commit ${await docker.idle('origin')} ${image}:v1`, { stdout: IMAGE_ID });
      const id = await docker.output(['inspect', '-f', '{{.Id}}', `${image}:v1`]);
      await docker.expect(`save -o ${docker.folder}/image.tar ${image}:v1`, {});
      await docker.expect(`rmi ${image}:v1`, {
        stdout: new RegExp(`^Untagged: ${image}:v1\\nDeleted: ${id}\\n`),
      });
      await docker.expect(`load -i ${docker.folder}/image.tar`, {
        stdout: new RegExp(`Loaded image: ${image}:v1\\n$`),
      });
      await docker.expect(['inspect', '-f', '{{.Id}}', `${image}:v1`], { stdout: `${id}\n` });
    },
    { modern: true },
  );

  scenario(
    'are saved to standard output and loaded from standard input',
    async (docker) => {
      const image = docker.name('piped');
      await docker.expect(`tag busybox ${image}:v1`, {});
      const saved = await docker.run(`save ${image}:v1`);
      expect(saved).toMatchObject({ code: 0, stderr: '' });
      await docker.expect(`rmi ${image}:v1`, { stdout: `Untagged: ${image}:v1\n` });
      await docker.expect('load', { stdout: `Loaded image: ${image}:v1\n` }, { input: saved.raw });
    },
    { modern: true },
  );

  scenario('are not loaded from what is no image, in the words of the Engine', async (docker) => {
    await docker.alike(
      'load',
      { code: 1, stderr: /^Error processing tar file\(exit status 1\): unexpected EOF\n$/ },
      { input: 'junk\n' },
    );
  });

  scenario(
    'are made by export and import',
    async (docker) => {
      const image = docker.name('imported');
      const container = docker.name('exported');
      await docker.expect(['run', '--name', container, 'busybox', 'sh', '-c', 'echo moved > /moved'], {});
      const exported = await docker.run(`export ${container}`);
      expect(exported).toMatchObject({ code: 0, stderr: '' });
      const changes = ['-c', 'CMD ["cat", "/moved"]', '-m', 'moved here'];
      await docker.expect(
        ['import', ...changes, '-', `${image}:v1`],
        { stdout: IMAGE_ID },
        { input: exported.raw },
      );
      await docker.expect(['inspect', '-f', '{{.Comment}}', `${image}:v1`], { stdout: 'moved here\n' });
      await docker.expect(`run --rm ${image}:v1`, { stdout: 'moved\n' });
    },
    { modern: true },
  );

  scenario('are exported to a file', async (docker) => {
    const name = await docker.idle('origin');
    await docker.expect(`export -o ${docker.folder}/all.tar ${name}`, {});
    const tar = readFileSync(`${docker.folder}/all.tar`);
    expect(tar.includes('bin/busybox')).toBe(true);
  });

  scenario('without a name are pruned by label', async (docker) => {
    const label = docker.name('loose');
    const id = (
      await docker.expect(['commit', '-c', `LABEL ${label}=yes`, await docker.idle('origin')], {
        stdout: IMAGE_ID,
      })
    ).stdout.trim();
    await docker.expect(`image prune -f --filter label=${label}`, {
      stdout: new RegExp(
        `^Deleted Images:\\ndeleted: ${id}\\n(deleted: ${IMAGE}\\n)*\\nTotal reclaimed space: \\d+B\\n$`,
      ),
    });
  });

  scenario('get no name that breaks the rules', async (docker) => {
    await docker.alike('tag busybox BAD:1', {
      code: 1,
      stderr:
        'Error parsing reference: "BAD:1" is not a valid repository/tag: invalid reference format: repository name must be lowercase\n',
    });
  });
});
