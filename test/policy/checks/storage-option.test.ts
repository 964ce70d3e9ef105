import { storageOption } from '../../../src/policy/checks/storage-option.ts';
import { describeCheck } from './support.ts';

const field = 'HostConfig.StorageOpt';

describeCheck(storageOption, 'storage-option', {
  refuses: [
    [
      'an option',
      { storageOptions: [{ field, name: 'size' }] },
      [
        {
          field,
          asks: 'gives the storage driver the option "size"',
          remedy: 'leave it out (docker run without --storage-opt)',
        },
      ],
    ],
  ],
  accepts: [],
});
