import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { configSchema } from '../../src/config/schema.ts';
import { removeNamed } from '../cli/cleanup.ts';
import { docker, dockerSpawn } from '../support/docker.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';

describe('the docker CLI', () => {
  const { socket } = inject('engine');
  const name = `limits-${randomBytes(4).toString('hex')}`;
  let gateway: Gateway;
  const as = (who: string) => ({ host: gateway.host, certPath: gateway.certPath(who) });

  beforeAll(async () => {
    gateway = await startGateway({
      engineSocket: socket,
      config: {
        limits: {
          principals: [
            { for: ['user:admin'], streams: 2 },
            { for: ['user:viewer'], requestsPerSecond: 0.1, burst: 6 },
          ],
        },
      },
    });
  });
  afterAll(async () => {
    await removeNamed(socket, name);
    await gateway.stop();
  });

  it('shows the sentence to whoever asks too often, and ends with 1', async () => {
    const target = as('viewer');
    const first = await docker(['ps'], target);
    expect([first.code, first.stderr]).toEqual([0, '']);
    let last = first;
    for (let i = 0; i < 6 && last.code === 0; i += 1) last = await docker(['ps'], target);
    expect([last.code, last.stdout]).toEqual([1, '']);
    expect(last.stderr).toMatch(
      /^Error response from daemon: quaywarden: viewer sends more than 0\.1 requests a second; try again in \d+ s \[rate-limited\]\n$/,
    );
  });

  it('opens so many streams with exec and logs -f; one that is killed makes room', async () => {
    const target = as('admin');
    const made = await docker(
      ['run', '-d', '--name', name, 'busybox', 'sh', '-c', 'echo up; sleep 300'],
      target,
    );
    expect(made.stderr).toBe('');
    const exec = dockerSpawn(['exec', name, 'sh', '-c', 'echo in; sleep 300'], target);
    const logs = dockerSpawn(['logs', '-f', name], target);
    await Promise.all([exec.waitFor('in'), logs.waitFor('up')]);
    const refused = await docker(['exec', name, 'true'], target);
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/quaywarden: admin has 2 streams open .+; try again in 5 s \[too-many-streams\]/),
    ]);
    expect((await docker(['ps', '-q'], target)).code).toBe(0);
    logs.signal('SIGKILL');
    await expect
      .poll(async () => (await docker(['exec', name, 'true'], target)).code, { timeout: 15_000 })
      .toBe(0);
    exec.signal('SIGKILL');
    const records = gateway.auditRecords().filter(({ stage }) => stage === 'refused');
    expect(records.map(({ decision }) => decision.reason)).toContain('too-many-streams');
  });
});

describe('the limits that hold by default', () => {
  it('are nothing that one who works with docker comes upon', async () => {
    const gateway = await startGateway({
      engineSocket: inject('engine').socket,
      config: {
        limits: configSchema.shape.limits.parse({}),
      },
    });
    try {
      const target = { host: gateway.host, certPath: gateway.certPath('admin') };
      const all = await Promise.all(
        Array.from({ length: 8 }, () => docker(['run', '--rm', 'busybox', 'echo', 'done'], target)),
      );
      expect(all.map(({ stdout, stderr }) => stdout + stderr)).toEqual(Array(8).fill('done\n'));
    } finally {
      await gateway.stop();
    }
  });
});
