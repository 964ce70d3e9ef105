import { capability } from '../../docker/facts/host-config/capabilities.ts';
import { quoted } from '../../docker/text.ts';
import { type ConditionFunction, defineFunction, either, texts } from './function.ts';

export const capsWithin: ConditionFunction = defineFunction(
  {
    name: 'capsWithin',
    reason: 'capability-not-permitted',
    means:
      'No capability is added but these, in any case and with or without `CAP_`. Privileged is every capability.',
    example: "capsWithin('NET_BIND_SERVICE', 'SYS_PTRACE')",
    takes: { rest: 'text' },
    looksAt: 'HostConfig.CapAdd',
  },
  (args) => {
    const permitted = texts(args).map(capability);
    const wrong = permitted.find((name) => !/^[A-Z][A-Z_]*$/.test(name));
    if (wrong !== undefined) return `"${wrong}" is no capability`;
    return {
      remedy: `add no capability but ${either(permitted)}`,
      offences: ({ capabilities, privileged }) => [
        ...capabilities.added
          .filter(({ name }) => !permitted.includes(name))
          .map(({ field, name }) => ({ field, asks: `adds the capability ${quoted(name)}` })),
        ...privileged
          .filter(() => !permitted.includes('ALL'))
          .map(({ field }) => ({ field, asks: 'gives every capability' })),
      ],
    };
  },
);
