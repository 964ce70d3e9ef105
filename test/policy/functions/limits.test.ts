import { describe, expect, it } from 'vitest';
import { cpusAtMost } from '../../../src/policy/functions/cpus-at-most.ts';
import type { Argument, ConditionFunction } from '../../../src/policy/functions/function.ts';
import { memoryAtMost } from '../../../src/policy/functions/memory-at-most.ts';
import { pidsAtMost } from '../../../src/policy/functions/pids-at-most.ts';
import { formatSize, parseSize } from '../../../src/policy/functions/size.ts';
import { VOCABULARY } from '../support.ts';
import { describeFunction, judge } from './support.ts';

const memory = (value: bigint) => ({ memory: { field: 'HostConfig.Memory', value }, ulimits: [] });
const cpus = (value: bigint) => ({ nanoCpus: { field: 'HostConfig.NanoCpus', value }, ulimits: [] });
const pids = (value: bigint) => ({ pids: { field: 'HostConfig.PidsLimit', value }, ulimits: [] });
const lifted = (...fields: string[]) => ({ lifted: fields.map((field) => ({ field })), ulimits: [] });

describeFunction(memoryAtMost, {
  cases: {
    'takes as much as that': [['2g'], { runs: 'container', resources: memory(2_147_483_648n) }],
    'takes no byte more': [
      ['2g'],
      { runs: 'container', resources: memory(2_147_483_649n) },
      'HostConfig.Memory asks for 2147483649 bytes of memory',
    ],
    'takes bytes too': [
      [1024],
      { runs: 'container', resources: memory(2048n) },
      'HostConfig.Memory asks for 2k of memory',
    ],
    'takes no limit for more than that': [
      ['2g'],
      { runs: 'container' },
      'HostConfig.Memory sets no limit of memory',
    ],
    'wants it of a service': [
      ['2g'],
      { runs: 'service' },
      'TaskTemplate.Resources.Limits.MemoryBytes sets no limit of memory',
    ],
    'wants it of a build': [['2g'], { runs: 'build' }, 'query memory sets no limit of memory'],
    'wants nothing of a command in a container': [['2g'], { runs: 'exec' }],
    'wants nothing where nothing runs': [['2g'], {}],
    'minds an update that asks for more': [
      ['1k'],
      { resources: memory(2048n) },
      'HostConfig.Memory asks for 2k of memory',
    ],
    'takes a number that is written out with all its digits': [
      [2n ** 62n],
      { runs: 'container', resources: memory(2n ** 62n + 1n) },
      'HostConfig.Memory asks for 4611686018427387905 bytes of memory',
    ],
    'minds an update that lifts it': [
      ['2g'],
      { resources: lifted('Memory', 'MemorySwap', 'PidsLimit') },
      'Memory lifts the limit of memory',
    ],
  },
  faults: [
    [['2x'], '"2x" is no size such as "512m" or "2g"'],
    [['-2g'], '"-2g" is no size such as "512m" or "2g"'],
    [[-5], '"-5" is no size such as "512m" or "2g"'],
    [['0'], '"0" is no size such as "512m" or "2g"'],
    [[1e21], '"1e+21" is no size such as "512m" or "2g"'],
  ],
});

describeFunction(cpusAtMost, {
  cases: {
    'takes as many as that': [[1.5], { runs: 'container', resources: cpus(1_500_000_000n) }],
    'takes none more': [
      [1.5],
      { runs: 'container', resources: cpus(1_500_000_001n) },
      'HostConfig.NanoCpus asks for 1.500000001 of CPU time',
    ],
    'takes no limit for more than that': [
      [2],
      { runs: 'container' },
      'HostConfig.NanoCpus sets no limit of CPU time',
    ],
    'wants it of a service': [
      [2],
      { runs: 'service' },
      'TaskTemplate.Resources.Limits.NanoCPUs sets no limit of CPU time',
    ],
    'wants it of a build': [[2], { runs: 'build' }, 'query cpuquota sets no limit of CPU time'],
    'minds an update that lifts it': [
      [2],
      { resources: lifted('CpuQuota', 'CpuPeriod', 'Memory', 'NanoCpusToBe') },
      'CpuQuota lifts the limit of CPU time',
      'CpuPeriod lifts the limit of CPU time',
    ],
  },
  faults: [
    [[0], '0 is no number of CPUs'],
    [[-1], '-1 is no number of CPUs'],
    [[1e12], '1000000000000 is no number of CPUs'],
  ],
});

describeFunction(pidsAtMost, {
  cases: {
    'takes as many as that': [[100], { runs: 'container', resources: pids(100n) }],
    'takes none more': [
      [100],
      { runs: 'container', resources: pids(101n) },
      'HostConfig.PidsLimit asks for 101 of processes',
    ],
    'takes no limit for more than that': [
      [100],
      { runs: 'container' },
      'HostConfig.PidsLimit sets no limit of processes',
    ],
    'wants it of a service': [
      [100],
      { runs: 'service' },
      'TaskTemplate.Resources.Limits.Pids sets no limit of processes',
    ],
    'is never met by a build': [[100], { runs: 'build' }, 'request sets no limit of processes, and can not'],
    'minds an update that lifts it': [
      [100],
      { resources: lifted('PidsLimit', 'PidsLimitToBe') },
      'PidsLimit lifts the limit of processes',
    ],
  },
  faults: [
    [[1.5], '1.5 is no number of processes'],
    [[0], '0 is no number of processes'],
  ],
});

describe('a limit', () => {
  it('that is kept says so, for grants that deny what keeps it', () => {
    const found = (called: ConditionFunction, args: readonly Argument[]) =>
      judge(called, args, {}, 'ContainerStart').favour;
    const kept = { check: 'condition-not-met', remedy: 'ask for something else' };
    expect(found(memoryAtMost, ['2g'])).toEqual([
      { ...kept, field: 'HostConfig.Memory', asks: 'is within memoryAtMost("2g")' },
    ]);
    expect(found(cpusAtMost, [1.5])).toEqual([
      { ...kept, field: 'HostConfig.NanoCpus', asks: 'is within cpusAtMost(1.5)' },
    ]);
  });

  it('needs nothing that has to be looked up', () => {
    expect(pidsAtMost.prepare([1], VOCABULARY)).toMatchObject({ needs: [] });
  });
});

describe('a size', () => {
  it.each([
    ['0', 0n],
    ['512', 512n],
    ['512b', 512n],
    ['1k', 1024n],
    ['1K', 1024n],
    ['1kb', 1024n],
    ['1KiB', 1024n],
    ['512m', 536_870_912n],
    ['1.5g', 1_610_612_736n],
    ['2 g', 2_147_483_648n],
    ['1t', 1_099_511_627_776n],
    ['2p', 2_251_799_813_685_248n],
    ['0.5', 0n],
    ['1.0000001k', 1024n],
    ['', undefined],
    ['g', undefined],
    ['1ib', undefined],
    ['1e3', undefined],
    ['1..5g', undefined],
    ['1,5g', undefined],
    ['+1g', undefined],
    ['1g ', undefined],
    ['1x', undefined],
    ['9999999999999999999g', undefined],
  ])('%j is %s bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each([
    [0n, '0 bytes'],
    [1n, '1 bytes'],
    [1024n, '1k'],
    [1536n, '1536 bytes'],
    [3_221_225_472n, '3g'],
    [1024n ** 6n, '1024p'],
  ])('of %s bytes is written %s', (bytes, text) => {
    expect(formatSize(bytes)).toBe(text);
  });
});
