import { type Check, defineCheck } from './check.ts';
import { listed } from './words.ts';

/** Of a network that is joined; those of one that is made are network-option's. */
export const endpointOption: Check = defineCheck(
  {
    id: 'endpoint-option',
    forbids: "driver options for a container's place on a network, sysctls by another door",
    source: 'ours: com.docker.network.endpoint.sysctls',
    remedy: 'leave them out (docker run --network NAME, without driver-opt=...)',
  },
  ({ networks }) =>
    networks
      .filter(({ driver, options }) => driver === null && options.length > 0)
      .map(({ field, options }) => ({
        field,
        asks: `gives the network driver options (${listed(options)})`,
      })),
);
