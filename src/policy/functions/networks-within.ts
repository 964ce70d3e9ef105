import { quoted } from '../../docker/text.ts';
import { compileGlob } from '../glob.ts';
import { type ConditionFunction, defineFunction, either, type Offence, texts } from './function.ts';

export const networksWithin: ConditionFunction = defineFunction(
  {
    name: 'networksWithin',
    reason: 'network-not-permitted',
    means:
      "Every network that is made or joined has a name that matches. A container that names none joins `bridge`; `host` has to be named, and another container's network never matches.",
    example: "networksWithin('ci-*', 'bridge')",
    takes: { rest: 'text' },
    looksAt: 'HostConfig.NetworkMode',
  },
  (args) => {
    const globs = texts(args).map(compileGlob);
    const byName = texts(args).includes('host');
    return {
      remedy: `join ${either(texts(args))}`,
      offences: ({ networks, hostNamespaces, joinedContainers }): readonly Offence[] => [
        ...networks
          .filter(({ name }) => !globs.some((glob) => glob(name)))
          .map(({ field, name }) => ({ field, asks: `asks for the network ${quoted(name)}` })),
        ...hostNamespaces
          .filter(({ namespace }) => namespace === 'network' && !byName)
          .map(({ field }) => ({ field, asks: "asks for the host's network" })),
        ...joinedContainers
          .filter(({ namespace }) => namespace === 'network' || namespace === 'link')
          .map(({ field, container }) => ({
            field,
            asks: `joins the network of ${quoted(container)}`,
            untold: true,
          })),
      ],
    };
  },
);
