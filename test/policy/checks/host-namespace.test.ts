import type { Namespace } from '../../../src/docker/facts/types.ts';
import { hostNamespace } from '../../../src/policy/checks/host-namespace.ts';
import { describeCheck } from './support.ts';

const FLAGS: readonly (readonly [Namespace, string])[] = [
  ['network', '--network'],
  ['pid', '--pid'],
  ['ipc', '--ipc'],
  ['uts', '--uts'],
  ['user', '--userns'],
  ['cgroup', '--cgroupns'],
];

describeCheck(hostNamespace, 'host-namespace', {
  refuses: [
    ...FLAGS.map(
      ([namespace, flag]) =>
        [
          `the host's ${namespace} namespace`,
          { runs: 'container', hostNamespaces: [{ field: 'HostConfig', namespace }] },
          [
            {
              field: 'HostConfig',
              asks: `joins the ${namespace} namespace of the host`,
              remedy: `leave it out (docker run without ${flag}=host)`,
            },
          ],
        ] as const,
    ),
    [
      "a build on the host's network",
      { runs: 'build', hostNamespaces: [{ field: 'query networkmode', namespace: 'network' }] },
      [
        {
          field: 'query networkmode',
          asks: 'joins the network namespace of the host',
          remedy: 'leave it out (docker build without --network=host)',
        },
      ],
    ],
    [
      'two of them, each on its own',
      {
        runs: 'service',
        hostNamespaces: [
          { field: 'A', namespace: 'network' },
          { field: 'B', namespace: 'pid' },
        ],
      },
      [
        {
          field: 'A',
          asks: 'joins the network namespace of the host',
          remedy: 'leave it out (docker service create without --network=host)',
        },
        {
          field: 'B',
          asks: 'joins the pid namespace of the host',
          remedy: 'leave it out (docker service create without --pid=host)',
        },
      ],
    ],
  ],
  accepts: [
    [
      "another container's namespace, which is another check's",
      { joinedContainers: [{ field: 'HostConfig.PidMode', container: 'web', namespace: 'pid' }] },
    ],
  ],
});
