import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { expect } from 'vitest';
import { planted } from '../support/planted.ts';
import { scenarios } from './scenarios.ts';

const MB = 1_000_000;

scenarios('docker exec', (scenario) => {
  scenario(
    'prints what the command prints, each stream for itself',
    async (docker) => {
      const name = await docker.idle('host');
      await docker.expect(['exec', name, 'sh', '-c', 'echo out; echo err >&2'], {
        stdout: 'out\n',
        stderr: 'err\n',
      });
    },
    { modern: true, tenant: true },
  );

  scenario(
    'ends with the code of the command',
    async (docker) => {
      const name = await docker.idle('host');
      await docker.expect(`exec ${name} true`, {});
      await docker.expect(`exec ${name} false`, { code: 1 });
      await docker.expect(['exec', name, 'sh', '-c', 'exit 33'], { code: 33 });
      await docker.expect(['exec', name, 'sh', '-c', 'kill -9 $$'], { code: 137 });
    },
    { modern: true, tenant: true },
  );

  scenario('ends with 126 and 127 when the command can not run or is not there', async (docker) => {
    const name = await docker.idle('host');
    await docker.alike(`exec ${name} /etc`, {
      code: 126,
      stdout: /^OCI runtime exec failed: exec failed: .*exec: "\/etc": permission denied: unknown\r\n$/,
    });
    await docker.alike(`exec ${name} no-such-command`, {
      code: 126,
      stdout:
        /^OCI runtime exec failed: .*exec: "no-such-command": executable file not found in \$PATH: unknown\r\n$/,
    });
    await docker.expect(['exec', name, 'sh', '-c', 'no-such-command'], {
      code: 127,
      stderr: 'sh: no-such-command: not found\n',
    });
  });

  scenario('sets folder, environment and user', async (docker) => {
    const name = await docker.idle('host');
    const script = 'echo $COLOUR $(pwd) $(id -u)';
    const colour = planted('environment');
    await docker.expect(
      ['exec', '-w', '/etc', '-e', `COLOUR=${colour}`, '-u', 'nobody', name, 'sh', '-c', script],
      {
        stdout: `${colour} /etc 65534\n`,
      },
    );
  });

  scenario(
    'passes standard input on and sees its end',
    async (docker) => {
      const name = await docker.idle('host');
      await docker.expect(
        ['exec', '-i', name, 'wc', '-c'],
        { stdout: '100000\n' },
        { input: Buffer.alloc(100_000) },
      );
    },
    { modern: true },
  );

  scenario(
    'goes on by itself with -d',
    async (docker) => {
      const name = await docker.idle('host');
      await docker.expect(['exec', '-d', name, 'sh', '-c', 'echo done > /tmp/flag'], {});
      await expect
        .poll(async () => (await docker.run(['exec', name, 'cat', '/tmp/flag'])).stdout)
        .toBe('done\n');
    },
    { modern: true },
  );

  scenario(
    'tells of a container that is missing, stopped or paused in the words of the Engine',
    async (docker) => {
      const missing = docker.name('missing');
      await docker.alike(`exec ${missing} true`, {
        code: 1,
        stderr: `Error: No such container: ${missing}\n`,
      });
      const name = await docker.idle('host');
      await docker.expect(`pause ${name}`, { stdout: `${name}\n` });
      await docker.alikeOf(name, `exec ${name} true`, (called) => ({
        code: 1,
        stderr: new RegExp(
          `^Error response from daemon: Container ${called} is paused, unpause the container before exec\\n$`,
        ),
      }));
      await docker.expect(`unpause ${name}`, { stdout: `${name}\n` });
      await docker.expect(`stop ${name}`, { stdout: `${name}\n` });
      await docker.alike(`exec ${name} true`, {
        code: 1,
        stderr: /^Error response from daemon: Container [0-9a-f]{64} is not running\n$/,
      });
    },
  );

  scenario(
    'carries twenty sessions at once without mixing them',
    async (docker) => {
      const name = await docker.idle('host');
      const numbers = Array.from({ length: 20 }, (_, index) => index);
      const results = await Promise.all(
        numbers.map((number) =>
          docker.run(['exec', '-i', name, 'sh', '-c', `cat; echo ${number}`], { input: `in ${number}\n` }),
        ),
      );
      expect(results.map(({ code, stdout }) => ({ code, stdout }))).toEqual(
        numbers.map((number) => ({ code: 0, stdout: `in ${number}\n${number}\n` })),
      );
    },
    { modern: true },
  );

  scenario(
    'echoes 20 MB while they are still being sent',
    async (docker) => {
      const name = await docker.idle('host');
      const { input, sha256 } = pattern(20);
      const result = await docker.run(['exec', '-i', name, 'cat'], { input, digest: true });
      expect(result).toMatchObject({ code: 0, bytes: 20 * MB, sha256, stderr: '' });
    },
    { modern: true },
  );

  scenario(
    'takes 200 MB in',
    async (docker) => {
      const name = await docker.idle('host');
      const { input, sha256 } = pattern(200);
      await docker.expect(
        ['exec', '-i', name, 'sha256sum'],
        { stdout: `${sha256}  -\n` },
        { input, timeoutMs: 120_000 },
      );
    },
    { timeoutMs: 150_000 },
  );

  scenario(
    'gives 1 GB out',
    async (docker) => {
      const name = await docker.idle('host');
      const result = await docker.run(
        ['exec', name, 'dd', 'if=/dev/zero', 'bs=1000000', 'count=1000', 'status=none'],
        {
          digest: true,
          timeoutMs: 150_000,
        },
      );
      expect(result).toMatchObject({ code: 0, bytes: 1000 * MB, sha256: zeros(1000), stderr: '' });
    },
    { timeoutMs: 180_000 },
  );
});

/** So many megabytes in which no two blocks are alike, and their digest. */
function pattern(megabytes: number): { input: Readable; sha256: string } {
  const blocks = function* (): Generator<Buffer> {
    for (let block = 0; block < megabytes; block++) {
      const bytes = Buffer.alloc(MB, `block ${block} of ${megabytes} `);
      yield bytes;
    }
  };
  const hash = createHash('sha256');
  for (const block of blocks()) hash.update(block);
  return { input: Readable.from(blocks(), { objectMode: false }), sha256: hash.digest('hex') };
}

function zeros(megabytes: number): string {
  const hash = createHash('sha256');
  const block = Buffer.alloc(MB);
  for (let index = 0; index < megabytes; index++) hash.update(block);
  return hash.digest('hex');
}
