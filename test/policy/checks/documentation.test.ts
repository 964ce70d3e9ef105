import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../../src/policy/checks/all.ts';
import { CHECKS_PAGE, CONTROLS, renderChecks } from '../../support/checks-table.ts';

describe('docs/checks.md', () => {
  it('is current (else run `npm run docs:checks`)', () => {
    expect(readFileSync(CHECKS_PAGE, 'utf8')).toBe(renderChecks());
  });

  it('gives every check a profile', () => {
    const rows = renderChecks().split('\n');
    for (const { id } of CHECKS) {
      expect(rows.find((row) => row.startsWith(`| \`${id}\` |`))).toMatch(
        /^\S+ \S+ \| (baseline|restricted) \|/,
      );
    }
  });

  it('names for every control of the Pod Security Standards only checks that there are', () => {
    const ids = CHECKS.map(({ id }) => id);
    for (const [, checks] of CONTROLS) expect(ids).toEqual(expect.arrayContaining([...checks]));
  });
});
