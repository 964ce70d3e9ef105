import { networkDriver } from '../../../src/policy/checks/network-driver.ts';
import { describeCheck, network } from './support.ts';

const remedy = 'make a bridge or overlay network (docker network create --driver bridge NAME)';

describeCheck(networkDriver, 'network-driver', {
  refuses: ['macvlan', 'ipvlan', 'host', 'null', 'some/plugin', 'Bridge'].map(
    (driver) =>
      [
        `the driver ${driver}`,
        { networks: [network({ field: 'Name', driver })] },
        [{ field: 'Driver', asks: `makes a network with the driver "${driver}"`, remedy }],
      ] as const,
  ),
  accepts: [
    ...['', 'bridge', 'overlay'].map(
      (driver) => [`the driver "${driver}"`, { networks: [network({ driver })] }] as const,
    ),
    ['a network that is joined', { networks: [network({ name: 'macvlan' })] }],
  ],
});
