import { quoted } from '../../docker/text.ts';
import { compileGlob } from '../glob.ts';
import { type ConditionFunction, defineFunction, either, texts } from './function.ts';

export const registriesWithin: ConditionFunction = defineFunction(
  {
    name: 'registriesWithin',
    reason: 'registry-not-permitted',
    means: 'Every registry that the Engine is told to speak with matches.',
    example: "registriesWithin('registry.example.com', 'docker.io')",
    takes: { rest: 'text' },
    looksAt: 'registry',
  },
  (args) => {
    const wrong = texts(args).find((name) => name !== name.toLowerCase() || /[/\s]/.test(name));
    if (wrong !== undefined)
      return `"${wrong}" is no registry: a host in lower case, with its port where it has one`;
    const globs = texts(args).map(compileGlob);
    return {
      remedy: `use ${either(texts(args))}`,
      offences: ({ registries }) =>
        registries
          .filter(({ registry }) => !globs.some((glob) => glob(registry)))
          .map(({ field, registry }) => ({ field, asks: `has the Engine speak with ${quoted(registry)}` })),
    };
  },
);
