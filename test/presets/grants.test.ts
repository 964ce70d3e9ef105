import { describe, expect, it } from 'vitest';
import { runTests } from '../../src/workbench/run-tests.ts';
import { readTests } from '../../src/workbench/test-file.ts';
import { configOfAll, NAMES, pathOf } from './presets.ts';

describe.each(NAMES)('the grants of the preset %s', (name) => {
  it('allow what its client asks for and refuse what its test says', async () => {
    const results = await runTests(readTests(pathOf(name, 'grants.test.yaml')), configOfAll());
    expect(results.length).toBeGreaterThan(3);
    expect(results.flatMap(({ request, faults }) => faults.map((fault) => `${request}: ${fault}`))).toEqual(
      [],
    );
  });
});
