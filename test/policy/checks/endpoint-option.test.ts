import { endpointOption } from '../../../src/policy/checks/endpoint-option.ts';
import { describeCheck, network } from './support.ts';

const options = ['com.docker.network.endpoint.sysctls'];

describeCheck(endpointOption, 'endpoint-option', {
  refuses: [
    [
      'options where a network is joined',
      { networks: [network({}), network({ field: 'B', options })] },
      [
        {
          field: 'B',
          asks: 'gives the network driver options ("com.docker.network.endpoint.sysctls")',
          remedy: 'leave them out (docker run --network NAME, without driver-opt=...)',
        },
      ],
    ],
  ],
  accepts: [
    ['a network that is joined as it is', { networks: [network({})] }],
    [
      "options of a network that is made, which are another check's",
      { networks: [network({ driver: 'bridge', options })] },
    ],
  ],
});
