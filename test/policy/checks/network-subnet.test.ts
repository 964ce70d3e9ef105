import { networkSubnet } from '../../../src/policy/checks/network-subnet.ts';
import { describeCheck, network } from './support.ts';

const addresses = ['10.0.0.0/8', '10.0.0.1'];

describeCheck(networkSubnet, 'network-subnet', {
  refuses: [
    [
      'addresses for a network that is made',
      { networks: [network({ field: 'Name', driver: 'bridge', addresses })] },
      [
        {
          field: 'IPAM.Config',
          asks: 'claims the addresses "10.0.0.0/8", "10.0.0.1"',
          remedy:
            'let the Engine pick them (docker network create without --subnet, --ip-range and --gateway)',
        },
      ],
    ],
  ],
  accepts: [
    ['a network without any', { networks: [network({ driver: 'bridge' })] }],
    [
      "an address where a network is joined, which is another check's",
      { networks: [network({ addresses })] },
    ],
  ],
});
