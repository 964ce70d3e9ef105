import { privileged } from '../../../src/policy/checks/privileged.ts';
import { describeCheck } from './support.ts';

const field = 'HostConfig.Privileged';

describeCheck(privileged, 'privileged', {
  refuses: [
    [
      'a privileged container',
      { runs: 'container', privileged: [{ field }] },
      [
        {
          field,
          asks: 'gives the container full access to the host',
          remedy: 'leave Privileged out (docker run without --privileged)',
        },
      ],
    ],
    [
      'a privileged exec',
      { runs: 'exec', privileged: [{ field: 'Privileged' }] },
      [
        {
          field: 'Privileged',
          asks: 'gives the command full access to the host',
          remedy: 'leave Privileged out (docker exec without --privileged)',
        },
      ],
    ],
    ...(
      [
        ['build', 'the build', 'docker build'],
        ['service', 'the service', 'docker service create'],
        [null, 'the container', 'docker run'],
      ] as const
    ).map(
      ([runs, who, command]) =>
        [
          `full access where the request runs ${runs ?? 'nothing'}`,
          { runs, privileged: [{ field }] },
          [
            {
              field,
              asks: `gives ${who} full access to the host`,
              remedy: `leave Privileged out (${command} without --privileged)`,
            },
          ],
        ] as const,
    ),
  ],
  accepts: [['a container that is not', { runs: 'container' }]],
});
