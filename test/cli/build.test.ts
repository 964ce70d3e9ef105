import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { docker as run } from '../support/docker.ts';
import { planted } from '../support/planted.ts';
import type { Docker } from './docker-under-test.ts';
import { ID, IMAGE_ID } from './docker-under-test.ts';
import { scenarios } from './scenarios.ts';

const LEGACY = { env: { DOCKER_BUILDKIT: '0' } };
const BUILDKIT = { env: { DOCKER_BUILDKIT: '1' } };
const STEP = ' ---> [0-9a-f]{12}\\n';
const RUNNING = ' ---> Running in [0-9a-f]{12}\\nRemoving intermediate container [0-9a-f]{12}\\n';

/** A folder to build from whose every layer is new: nothing comes out of a cache that another scenario filled. */
function context(docker: Docker): string {
  const dockerfile =
    'FROM busybox\nCOPY hello /hello\nARG WHO=nobody\nRUN echo "hi $WHO" > /out\nCMD ["cat", "/hello", "/out"]\n';
  return docker.files('context', { Dockerfile: dockerfile, hello: `hello ${docker.id}\n` });
}

scenarios('the legacy builder', (scenario) => {
  scenario('builds a folder step by step, and the image runs', async (docker) => {
    const image = docker.name('built');
    const who = planted('build-argument');
    await docker.expect(
      ['build', '-t', image, '--build-arg', `WHO=${who}`, context(docker)],
      {
        stdout: new RegExp(
          `^Sending build context to Docker daemon  3\\.072kB\\r?\\r?\\nStep 1/5 : FROM busybox\\n${STEP}` +
            `Step 2/5 : COPY hello /hello\\n${STEP}Step 3/5 : ARG WHO=nobody\\n${RUNNING}${STEP}` +
            `Step 4/5 : RUN echo "hi \\$WHO" > /out\\n${RUNNING}${STEP}` +
            `Step 5/5 : CMD \\["cat", "/hello", "/out"\\]\\n${RUNNING}${STEP}` +
            `Successfully built [0-9a-f]{12}\\nSuccessfully tagged ${image}:latest\\n$`,
        ),
      },
      LEGACY,
    );
    await docker.expect(`run --rm ${image}`, { stdout: `hello ${docker.id}\nhi ${who}\n` });
  });

  scenario('uses its cache the second time and prints only the id with -q', async (docker) => {
    const folder = context(docker);
    const image = docker.name('cached');
    const first = await docker.expect(['build', '-q', '-t', image, folder], { stdout: IMAGE_ID }, LEGACY);
    const second = await docker.expect(
      ['build', '-t', image, folder],
      { stdout: /(---> Using cache\n.*){4}/s },
      LEGACY,
    );
    expect(second.stdout).toContain(`Successfully built ${first.stdout.slice(7, 19)}\n`);
  });

  scenario('takes a Dockerfile or a whole context on standard input', async (docker) => {
    const image = docker.name('stdin');
    const input = `FROM busybox\nLABEL id=${docker.id}\nCMD echo from stdin\n`;
    await docker.expect(['build', '-q', '-t', image, '-'], { stdout: IMAGE_ID }, { ...LEGACY, input });
    await docker.expect(`run --rm ${image}`, { stdout: 'from stdin\n' });
    const tar = await run(['-C', context(docker), '-c', '.'], { cli: '/usr/bin/tar' });
    await docker.expect(
      ['build', '-q', '-t', image, '-'],
      { stdout: IMAGE_ID },
      { ...LEGACY, input: tar.raw },
    );
    await docker.expect(`run --rm ${image}`, { stdout: `hello ${docker.id}\nhi nobody\n` });
  });

  scenario('ends with the code of a step that fails', async (docker) => {
    const script = `echo ${docker.id}; exit 3`;
    await docker.expect(
      'build -',
      {
        code: 3,
        stdout: new RegExp(`\\nStep 2/2 : RUN ${script}\\n ---> Running in [0-9a-f]{12}\\n${docker.id}\\n$`),
        stderr: `The command '/bin/sh -c ${script}' returned a non-zero code: 3\n`,
      },
      { ...LEGACY, input: `FROM busybox\nRUN ${script}\n` },
    );
  });

  scenario('tells of a bad Dockerfile in the words of the Engine', async (docker) => {
    const stderr = 'Error response from daemon: dockerfile parse error line 2: unknown instruction: NOPE\n';
    const stdout = /^Sending build context to Docker daemon {2}2\.048kB/;
    await docker.alike(
      'build -',
      { code: 1, stdout, stderr },
      { ...LEGACY, input: 'FROM busybox\nNOPE x\n' },
    );
  });

  scenario('leaves out what .dockerignore names, and writes the id to a file', async (docker) => {
    const folder = docker.files('ignoring', {
      Dockerfile: 'FROM busybox\nCOPY . /all\nCMD ls /all\n',
      '.dockerignore': 'secret\n.dockerignore\nDockerfile\n',
      [docker.name('kept')]: 'x',
      secret: 'x',
    });
    const image = docker.name('ignored');
    await docker.expect(
      ['build', '-q', '--iidfile', `${docker.folder}/iid`, '-t', image, folder],
      { stdout: IMAGE_ID },
      LEGACY,
    );
    await docker.expect(`run --rm ${readFileSync(`${docker.folder}/iid`, 'utf8').trim()}`, {
      stdout: `${docker.name('kept')}\n`,
    });
  });

  scenario('stops building when the client is interrupted', async (docker) => {
    const building = docker.spawn(['build', '--no-cache', '-'], LEGACY);
    building.send('FROM busybox\nRUN echo started; sleep 60\n');
    building.end();
    const container = /Running in ([0-9a-f]{12})/.exec(await building.waitFor('\nstarted\n'))?.[1] ?? '';
    const running = ['inspect', '-f', '{{.State.Running}}', container];
    expect((await docker.bare(running)).stdout).toBe('true\n');
    building.signal('SIGINT');
    expect(await building.exit()).not.toBe(0);
    await expect.poll(async () => (await docker.bare(running)).stdout.trim(), { timeout: 15_000 }).toBe('');
  });
});

