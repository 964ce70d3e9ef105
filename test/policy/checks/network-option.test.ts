import { networkOption } from '../../../src/policy/checks/network-option.ts';
import { describeCheck, network } from './support.ts';

const HARMLESS = [
  'com.docker.network.bridge.enable_icc',
  'com.docker.network.bridge.enable_ip_masquerade',
  'com.docker.network.driver.mtu',
  'encrypted',
];
const remedy = `leave them out (docker network create without --opt), or use ${HARMLESS.join(', ')}`;

describeCheck(networkOption, 'network-option', {
  refuses: ['parent', 'com.docker.network.bridge.name', 'com.docker.network.bridge.gateway_mode_ipv4'].map(
    (option) =>
      [
        `the option ${option} among harmless ones`,
        {
          networks: [
            network({
              field: 'Options',
              driver: 'bridge',
              options: ['com.docker.network.driver.mtu', option],
            }),
          ],
        },
        [{ field: 'Options', asks: `gives the network driver options ("${option}")`, remedy }],
      ] as const,
  ),
  accepts: [
    ['a network without options', { networks: [network({ driver: 'bridge' })] }],
    ...HARMLESS.map(
      (option) =>
        [`the option ${option}`, { networks: [network({ driver: 'bridge', options: [option] })] }] as const,
    ),
    [
      "options where a network is joined, which are another check's",
      { networks: [network({ options: ['parent'] })] },
    ],
  ],
});
