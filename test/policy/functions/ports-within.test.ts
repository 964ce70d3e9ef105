import type { PortFact } from '../../../src/docker/facts/types.ts';
import { portsWithin } from '../../../src/policy/functions/ports-within.ts';
import { describeFunction } from './support.ts';

const port = (first: number | null, last = first ?? 0, address = ''): PortFact => ({
  field: 'PortBindings',
  container: '80/tcp',
  host: first === null ? null : { first, last },
  address,
});
const no = (text: string) => `"${text}" is no port or range, such as "8080", "30000-32767", "127.0.0.1:80"`;

describeFunction(portsWithin, {
  cases: {
    'takes the ends of a range and what is between': [
      ['30000-32767'],
      { ports: [port(30_000), port(32_767), port(31_000, 31_010)] },
    ],
    'takes nothing beside it': [
      ['30000-32767'],
      { ports: [port(29_999), port(32_768), port(32_760, 32_770)] },
      'PortBindings publishes port 29999 of the host',
      'PortBindings publishes port 32768 of the host',
      'PortBindings publishes ports 32760 to 32770 of the host',
    ],
    'takes one port': [['8080'], { ports: [port(8080)] }],
    'takes no two ranges for one': [
      ['1-5', '6-9'],
      { ports: [port(4, 7)] },
      'PortBindings publishes ports 4 to 7 of the host',
    ],
    'takes no port that the Engine picks': [
      ['1-65535'],
      { ports: [port(null)] },
      'PortBindings publishes a port that the Engine picks',
    ],
    'takes a port that the Engine picks by 0': [['0'], { ports: [port(null)] }],
    'takes no other port by 0': [['0'], { ports: [port(80)] }, 'PortBindings publishes port 80 of the host'],
    'takes any address without one': [['80'], { ports: [port(80, 80, '10.0.0.1'), port(80, 80, '::1')] }],
    'takes only the address that is named': [
      ['127.0.0.1:80', '[::1]:80'],
      {
        ports: [
          port(80, 80, '127.0.0.1'),
          port(80, 80, '::1'),
          port(80),
          port(80, 80, '0.0.0.0'),
          port(80, 80, '127.0.0.2'),
        ],
      },
      'PortBindings publishes port 80 of the host',
      'PortBindings publishes port 80 of the host on "0.0.0.0"',
      'PortBindings publishes port 80 of the host on "127.0.0.2"',
    ],
    'takes an address in any case': [
      ['[FE80::1]:80'],
      { ports: [port(80, 80, 'fe80::1'), port(80, 80, 'Fe80::1')] },
    ],
    'is met without any': [['80'], {}],
  },
  faults: [
    [['a'], no('a')],
    [['90-80'], no('90-80')],
    [['80-'], no('80-')],
    [['65536'], no('65536')],
    [['0-80'], no('0-80')],
    [['::1:80'], no('::1:80')],
    [['localhost:80'], no('localhost:80')],
    [['80', ''], no('')],
  ],
});
