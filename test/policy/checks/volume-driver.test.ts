import { volumeDriver } from '../../../src/policy/checks/volume-driver.ts';
import { describeCheck } from './support.ts';

const volume = (driver: string) => ({
  field: 'Name',
  name: 'db',
  driver,
  options: [],
  mode: 'rw' as const,
});
const remedy = 'use the driver local (docker run without --volume-driver)';

describeCheck(volumeDriver, 'volume-driver', {
  refuses: [
    [
      "a plugin's driver",
      { volumes: [volume('local'), volume('vieux/sshfs')] },
      [{ field: 'Driver', asks: 'uses the volume driver "vieux/sshfs", a plugin', remedy }],
    ],
    [
      "a plugin's driver where a volume is mounted",
      { runs: 'container', volumes: [{ ...volume('vieux/sshfs'), field: 'HostConfig.Binds[0]' }] },
      [
        {
          field: 'HostConfig.Binds[0]',
          asks: 'uses the volume driver "vieux/sshfs", a plugin',
          remedy,
        },
      ],
    ],
    [
      'local in another case',
      { volumes: [volume('Local')] },
      [{ field: 'Driver', asks: 'uses the volume driver "Local", a plugin', remedy }],
    ],
  ],
  accepts: [
    ['local', { volumes: [volume('local')] }],
    ['no driver', { volumes: [volume('')] }],
  ],
});
