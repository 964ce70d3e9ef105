import { noNewPrivileges } from '../../../src/policy/checks/no-new-privileges.ts';
import { describeCheck, security } from './support.ts';

const field = 'HostConfig.SecurityOpt[0]';
const remedy = 'turn it on (docker run --security-opt no-new-privileges)';
const asks = 'does not keep the container from gaining privileges';

describeCheck(noNewPrivileges, 'no-new-privileges', {
  refuses: [
    [
      'a container that says nothing',
      { runs: 'container' },
      [{ field: 'HostConfig.SecurityOpt', asks, remedy }],
    ],
    [
      'a container that turns it off',
      { runs: 'container', ...security({ noNewPrivileges: { field, value: false } }) },
      [{ field, asks, remedy }],
    ],
    [
      'a service that says nothing',
      { runs: 'service' },
      [
        {
          field: 'TaskTemplate.ContainerSpec.Privileges.NoNewPrivileges',
          asks: 'does not keep the service from gaining privileges',
          remedy,
        },
      ],
    ],
  ],
  accepts: [
    [
      'a container that turns it on',
      { runs: 'container', ...security({ noNewPrivileges: { field, value: true } }) },
    ],
    [
      'a service that turns it on',
      { runs: 'service', ...security({ noNewPrivileges: { field, value: true } }) },
    ],
    ["an exec, which has its container's", { runs: 'exec' }],
    ['a build, which has no say', { runs: 'build' }],
  ],
});
