import { type Check, defineCheck } from './check.ts';
import { listed } from './words.ts';

/** Where a network is joined; the addresses of one that is made are network-subnet's. */
export const fixedAddress: Check = defineCheck(
  {
    id: 'fixed-address',
    forbids: 'fixed IP and MAC addresses, which may be those of another',
    source: 'ours',
    remedy:
      'let the Engine pick the address (docker run without --ip, --ip6, --link-local-ip and --mac-address)',
  },
  ({ networks }) =>
    networks
      .filter(({ driver, addresses }) => driver === null && addresses.length > 0)
      .map(({ field, addresses }) => ({ field, asks: `claims the address ${listed(addresses)}` })),
);
