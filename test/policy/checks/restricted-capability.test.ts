import { restrictedCapability } from '../../../src/policy/checks/restricted-capability.ts';
import { describeCheck } from './support.ts';

const added = (...names: string[]) => ({
  capabilities: {
    added: names.map((name, at) => ({ field: `HostConfig.CapAdd[${at}]`, name })),
    dropped: [],
  },
});

describeCheck(restrictedCapability, 'restricted-capability', {
  refuses: [
    [
      "a capability of Docker's own",
      added('NET_BIND_SERVICE', 'CHOWN'),
      [
        {
          field: 'HostConfig.CapAdd[1]',
          asks: 'adds back the capability "CHOWN"',
          remedy: 'add NET_BIND_SERVICE or none (docker run --cap-add NET_BIND_SERVICE)',
        },
      ],
    ],
  ],
  accepts: [['NET_BIND_SERVICE', added('NET_BIND_SERVICE')]],
});
