import { runAsNonRoot } from '../../../src/policy/checks/run-as-non-root.ts';
import { describeCheck } from './support.ts';

const user = (value: string, root: boolean | null) => ({ user: { field: 'User', value, root } });
const remedy = 'name a uid that is not 0 (docker run --user 1000)';

describeCheck(runAsNonRoot, 'run-as-non-root', {
  refuses: [
    [
      'a container that says nothing',
      { runs: 'container' },
      [
        {
          field: 'User',
          asks: 'does not say who the container runs as, and the user of the image is not known here',
          remedy,
        },
      ],
    ],
    [
      'a container that says an empty user',
      { runs: 'container', ...user('', null) },
      [
        {
          field: 'User',
          asks: 'does not say who the container runs as, and the user of the image is not known here',
          remedy,
        },
      ],
    ],
    [
      'an exec that says nothing',
      { runs: 'exec' },
      [
        {
          field: 'User',
          asks: 'does not say who the command runs as, and the user of the container is not known here',
          remedy: 'name a uid that is not 0 (docker exec --user 1000)',
        },
      ],
    ],
    [
      'a service that says nothing',
      { runs: 'service' },
      [
        {
          field: 'TaskTemplate.ContainerSpec.User',
          asks: 'does not say who the service runs as, and the user of the image is not known here',
          remedy: 'name a uid that is not 0 (docker service create --user 1000)',
        },
      ],
    ],
    [
      'root',
      { runs: 'container', ...user('0:0', true) },
      [{ field: 'User', asks: 'runs the container as root ("0:0")', remedy }],
    ],
    [
      'a name that only the image knows',
      { runs: 'container', ...user('app', null) },
      [
        {
          field: 'User',
          asks: 'runs the container as "app", and only the image knows whether that is root',
          remedy,
        },
      ],
    ],
  ],
  accepts: [
    ...(['container', 'exec', 'service'] as const).map(
      (runs) => [`a uid other than 0 for the ${runs}`, { runs, ...user('1000', false) }] as const,
    ),
    ['a build, which has no say', { runs: 'build' }],
    ['root where nothing is run', user('0', true)],
  ],
});
