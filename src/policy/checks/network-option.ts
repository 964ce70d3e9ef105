import { type Check, defineCheck } from './check.ts';
import { listed } from './words.ts';

/** What shapes only the network itself. Not here: a bridge's name (another's interface), gateway modes, `parent`. */
const HARMLESS: ReadonlySet<string> = new Set([
  'com.docker.network.bridge.enable_icc',
  'com.docker.network.bridge.enable_ip_masquerade',
  'com.docker.network.driver.mtu',
  'encrypted',
]);

export const networkOption: Check = defineCheck(
  {
    id: 'network-option',
    forbids: "options of a network that reach the host's interfaces or open its ports",
    source: 'ours',
    remedy: `leave them out (docker network create without --opt), or use ${[...HARMLESS].join(', ')}`,
  },
  ({ networks }) =>
    networks
      .filter(({ driver }) => driver !== null)
      .map(({ options }) => options.filter((option) => !HARMLESS.has(option)))
      .filter((others) => others.length > 0)
      .map((others) => ({ field: 'Options', asks: `gives the network driver options (${listed(others)})` })),
);