scenarios('BuildKit', (scenario) => {
  scenario('builds a folder, and the image runs', async (docker) => {
    const image = docker.name('built');
    await docker.expect(
      ['build', '--progress=plain', '-t', image, '--build-arg', 'WHO=you', context(docker)],
      {
        stderr: new RegExp(
          '^#[12] \\[internal\\] load [^]*\\[internal\\] load build context\\n[^]*\\[3/3\\] RUN echo "hi you" > /out\\n' +
            `[^]*writing image sha256:[0-9a-f]{64} (\\d+\\.\\ds )?done\\n[^]*naming to docker\\.io/library/${image} (\\d+\\.\\ds )?done\\n`,
        ),
      },
      BUILDKIT,
    );
    await docker.expect(`run --rm ${image}`, { stdout: `hello ${docker.id}\nhi you\n` });
  });

  scenario('prints only the id with -q', async (docker) => {
    await docker.expect(
      ['build', '-q', '-t', docker.name('quiet'), context(docker)],
      { stdout: IMAGE_ID },
      BUILDKIT,
    );
  });

  scenario('tells which step failed and how', async (docker) => {
    const script = `echo ${docker.id}; exit 3`;
    await docker.expect(
      'build --progress=plain -',
      {
        code: 1,
        stderr: new RegExp(
          `ERROR: executor failed running \\[/bin/sh -c ${script}\\]: exit code: 3\\n[^]*\\n` +
            `executor failed running \\[/bin/sh -c ${script}\\]: exit code: 3\\n$`,
        ),
      },
      { ...BUILDKIT, input: `FROM busybox\nRUN ${script}\n` },
    );
  });

  scenario('lends a secret to one step', async (docker) => {
    const folder = docker.files('secretive', {
      Dockerfile: `FROM busybox\nRUN --mount=type=secret,id=word md5sum < /run/secrets/word > /sum\nCMD cat /sum; ls /run/secrets\n`,
      word: `${docker.id}\n`,
    });
    const image = docker.name('secretive');
    await docker.expect(
      ['build', '-q', '-t', image, '--secret', `id=word,src=${folder}/word`, folder],
      { stdout: IMAGE_ID },
      BUILDKIT,
    );
    await docker.expect(`run --rm ${image}`, { stdout: /^[0-9a-f]{32} {2}-\n$/ });
  });

  scenario('writes its result to a folder of the client', async (docker) => {
    const dockerfile = `FROM busybox as one\nRUN echo ${docker.id} > /made\nFROM scratch\nCOPY --from=one /made /\n`;
    const folder = docker.files('output', { Dockerfile: dockerfile });
    await docker.expect(
      ['build', '-o', `${docker.folder}/out`, folder],
      { stderr: /exporting to client/ },
      BUILDKIT,
    );
    expect(readFileSync(`${docker.folder}/out/made`, 'utf8')).toBe(`${docker.id}\n`);
  });

  scenario('sends its result as a tar', async (docker) => {
    const folder = docker.files('output', {
      Dockerfile: 'FROM scratch\nCOPY text /\n',
      text: `${docker.id}\n`,
    });
    const built = await docker.run(['build', '-o', '-', folder], BUILDKIT);
    expect(built.code).toBe(0);
    const tar = await run(['-xO', 'text'], { cli: '/usr/bin/tar', input: built.raw });
    expect(tar.stdout).toBe(`${docker.id}\n`);
  });

  scenario('takes 30 MB of context, and sends only what changed the second time', async (docker) => {
    const folder = docker.files('large', {
      Dockerfile: 'FROM scratch\nCOPY . /\n',
      blob: Buffer.alloc(30_000_000, docker.id),
    });
    const build = ['build', '--progress=plain', '-t', docker.name('large'), folder];
    await docker.expect(build, { stderr: /transferring context: 30\.0\dMB/ }, BUILDKIT);
    await docker.expect(build, { stderr: /transferring context: \d\d+B (\d+\.\ds )?done\n/ }, BUILDKIT);
  });

  scenario('stops at the target stage', async (docker) => {
    const image = docker.name('stage');
    const dockerfile = `FROM busybox AS first\nENV ID=${docker.id}\nCMD echo first\nFROM first AS second\nCMD echo second\n`;
    const folder = docker.files('stages', { Dockerfile: dockerfile });
    await docker.expect(
      ['build', '-q', '--target', 'first', '-t', image, folder],
      { stdout: IMAGE_ID },
      BUILDKIT,
    );
    await docker.expect(`run --rm ${image}`, { stdout: 'first\n' });
  });

  scenario('shows its progress on a terminal', async (docker) => {
    const terminal = docker.pty(['build', '-t', docker.name('shown'), context(docker)], BUILDKIT);
    expect(await terminal.exit(30_000)).toBe(0);
    expect(terminal.output()).toContain('FINISHED');
  });

  scenario('has its cache pruned, alone and with everything else that has a label', async (docker) => {
    await docker.expect(
      ['build', '-q', '-t', docker.name('dropped'), context(docker)],
      { stdout: IMAGE_ID },
      BUILDKIT,
    );
    await docker.expect('builder prune -f', {
      stdout: /^Deleted build cache objects:\n([0-9a-z]{25}\n)+\nTotal reclaimed space: [\d.]+(B|kB|MB)\n$/,
    });
    const label = docker.name('pruned');
    const { stdout } = await docker.expect(`create --name ${label} --label ${label} busybox`, { stdout: ID });
    await docker.expect(`network create --label ${label} ${label}`, { stdout: ID });
    await docker.expect(`system prune -f --filter label=${label}`, {
      stdout: new RegExp(
        `^Deleted Containers:\\n${stdout}\\nDeleted Networks:\\n${label}\\n\\n([^]*\\n)?Total reclaimed space: [\\d.]+(B|kB|MB)\\n$`,
      ),
    });
  });
});
