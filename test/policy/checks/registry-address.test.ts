import { registryAddress } from '../../../src/policy/checks/registry-address.ts';
import { describeCheck } from './support.ts';

const named = (registry: string) => ({ registries: [{ field: 'query fromImage', registry }] });

describeCheck(registryAddress, 'registry-address', {
  refuses: [
    ...[
      '10.0.0.1',
      '169.254.169.254:80',
      '127.1:5000',
      '2130706433',
      '0x7f000001:5000',
      // Go takes an empty port for none.
      '127.0.0.1:',
      'localhost:',
      '[::1]:',
      '127.0.0.0x1',
      '10.0.0.0X1',
    ],
    ...[
      '10.0.0.0xAF',
      '0x',
      '10.0.0.1.',
      '[::1]',
      '[fe80::1]:5000',
      'localhost',
      'LocalHost:5000',
      'a.localhost:1',
    ],
    ...['localhost.:5000', 'some.registry.localhost'],
    // Go's HTTP client makes 127.0.0.1 and localhost of them.
    ...['127。0。0。1:5000', '127.0.0.%ef%bc%91', 'ｌocalhost:5000'],
  ].map(
    (registry) =>
      [
        `the registry ${registry}`,
        named(registry),
        [
          {
            field: 'query fromImage',
            asks: `has the Engine speak with "${registry}"`,
            remedy: 'name the registry by its host name, or ask the operator to except this check',
          },
        ],
      ] as const,
  ),
  accepts: [
    ...[
      'docker.io',
      'registry.example.com:5000',
      'registry:5000',
      '1.example.com',
      '3scale.example',
      '3scale:5000',
    ],
    ...['notlocalhost:5000', 'localhost.example.com', 'x0x1:5000', '10.0.0.1.example', 'a.b1:5000'],
  ].map((registry) => [`the registry ${registry}`, named(registry)] as const),
});
