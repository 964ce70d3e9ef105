import { describe, expect, it } from 'vitest';
import { parseRequest } from '../../src/docker/request.ts';
import { listedByName, listForEngine } from '../../src/tenancy/names/lists.ts';
import { privateNames } from '../../src/tenancy/names/names.ts';

const NAMES = privateNames('team-a');
const LONG = JSON.stringify([{ Names: [`/${'a'.repeat(240)}`] }]);

function list(patterns: readonly string[]) {
  const filters = encodeURIComponent(JSON.stringify({ name: patterns }));
  return parseRequest(
    { method: 'GET', target: `/v1.41/containers/json?filters=${filters}` },
    { floor: 24, ceiling: 56, engine: 41 },
  );
}

/** Milliseconds for which the gateway does nothing else. */
function blockedBy(work: () => unknown): number {
  const began = performance.now();
  expect(work).toThrow(expect.objectContaining({ reason: 'filter-pattern' }));
  return performance.now() - began;
}

describe('a filter by name does not keep the gateway from everybody else', () => {
  it('however many patterns it has', () => {
    const many = Array.from({ length: 1_000 }, (_, index) => `(${'ab'[index % 2]}?){1000}${index}`);
    expect(blockedBy(() => listForEngine(list(many), NAMES))).toBeLessThan(3_000);
    expect(blockedBy(() => listedByName(list(many), LONG))).toBeLessThan(3_000);
  });

  it('however long what it is held against', () => {
    const containers = `[${Array(1_000).fill(LONG.slice(1, -1)).join(',')}]`;
    expect(blockedBy(() => listedByName(list(['(a?){1000}b']), containers))).toBeLessThan(5_000);
  });

  it('and a plain one finds among ten thousand', () => {
    const web = Array.from({ length: 10_000 }, (_, index) => ({ Names: [`/some-project-web-${index}`] }));
    const found = JSON.parse(listedByName(list(['^/?some-.*web-99[0-9]$']), JSON.stringify(web)));
    expect(found).toHaveLength(10);
  });
});
