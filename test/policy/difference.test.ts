import { describe, expect, it } from 'vitest';
import { differenceOf, isSame } from '../../src/policy/difference.ts';
import { readPolicies } from '../../src/policy/load.ts';

const model = new URL('../../policies/model.conf', import.meta.url).pathname;

async function between(
  before: string,
  after: string,
  profiles = ['', ''],
): Promise<ReturnType<typeof differenceOf>> {
  const [a, b] = await Promise.all(
    [before, after].map((grants, index) =>
      readPolicies(
        {
          model,
          grants: 'g',
          profiles: 'f',
          texts: new Map([
            ['g', grants],
            ['f', `profiles:\n  mine: {checks: [privileged]}\n${profiles[index]}`],
          ]),
        },
        { engines: [{ name: 'default' }, { name: 'build' }] },
      ),
    ),
  );
  if (a === undefined || b === undefined) throw new Error('two policies');
  return differenceOf(a, b);
}

describe('the difference between two policies', () => {
  it('is not in order, comments and lines', async () => {
    const a =
      '# x\np, user:a, engine, SystemPing, true, allow\np, role:r, engine, SystemInfo, true, allow\ng, user:b, role:r\n';
    const b =
      'g, "user:b",role:r\n\n\np, role:r, engine, SystemInfo, true, allow\np, user:a, engine, SystemPing, true, allow\n';
    expect(isSame(await between(a, b))).toBe(true);
  });

  it('is not in how operations are named', async () => {
    const a = 'p, user:a, container/**, ContainerStart ContainerStop, true, allow\n';
    const b = 'p, user:a, container/**, ContainerStop ContainerStart, true, allow\n'.repeat(2);
    expect(isSame(await between(a, b))).toBe(true);
  });

  it('is in operations, conditions and effects', async () => {
    const grant = (operations: string, condition: string, effect: string): string =>
      `p, user:a, container/**, ${operations}, ${condition}, ${effect}\n`;
    const a = grant('ContainerList', 'true', 'allow');
    for (const other of [
      grant('ContainerStart', 'true', 'allow'),
      grant('ContainerList', `r.principal.name == 'x'`, 'allow'),
      grant('ContainerList', 'true', 'deny'),
    ]) {
      const { removed, added, changed } = await between(a, other);
      expect([removed, added]).toEqual([[], []]);
      expect(changed.map(({ from, to }) => [`${from.text}\n`, `${to.text}\n`])).toEqual([[a, other]]);
    }
  });

  it('is in what is only in one of them', async () => {
    const a = 'p, user:a, engine, SystemPing, true, allow\n';
    const b = 'p, user:b, engine, SystemPing, true, allow\n';
    expect(await between(a, `\n${b}`)).toEqual({
      removed: [{ line: 1, text: a.trim() }],
      added: [{ line: 2, text: b.trim() }],
      changed: [],
      profiles: [],
    });
  });

  it('is in the Engine that a grant is for', async () => {
    const on = (engine: string): string => `p, user:a, ${engine}engine, SystemPing, true, allow\n`;
    expect(isSame(await between(on('engine/build/'), on('engine/build/')))).toBe(true);
    expect(isSame(await between(on(''), on('engine/default/')))).toBe(true);
    const { removed, added } = await between(on('') + on('engine/*/'), on('engine/build/'));
    expect(removed.map(({ line, text }) => `${line} ${text}\n`)).toEqual([
      `1 ${on('')}`,
      `2 ${on('engine/*/')}`,
    ]);
    expect(added.map(({ text }) => `${text}\n`)).toEqual([on('engine/build/')]);
  });

  it('is in profiles', async () => {
    const { profiles } = await between('', '', [
      '  old: {checks: [device]}\n',
      '  new: {extends: mine, checks: [device]}\n',
    ]);
    expect(profiles).toEqual(['profile old is gone', 'profile new is new']);
    const { profiles: changed } = await between('', '', [
      '  x: {checks: [device]}\n',
      '  x: {checks: [privileged]}\n',
    ]);
    expect(changed).toEqual(['profile x no longer checks device and checks privileged too']);
  });

  it('shows what a terminal would not', async () => {
    const { added } = await between(
      '',
      `p, user:a, engine, SystemPing, r.principal.name == '\u202ex', allow\n`,
    );
    expect(added.map(({ text }) => text)).toEqual([
      `p, user:a, engine, SystemPing, r.principal.name == '\\u{202e}x', allow`,
    ]);
  });
});
