import { quoted } from '../../docker/text.ts';
import { compileGlob } from '../glob.ts';
import { type ConditionFunction, defineFunction, either, texts } from './function.ts';

export const labelsWithin: ConditionFunction = defineFunction(
  {
    name: 'labelsWithin',
    reason: 'label-not-permitted',
    means: 'Every label that is set has a name that matches.',
    example: "labelsWithin('com.example.*', 'com.docker.compose.*')",
    takes: { rest: 'text' },
    looksAt: 'Labels',
  },
  (args) => {
    const globs = texts(args).map(compileGlob);
    return {
      remedy: `set no label but ${either(texts(args))}`,
      offences: ({ labels }) =>
        Object.keys(labels)
          .filter((name) => !globs.some((glob) => glob(name)))
          .map((name) => ({ field: `Labels[${quoted(name)}]`, asks: 'sets a label of that name' })),
    };
  },
);
