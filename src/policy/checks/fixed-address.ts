import { type Check, defineCheck } from './check.ts';
import { listed } from './words.ts';

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
      .filter(({ addresses }) => addresses.length > 0)
      .map(({ field, addresses }) => ({ field, asks: `claims the address ${listed(addresses)}` })),
);
