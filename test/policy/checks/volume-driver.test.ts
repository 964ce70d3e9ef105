import { volumeDriver } from '../../../src/policy/checks/volume-driver.ts';
import { describeCheck } from './support.ts';

const volume = (driver: string) => ({
  field: 'Driver',
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
      [{ field: 'Driver', asks: 'uses the volume driver "vieux/sshfs", which is a plugin', remedy }],
    ],
    [
      'local in another case',
      { volumes: [volume('Local')] },
      [{ field: 'Driver', asks: 'uses the volume driver "Local", which is a plugin', remedy }],
    ],
  ],
  accepts: [
    ['local', { volumes: [volume('local')] }],
    ['no driver', { volumes: [volume('')] }],
  ],
});
