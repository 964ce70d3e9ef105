import { containerNamespace } from '../../../src/policy/checks/container-namespace.ts';
import { describeCheck } from './support.ts';

describeCheck(containerNamespace, 'container-namespace', {
  refuses: [
    [
      "another container's network and pid namespaces",
      {
        runs: 'container',
        joinedContainers: [
          { field: 'HostConfig.NetworkMode', container: 'bobc', namespace: 'network' },
          { field: 'HostConfig.Links[0]', container: 'db', namespace: 'link' },
          { field: 'HostConfig.PidMode', container: 'b"c', namespace: 'pid' },
        ],
      },
      [
        {
          field: 'HostConfig.NetworkMode',
          asks: 'joins the network namespace of the container "bobc"',
          remedy: 'leave it out (docker run without --network=container:...)',
        },
        {
          field: 'HostConfig.PidMode',
          asks: 'joins the pid namespace of the container "b\\"c"',
          remedy: 'leave it out (docker run without --pid=container:...)',
        },
      ],
    ],
    [
      "a build in another container's network",
      {
        runs: 'build',
        joinedContainers: [{ field: 'query networkmode', container: 'bobc', namespace: 'network' }],
      },
      [
        {
          field: 'query networkmode',
          asks: 'joins the network namespace of the container "bobc"',
          remedy: 'leave it out (docker build without --network=container:...)',
        },
      ],
    ],
  ],
  accepts: [
    [
      "a link, which is another check's",
      { joinedContainers: [{ field: 'HostConfig.Links[0]', container: 'db', namespace: 'link' }] },
    ],
  ],
});
