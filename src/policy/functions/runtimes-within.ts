import { quoted } from '../../docker/text.ts';
import { compileGlob } from '../glob.ts';
import { type ConditionFunction, defineFunction, either, texts } from './function.ts';

export const runtimesWithin: ConditionFunction = defineFunction(
  {
    name: 'runtimesWithin',
    reason: 'runtime-not-permitted',
    means: "No OCI runtime is named but these; naming none, which is the Engine's default, is always within.",
    example: "runtimesWithin('runc', 'runsc')",
    takes: { rest: 'text' },
    looksAt: 'HostConfig.Runtime',
  },
  (args) => {
    const globs = texts(args).map(compileGlob);
    return {
      remedy: `name no runtime, or ${either(texts(args))}`,
      offences: ({ runtime }) =>
        runtime === null || globs.some((glob) => glob(runtime.name))
          ? []
          : [{ field: runtime.field, asks: `asks for the runtime ${quoted(runtime.name)}` }],
    };
  },
);
