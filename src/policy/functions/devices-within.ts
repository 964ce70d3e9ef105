import { quoted } from '../../docker/text.ts';
import { compileGlob } from '../glob.ts';
import { type ConditionFunction, defineFunction, either, texts } from './function.ts';

export const devicesWithin: ConditionFunction = defineFunction(
  {
    name: 'devicesWithin',
    reason: 'device-not-permitted',
    means:
      "Every device of the host has a path that matches. Device cgroup rules, requests to a device driver and privileged, which is every device, never do. A device's path is a path of the host too: name it in `hostPathsWithin` as well.",
    example: "devicesWithin('/dev/fuse', '/dev/dri/*')",
    takes: { rest: 'text' },
    looksAt: 'HostConfig.Devices',
  },
  (args) => {
    const wrong = texts(args).find((path) => !path.startsWith('/'));
    if (wrong !== undefined) return `"${wrong}" is no absolute path`;
    const globs = texts(args).map(compileGlob);
    return {
      remedy: `use no device but ${either(texts(args))}`,
      offences: ({ devices, privileged }) => [
        ...devices
          .filter(({ kind, value }) => kind !== 'device' || !globs.some((glob) => glob(value)))
          .map(({ field, value }) => ({ field, asks: `asks for the device ${quoted(value)}` })),
        ...privileged.map(({ field }) => ({ field, asks: 'gives every device of the host' })),
      ],
    };
  },
);
