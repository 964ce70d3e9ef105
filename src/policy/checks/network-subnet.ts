import { type Check, defineCheck } from './check.ts';
import { listed } from './words.ts';

/** The Engine routes it to the new bridge, for the host too: what lives there is cut off, or played. */
export const networkSubnet: Check = defineCheck(
  {
    id: 'network-subnet',
    forbids: "the choice of a network's addresses, which may be those of others",
    source: 'ours',
    remedy: 'let the Engine pick them (docker network create without --subnet, --ip-range and --gateway)',
  },
  ({ networks }) =>
    networks
      .filter(({ driver, addresses }) => driver !== null && addresses.length > 0)
      .map(({ addresses }) => ({ field: 'IPAM.Config', asks: `claims the addresses ${listed(addresses)}` })),
);
