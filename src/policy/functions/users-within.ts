import type { Facts } from '../../docker/facts/types.ts';
import { quoted } from '../../docker/text.ts';
import { compileGlob } from '../glob.ts';
import { type ConditionFunction, defineFunction, either, type Offence, texts } from './function.ts';

const FIELDS: Readonly<Record<NonNullable<Facts['runs']>, string>> = {
  container: 'User',
  exec: 'User',
  service: 'TaskTemplate.ContainerSpec.User',
  build: 'Dockerfile',
};

export const usersWithin: ConditionFunction = defineFunction(
  {
    name: 'usersWithin',
    reason: 'user-not-permitted',
    means:
      "The process runs as a user whose text matches, such as `1000` or `1000:1000`. Where the request leaves it open, the image's user counts; where that is not known, it is not met.",
    example: "usersWithin('1000', '1000:*')",
    takes: { rest: 'text' },
    looksAt: 'User',
  },
  (args) => {
    const globs = texts(args).map(compileGlob);
    return {
      remedy: `run as ${either(texts(args))} (docker run --user)`,
      needs: ['imageUser'],
      offences: ({ runs, user }): readonly Offence[] => {
        if (runs === null && user === null) return [];
        if (user === null || user.value === '') {
          const field = user?.field ?? (runs === null ? 'User' : FIELDS[runs]);
          return [{ field, asks: 'leaves open who the process runs as', untold: true }];
        }
        return globs.some((glob) => glob(user.value))
          ? []
          : [{ field: user.field, asks: `runs as ${quoted(user.value)}` }];
      },
    };
  },
);
