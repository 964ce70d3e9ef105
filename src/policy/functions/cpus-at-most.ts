import { type ConditionFunction, defineFunction } from './function.ts';
import { overLimit } from './limit.ts';

const BILLION = 1e9;

export const cpusAtMost: ConditionFunction = defineFunction(
  {
    name: 'cpusAtMost',
    reason: 'cpu-limit',
    means:
      'A container, a service or a build asks for at most so many CPUs, by NanoCpus or by quota and period; no limit is more than any.',
    example: 'cpusAtMost(1.5)',
    takes: { first: ['number'] },
    looksAt: 'HostConfig.NanoCpus',
  },
  ([cpus]) => {
    const nano = Math.round(Number(cpus) * BILLION);
    if (!Number.isSafeInteger(nano) || nano <= 0) return `${cpus} is no number of CPUs`;
    return {
      remedy: `ask for at most ${cpus} (docker run --cpus)`,
      offences: (facts) =>
        overLimit(
          {
            of: 'nanoCpus',
            most: BigInt(nano),
            show: (value) => String(Number(value) / BILLION),
            noun: 'CPU time',
            fields: {
              container: 'HostConfig.NanoCpus',
              service: 'TaskTemplate.Resources.Limits.NanoCPUs',
              build: 'query cpuquota',
            },
            lifted: /\b(?:NanoCpus|CpuQuota|CpuPeriod)$/,
          },
          facts,
        ),
    };
  },
);
