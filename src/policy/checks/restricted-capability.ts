import { quoted } from '../../docker/text.ts';
import { type Check, defineCheck } from './check.ts';

export const restrictedCapability: Check = defineCheck(
  {
    id: 'restricted-capability',
    forbids: 'capabilities other than NET_BIND_SERVICE',
    source: 'PSS restricted: Capabilities',
    remedy: 'add NET_BIND_SERVICE or none (docker run --cap-add NET_BIND_SERVICE)',
  },
  ({ capabilities }) =>
    capabilities.added
      .filter(({ name }) => name !== 'NET_BIND_SERVICE')
      .map(({ field, name }) => ({ field, asks: `adds back the capability ${quoted(name)}` })),
);
