import { type ConditionFunction, defineFunction } from './function.ts';
import { overLimit } from './limit.ts';

export const pidsAtMost: ConditionFunction = defineFunction(
  {
    name: 'pidsAtMost',
    reason: 'pids-limit',
    means:
      'A container or a service asks for at most so many processes; no limit is more than any, and a build can ask for none.',
    example: 'pidsAtMost(100)',
    takes: { first: ['number'] },
    looksAt: 'HostConfig.PidsLimit',
  },
  ([count]) => {
    if (!Number.isSafeInteger(Number(count)) || Number(count) <= 0)
      return `${count} is no number of processes`;
    return {
      remedy: `set a limit of at most ${count} processes (docker run --pids-limit)`,
      offences: (facts) =>
        overLimit(
          {
            of: 'pids',
            most: BigInt(Number(count)),
            show: String,
            noun: 'processes',
            fields: {
              container: 'HostConfig.PidsLimit',
              service: 'TaskTemplate.Resources.Limits.Pids',
              build: undefined,
            },
            lifted: /\bPidsLimit$/,
          },
          facts,
        ),
    };
  },
);
