import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshFolder } from '../cli-commands/command.ts';
import { type Cluster, PASSWORDS, startCluster } from './cluster.ts';
import {
  run as command,
  type Exit,
  MAY_LIST,
  MAY_PING,
  policy,
  policyFolder,
  writeConfig,
} from './front-door.ts';

let cluster: Cluster;
let folder: string;
let config: string;

beforeAll(async () => {
  cluster = await startCluster();
  folder = freshFolder();
  config = writeConfig(folder, cluster);
});
afterAll(() => cluster?.destroy());

const run = (...args: string[]): Promise<Exit> => policy(cluster, config, args, 'policy_editor');

describe('quaywarden policy', () => {
  it('says what to do where there are no tables, and makes them', async () => {
    const files = policyFolder(`${folder}/first`, `${MAY_PING}\n`);
    const early = await run('import', files);
    expect(early).toMatchObject({ code: 2, stdout: '' });
    expect(early.stderr).toContain('quaywarden policy migrate');
    const roles = ['--gateway', 'quaywarden', '--editor', 'policy_editor'];
    expect(await policy(cluster, config, ['migrate', ...roles], 'policy_owner')).toEqual({
      code: 0,
      stdout: 'the tables are of version 1 now\n',
      stderr: '',
    });
  });

  it('imports what is valid, exports it as it was, and finds no difference', async () => {
    // The package's own, with its comments.
    const shipped = new URL('../../policies', import.meta.url).pathname;
    const first = await run('import', shipped);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toMatch(/^version \d+ of the policy is in the database\n$/);
    expect(await run('export', '--out', `${folder}/out`)).toMatchObject({ code: 0, stderr: '' });
    for (const name of ['grants.csv', 'profiles.yaml'])
      expect(readFileSync(`${folder}/out/${name}`, 'utf8')).toBe(readFileSync(`${shipped}/${name}`, 'utf8'));
    const again = await run('export', '--out', `${folder}/out`);
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('--force');
    // There are no certificates here, and doctor says that too.
    const { stdout } = await command(['doctor', '--config', config]);
    expect(stdout).toMatch(/postgres\/grants is sound \(version [0-9a-f]{12}\)/);
    expect(await run('diff', 'postgres', shipped)).toMatchObject({ code: 0, stdout: 'they mean the same\n' });
  });

  it('tells and makes a change; who has not seen it is refused, and told what to do', async () => {
    const out = `${folder}/out`;
    const grants = readFileSync(`${out}/grants.csv`, 'utf8');
    policyFolder(`${folder}/stale`, `${grants}${MAY_LIST}\n`, readFileSync(`${out}/profiles.yaml`, 'utf8'));
    writeFileSync(`${folder}/stale/policy.version`, readFileSync(`${out}/policy.version`, 'utf8'));
    const changed = grants.replace('role:viewer, **, @read, true', 'role:viewer, **, @read @exec, true');
    writeFileSync(`${out}/grants.csv`, `${changed}${MAY_PING}\n`);

    const dry = await run('import', out, '--dry-run');
    expect(dry.code).toBe(0);
    expect(dry.stdout).toContain(`+ ${out}/grants.csv:`);
    expect(dry.stdout).toMatch(/^~ postgres\/grants:\d+: p, role:viewer, \*\*, @read, true, allow$/m);
    expect(dry.stdout).toMatch(/nothing was changed: version \d+ stays\n$/);
    const diff = await run('diff', 'postgres', out, '--json');
    expect(diff.code).toBe(1);
    expect(JSON.parse(diff.stdout)).toMatchObject({
      removed: [],
      added: [{ text: MAY_PING }],
      changed: [{}],
    });

    expect((await run('import', out)).code).toBe(0);
    const late = await run('import', `${folder}/stale`);
    expect(late.code).toBe(2);
    expect(late.stderr).toMatch(/somebody was faster.*policy diff.*--over \d+/);
    const unknown = await run('import', policyFolder(`${folder}/other`, `${MAY_PING}\n`));
    expect(unknown.code).toBe(2);
    expect(unknown.stderr).toMatch(/nothing says that these files follow it.*--over \d+/);
    const [, version = ''] = /--over (\d+)/.exec(unknown.stderr) ?? [];
    expect((await run('import', `${folder}/other`, '--over', version)).code).toBe(0);
    expect((await run('export')).stdout).toBe(`${MAY_PING}\n`);
  });

  it('takes nothing that a gateway would refuse', async () => {
    const bad = policyFolder(`${folder}/bad`, 'p, user:alice, container/**, ContainerLost, true, allow\n');
    const refused = await run('import', bad, '--over', 'current');
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toMatch(/bad\/grants\.csv:1: .*ContainerLost/);
    const gateway = await policy(cluster, config, ['import', `${folder}/stale`, '--over', 'current']);
    expect(gateway.code).toBe(2);
    expect(gateway.stderr).toContain('quaywarden may not do that');
    for (const password of Object.values(PASSWORDS))
      expect(`${refused.stderr}${gateway.stdout}${gateway.stderr}`).not.toContain(password);
  });
});
