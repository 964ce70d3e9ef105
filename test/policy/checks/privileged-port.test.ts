import type { PortFact } from '../../../src/docker/facts/types.ts';
import { privilegedPort } from '../../../src/policy/checks/privileged-port.ts';
import { describeCheck } from './support.ts';

const field = 'HostConfig.PortBindings["80/tcp"][0]';
const port = (host: PortFact['host'], address = '') => ({
  ports: [{ field, container: '80/tcp', host, address }],
});
const remedy = 'publish on a port from 1024 up (docker run -p 8080:80)';

describeCheck(privilegedPort, 'privileged-port', {
  refuses: [
    [
      'the last port below 1024',
      port({ first: 1023, last: 1023 }),
      [{ field, asks: 'publishes "80/tcp" on port 1023 of the host', remedy }],
    ],
    [
      'a range that begins below 1024',
      port({ first: 1023, last: 2000 }),
      [{ field, asks: 'publishes "80/tcp" on ports 1023 to 2000 of the host', remedy }],
    ],
    [
      'such a port on the loopback address too',
      port({ first: 22, last: 22 }, '127.0.0.1'),
      [{ field, asks: 'publishes "80/tcp" on port 22 of the host', remedy }],
    ],
  ],
  accepts: [
    ['the first port from 1024 up', port({ first: 1024, last: 1024 })],
    ['a port that the Engine picks', port(null)],
  ],
});
