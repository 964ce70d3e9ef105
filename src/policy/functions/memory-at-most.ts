import { type ConditionFunction, defineFunction } from './function.ts';
import { overLimit } from './limit.ts';
import { formatSize, parseSize } from './size.ts';

export const memoryAtMost: ConditionFunction = defineFunction(
  {
    name: 'memoryAtMost',
    reason: 'memory-limit',
    means:
      'A container, a service or a build asks for at most so much memory, in bytes or with k, m, g, t; no limit is more than any. Swap is not counted.',
    example: "memoryAtMost('2g')",
    takes: { first: ['size'] },
    looksAt: 'HostConfig.Memory',
  },
  ([size]) => {
    const most = typeof size === 'bigint' ? size : parseSize(String(size));
    if (most === undefined || most <= 0n)
      return `${JSON.stringify(String(size))} is no size such as "512m" or "2g"`;
    return {
      remedy: `set a memory limit of at most ${formatSize(most)} (docker run --memory)`,
      offences: (facts) =>
        overLimit(
          {
            of: 'memory',
            most,
            show: formatSize,
            noun: 'memory',
            fields: {
              container: 'HostConfig.Memory',
              service: 'TaskTemplate.Resources.Limits.MemoryBytes',
              build: 'query memory',
            },
            lifted: /\bMemory$/,
          },
          facts,
        ),
    };
  },
);
