import { quoted } from '../../docker/text.ts';
import { compileGlob } from '../glob.ts';
import { type ConditionFunction, defineFunction, either, texts } from './function.ts';
import { takenOver } from './mounts-taken-over.ts';

export const volumesWithin: ConditionFunction = defineFunction(
  {
    name: 'volumesWithin',
    reason: 'volume-not-permitted',
    means: 'Every volume that is made, named or mounted has a name that matches; anonymous ones always do.',
    example: "volumesWithin('ci-*')",
    takes: { rest: 'text' },
    looksAt: 'HostConfig.Binds',
  },
  (args) => {
    const globs = texts(args).map(compileGlob);
    return {
      remedy: `use a volume named ${either(texts(args))}`,
      offences: ({ volumes, volumesFrom }) => [
        ...volumes
          .filter(({ name }) => name !== '' && !globs.some((glob) => glob(name)))
          .map(({ field, name }) => ({ field, asks: `uses the volume ${quoted(name)}` })),
        ...takenOver(volumesFrom),
      ],
    };
  },
);
