import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { initialise } from '../../src/cli/init/initialise.ts';
import { docker } from '../support/docker.ts';
import { freshFolder, quaywarden } from './command.ts';

const { socket } = inject('engine');
const host = `unix://${socket}`;
const NAME = 'adopt-me';
const VOLUME = 'adopt-volume';

let dir: string;
beforeAll(async () => {
  dir = freshFolder();
  await initialise(dir, { tenants: true });
  const file = `${dir}/quaywarden.yaml`;
  const config = parse(readFileSync(file, 'utf8')) as object;
  writeFileSync(file, stringify({ ...config, engine: { address: host } }));
  await docker(['create', '--name', NAME, 'busybox', 'true'], { host });
  await docker(['volume', 'create', VOLUME], { host });
});
afterAll(async () => {
  await docker(['rm', NAME], { host });
  await docker(['volume', 'rm', VOLUME], { host });
});

const adopt = (...args: string[]) =>
  quaywarden(['adopt', '--config', `${dir}/quaywarden.yaml`, '--tenant', 'team-a', ...args]);

describe('quaywarden adopt', () => {
  it('lists what nobody owns, and not the networks that every Engine has', async () => {
    const { code, stdout } = await adopt();
    expect(code).toBe(0);
    expect(stdout).toContain(NAME);
    expect(stdout).toContain(VOLUME);
    expect(stdout).not.toMatch(/ bridge$/m);
  });

  it('says what it would do, and changes nothing without --yes', async () => {
    const { code, stdout } = await adopt(NAME, `volume/${VOLUME}`);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Would be handed to team-a/);
    expect(existsSync(`${dir}/policies/adopted.csv`)).toBe(false);
  });

  it('names what is not there, hands over nothing then, and exits with 1', async () => {
    const { code, stderr } = await adopt(NAME, 'nothing-of-that-name', '--yes');
    expect(code).toBe(1);
    expect(stderr).toContain('container/nothing-of-that-name');
    expect(existsSync(`${dir}/policies/adopted.csv`)).toBe(false);
  });

  it('refuses a kind that it does not know, and a tenant that is none', async () => {
    expect(await adopt('image/busybox')).toMatchObject({ code: 2 });
    const { code, stderr } = await quaywarden([
      'adopt',
      '--config',
      `${dir}/quaywarden.yaml`,
      '--tenant',
      '-',
      NAME,
    ]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('can not be the name of a tenant')]);
  });

  it('hands over with --yes, and what is somebody’s is no longer offered', async () => {
    const { code, stdout } = await adopt(NAME, `volume/${VOLUME}`, '--yes');
    expect(code).toBe(0);
    expect(stdout).toMatch(/Handed to team-a/);
    const lines = readFileSync(`${dir}/policies/adopted.csv`, 'utf8').split('\n');
    expect(lines.filter((line) => /^container, [0-9a-f]{64}, team-a, adopt-me$/.test(line))).toHaveLength(1);
    expect(lines).toContain(`volume, ${VOLUME}, team-a, ${VOLUME}`);
    expect((await adopt()).stdout).not.toContain(NAME);
    expect(await adopt(NAME)).toMatchObject({ code: 1 });
  });

  it('names a bad line of the file', async () => {
    appendFileSync(`${dir}/policies/adopted.csv`, 'image, x, team-a, x\n');
    const { code, stderr } = await adopt();
    expect(code).toBe(2);
    expect(stderr).toMatch(/adopted\.csv:\d+: the line is not KIND, ID, TENANT, NAME/);
  });
});
