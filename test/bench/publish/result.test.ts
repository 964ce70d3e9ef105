import { describe, expect, it } from 'vitest';
import type { Peer } from '../contenders/contender.ts';
import type { Sample } from '../load/measure.ts';
import type { Row } from '../rows.ts';
import { replaced } from './page.ts';
import { requestTable } from './report.ts';
import { resultsOf } from './result.ts';
import { spread } from './spread.ts';

const row = { name: 'a row', unit: 'requests', rounds: 3 } as Row;

function sample(units: number, proxyCpuSeconds: number | null, p99Ms = 1): Sample {
  return { units, seconds: 1, p50Ms: 1, p99Ms, cpuSeconds: 0.25, proxyCpuSeconds };
}

describe('results', () => {
  it('are medians of the ratios within each round, and not ratios of medians', () => {
    const samples = new Map<Peer, Sample[]>([
      ['gateway', [sample(100, 0.2, 5), sample(10, 0.02, 9), sample(90, 0.09, 4)]],
      ['haproxy', [sample(200, 0.1, 1), sample(10, 0.02, 1), sample(100, 0.1, 1)]],
    ]);
    const [gateway] = resultsOf({ row, samples });
    expect(gateway?.beside.haproxy?.rate).toEqual({ median: 0.9, least: 0.5, most: 1 });
    expect(gateway?.beside.haproxy?.cpu?.median).toBe(1);
    expect(gateway?.beside.haproxy?.addedP99Ms.median).toBe(4);
    expect(gateway?.loadCpuPercent.median).toBe(25);
    expect(gateway?.resumed).toBeNull();
  });

  it('have no CPU where a contender has no process, and nothing beside one that was not there', () => {
    const samples = new Map<Peer, Sample[]>([
      ['gateway', [sample(100, 0.2)]],
      ['socket', [sample(200, null)]],
    ]);
    const results = resultsOf({ row, samples });
    expect(results[0]?.beside.socket?.cpu).toBeNull();
    expect(results[0]?.beside.haproxy).toBeUndefined();
    expect(requestTable(results)).toContain('| a row    | gateway |');
    expect(requestTable(results)).toContain(' - |');
  });
});

describe('spread', () => {
  it('takes the middle of an even number of values', () => {
    expect(spread([4, 1, 3, 2])).toEqual({ median: 2.5, least: 1, most: 4 });
  });
});

describe('a section of the page', () => {
  const page = 'a\n<!-- growth: written by x -->\nold\n<!-- end of growth -->\nb\n<!-- end of results -->\n';

  it('takes the place of the one before, and of nothing else', () => {
    expect(replaced(page, 'growth', 'x', 'new $&')).toBe(
      'a\n<!-- growth: written by x -->\n\nnew $&\n\n<!-- end of growth -->\nb\n<!-- end of results -->\n',
    );
  });

  it('needs its marks', () => {
    expect(() => replaced(page, 'results', 'x', 'new')).toThrow('lost the marks');
  });
});
