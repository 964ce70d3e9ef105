import { hostPort } from '../../../src/policy/checks/host-port.ts';
import { describeCheck } from './support.ts';

const remedy = 'reach it over a network that both are on (docker run --network NAME, without -p and -P)';

describeCheck(hostPort, 'host-port', {
  refuses: [
    [
      'every published port',
      {
        ports: [
          { field: 'A', container: '80/tcp', host: { first: 8080, last: 8080 }, address: '127.0.0.1' },
          { field: 'B', container: '90/udp', host: { first: 9000, last: 9010 }, address: '' },
          { field: 'C', container: '*', host: null, address: '' },
        ],
      },
      [
        { field: 'A', asks: 'publishes "80/tcp" on port 8080 of the host', remedy },
        { field: 'B', asks: 'publishes "90/udp" on ports 9000 to 9010 of the host', remedy },
        { field: 'C', asks: 'publishes all its ports on a port of the host that the Engine picks', remedy },
      ],
    ],
  ],
  accepts: [],
});
