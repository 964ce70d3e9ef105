import { containerLink } from '../../../src/policy/checks/container-link.ts';
import { describeCheck } from './support.ts';

describeCheck(containerLink, 'container-link', {
  refuses: [
    [
      'a link',
      { joinedContainers: [{ field: 'HostConfig.Links[0]', container: 'db', namespace: 'link' }] },
      [
        {
          field: 'HostConfig.Links[0]',
          asks: 'links to the container "db"',
          remedy: 'put both on one network (docker run --network NAME, without --link)',
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
