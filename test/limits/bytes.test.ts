import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { removeNamed } from '../cli/cleanup.ts';
import { reload } from '../support/control.ts';
import { type DockerOptions, docker, dockerSpawn } from '../support/docker.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';

const RATE = 1_000_000;
/** What may pass at once after a quiet time is what a second brings; a turn and what is on its way come on top. */
const AT_ONCE = RATE + 400_000;

describe('bytes a second', () => {
  const { socket } = inject('engine');
  const name = `bytes-${randomBytes(4).toString('hex')}`;
  let gateway: Gateway;
  const as = (who: string) => ({ host: gateway.host, certPath: gateway.certPath(who) });

  beforeAll(async () => {
    gateway = await startGateway({
      engineSocket: socket,
      config: {
        limits: {
          principals: [
            { for: ['user:admin'], bytesPerSecond: RATE },
            { for: ['*'], streams: 99 },
          ],
        },
        sessions: { record: [] },
      },
    });
    await docker(['run', '-d', '--name', name, 'busybox', 'sleep', '300'], { host: `unix://${socket}` });
  });
  afterAll(async () => {
    await removeNamed(socket, name);
    await gateway.stop();
  });

  /** Runs docker as the one whose bytes are limited; at least as many seconds pass as so many bytes take. */
  async function slowed(bytes: number, args: string[], more: DockerOptions = {}) {
    const began = performance.now();
    const result = await docker(args, { ...as('admin'), digest: true, ...more });
    const seconds = (performance.now() - began) / 1_000;
    expect([result.code, result.stderr]).toEqual([0, '']);
    expect(seconds).toBeGreaterThan((bytes - AT_ONCE) / RATE);
    return result;
  }

  it('hold for what an exec prints, and for what it is given; every byte arrives', async () => {
    const bytes = 3_000_000;
    const printed = await slowed(bytes, ['exec', name, 'head', '-c', `${bytes}`, '/dev/zero']);
    expect(printed.bytes).toBe(bytes);
    const input = randomBytes(bytes);
    const given = await slowed(bytes, ['exec', '-i', name, 'wc', '-c'], { input, digest: false });
    expect(given.stdout.trim()).toBe(`${bytes}`);
  });

  it('hold for save, load and cp; every byte arrives', async () => {
    const direct = { host: `unix://${socket}` };
    const plain = await docker(['save', 'busybox'], direct);
    const saved = await slowed(plain.bytes, ['save', 'busybox'], { digest: false });
    expect(saved.sha256).toBe(plain.sha256);
    const loaded = await slowed(plain.bytes, ['load'], { input: saved.raw, digest: false });
    expect(loaded.stdout).toContain('Loaded image: busybox');
    await docker(['exec', name, 'sh', '-c', 'head -c 2500000 /dev/urandom >/tmp/r'], direct);
    const copied = await slowed(2_500_000, ['cp', `${name}:/tmp/r`, '-']);
    expect(copied.bytes).toBeGreaterThan(2_500_000);
  });

  it('change for a stream that is open: a limit comes, and goes', async () => {
    const use = async (viewer: object): Promise<void> => {
      const config = parse(readFileSync(gateway.config, 'utf8'));
      config.limits.principals = [{ for: ['user:viewer', 'user:admin'], ...viewer }];
      writeFileSync(gateway.config, stringify(config));
      expect((await reload(gateway.dir)).faults ?? []).toEqual([]);
    };
    await use({ streams: 99 });
    let passed = 0;
    const stream = dockerSpawn(
      ['exec', name, 'sh', '-c', 'while :; do head -c 100000 /dev/zero; sleep 0.01; done'],
      as('admin'),
    );
    const seen = (): number => (passed = stream.output().length);
    await expect.poll(seen, { timeout: 20_000 }).toBeGreaterThan(3_000_000);
    await use({ bytesPerSecond: 65_536 });
    // What is on its way is still to arrive.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const before = seen();
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(seen() - before).toBeLessThan(1_000_000);
    const slow = passed;
    await use({ streams: 99 });
    await expect.poll(() => seen() - slow, { timeout: 20_000 }).toBeGreaterThan(5_000_000);
    stream.signal('SIGKILL');
    await stream.exit();
  });
});
