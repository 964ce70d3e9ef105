import { quoted } from '../../docker/text.ts';
import { type Check, defineCheck } from './check.ts';

/** Empty is the Engine's default, bridge. */
const DRIVERS: ReadonlySet<string> = new Set(['', 'bridge', 'overlay']);

export const networkDriver: Check = defineCheck(
  {
    id: 'network-driver',
    forbids: "networks that sit on the host's own (macvlan, ipvlan, host) or are a plugin's",
    source: 'ours',
    remedy: 'make a bridge or overlay network (docker network create --driver bridge NAME)',
  },
  ({ networks }) =>
    networks.flatMap(({ driver }) =>
      driver === null || DRIVERS.has(driver)
        ? []
        : { field: 'Driver', asks: `makes a network with the driver ${quoted(driver)}` },
    ),
);
