import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { docker } from '../support/docker.ts';
import { makeBundle } from '../support/image.ts';

describe('the single-file bundle, alone in a folder', () => {
  const { socket } = inject('engine');
  let folder: string;
  let file: string;
  let running: ChildProcess | undefined;

  beforeAll(() => {
    const top = mkdtempSync('/tmp/qw-bundle-');
    folder = `${top}/work`;
    mkdirSync(folder);
    file = makeBundle(`${top}/alone`);
  });
  afterAll(() => {
    running?.kill('SIGKILL');
    rmSync(dirname(folder), { recursive: true });
  });

  async function bundle(
    ...args: readonly string[]
  ): Promise<{ code: number; stdout: string; stderr: string }> {
    try {
      return { code: 0, ...(await promisify(execFile)(file, args, { cwd: folder })) };
    } catch (error) {
      return error as { code: number; stdout: string; stderr: string };
    }
  }

  it('needs nothing beside it and makes what a gateway needs', async () => {
    expect(readdirSync(`${folder}/../alone`)).toEqual(['quaywarden.mjs']);
    expect((await bundle('--version')).stdout).toMatch(/^v?\d+\.\d+\.\d+\n$/);
    expect(await bundle('init')).toMatchObject({ code: 0 });
    for (const name of ['model.conf', 'grants.csv', 'profiles.yaml']) {
      const shipped = readFileSync(new URL(`../../policies/${name}`, import.meta.url), 'utf8');
      expect(readFileSync(`${folder}/policies/${name}`, 'utf8')).toBe(shipped);
    }
    const presets = readdirSync(new URL('../../policies/presets', import.meta.url)).sort();
    const listed = (await bundle('init', '--list-presets')).stdout.trimEnd().split('\n');
    expect(listed.map((line) => line.split(' ', 1)[0])).toEqual(presets);
    expect(await bundle('init', '--dir', 'other', '--preset', 'traefik')).toMatchObject({ code: 0 });
    expect(readFileSync(`${folder}/other/policies/grants.csv`, 'utf8')).toContain('\np, role:traefik, ');
    const config = parse(readFileSync(`${folder}/quaywarden.yaml`, 'utf8')) as object;
    const over = { listen: '127.0.0.1:0', admin: { listen: 'off' }, engine: { address: `unix://${socket}` } };
    writeFileSync(`${folder}/quaywarden.yaml`, stringify({ ...config, ...over }));
    const { stdout } = await bundle('doctor');
    expect(stdout).toMatch(/^0 failed, /m);
  });

  it('serves the docker CLI, drains, and verifies its own log', async () => {
    running = spawn(file, ['serve'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
    const port = await new Promise<string>((resolve, reject) => {
      let said = '';
      running?.stdout?.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        const found = /listening on https:\/\/\S+?:(\d+)\s/.exec(said)?.[1];
        if (found !== undefined) resolve(found);
      });
      running?.once('exit', () => reject(new Error(`it ended: ${said}`)));
    });
    const target = { host: `tcp://127.0.0.1:${port}`, certPath: `${folder}/certs/admin` };
    const run = await docker(['run', '--rm', '-i', 'busybox', 'cat'], { ...target, input: 'typed' });
    expect([run.code, run.stdout, run.stderr]).toEqual([0, 'typed', '']);
    const ended = new Promise((resolve) => running?.once('exit', resolve));
    running.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(await bundle('audit', 'verify')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^OK: /),
    });
  });
});
