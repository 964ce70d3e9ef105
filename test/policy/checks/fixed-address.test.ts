import { fixedAddress } from '../../../src/policy/checks/fixed-address.ts';
import { describeCheck, network } from './support.ts';

describeCheck(fixedAddress, 'fixed-address', {
  refuses: [
    [
      'addresses that are asked for',
      { networks: [network({}), network({ field: 'B', addresses: ['172.18.0.2', '02:42:ac:12:00:02'] })] },
      [
        {
          field: 'B',
          asks: 'claims the address "172.18.0.2", "02:42:ac:12:00:02"',
          remedy:
            'let the Engine pick the address (docker run without --ip, --ip6, --link-local-ip and --mac-address)',
        },
      ],
    ],
  ],
  accepts: [
    [
      "the addresses of a network that is made, which are another check's",
      { networks: [network({ driver: 'bridge', addresses: ['10.0.0.0/8'] })] },
    ],
    ['a network that is joined with an alias', { networks: [network({ aliases: ['db'] })] }],
  ],
});
