import type { VolumeFact } from '../../../src/docker/facts/types.ts';
import { volumeDriverOptions } from '../../../src/policy/checks/volume-driver-options.ts';
import { describeCheck } from './support.ts';

const volume = (said: Partial<VolumeFact>): VolumeFact => ({
  field: 'Name',
  name: 'db',
  driver: 'local',
  options: [],
  mode: 'rw',
  ...said,
});
const remedy = 'leave the options out (docker volume create without --opt)';

describeCheck(volumeDriverOptions, 'volume-driver-options', {
  refuses: [
    [
      'options that bind the root of the host',
      { volumes: [volume({ options: ['type', 'o', 'device'] })] },
      [
        {
          field: 'DriverOpts',
          asks: 'gives the volume driver options ("type", "o", "device") that can mount any path of the host',
          remedy,
        },
      ],
    ],
    [
      'any one option, and only where it is given',
      { runs: 'container', volumes: [volume({ field: 'A' }), volume({ field: 'B', options: ['size'] })] },
      [
        {
          field: 'B',
          asks: 'gives the volume driver options ("size") that can mount any path of the host',
          remedy,
        },
      ],
    ],
    [
      'many options, of which it names five',
      { volumes: [volume({ options: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] })] },
      [
        {
          field: 'DriverOpts',
          asks: 'gives the volume driver options ("a", "b", "c", "d", "e" and 2 more) that can mount any path of the host',
          remedy,
        },
      ],
    ],
    [
      'five options, all of which it names',
      { volumes: [volume({ options: ['a', 'b', 'c', 'd', 'e'] })] },
      [
        {
          field: 'DriverOpts',
          asks: 'gives the volume driver options ("a", "b", "c", "d", "e") that can mount any path of the host',
          remedy,
        },
      ],
    ],
    [
      'options that are told once, though they are a path too',
      {
        volumes: [volume({ options: ['device'] })],
        hostPaths: [{ field: 'DriverOpts.device', path: null, mode: 'rw', via: 'driver-option' }],
      },
      [
        {
          field: 'DriverOpts',
          asks: 'gives the volume driver options ("device") that can mount any path of the host',
          remedy,
        },
      ],
    ],
    [
      'a path of which no volume tells',
      {
        hostPaths: [
          { field: 'HostConfig.Binds[0]', path: '/b', mode: 'rw', via: 'bind' },
          { field: 'DriverOpts', path: null, mode: 'rw', via: 'driver-option' },
        ],
      },
      [
        {
          field: 'DriverOpts',
          asks: "mounts a path of the host that cannot be told by a volume driver's options",
          remedy,
        },
      ],
    ],
  ],
  accepts: [
    ['a volume without options', { volumes: [volume({})] }],
    [
      "a bind, which is another check's",
      { hostPaths: [{ field: 'HostConfig.Binds[0]', path: '/b', mode: 'rw', via: 'bind' }] },
    ],
  ],
});
