import { remoteImport } from '../../../src/policy/checks/remote-import.ts';
import { describeCheck } from './support.ts';

const registry = 'metadata.example.com';

describeCheck(remoteImport, 'remote-import', {
  refuses: [
    [
      'a file system that the Engine fetches',
      {
        registries: [
          { field: 'query fromImage', registry },
          { field: 'query fromSrc', registry },
        ],
      },
      [
        {
          field: 'query fromSrc',
          asks: 'has the Engine fetch a file system from "metadata.example.com"',
          remedy: 'send the file (docker import FILE instead of docker import URL)',
        },
      ],
    ],
  ],
  accepts: [['a pull', { registries: [{ field: 'query fromImage', registry }] }]],
});
