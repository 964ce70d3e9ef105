import type { Facts } from '../../docker/facts/types.ts';
import { type Check, defineCheck } from './check.ts';
import { runner } from './words.ts';

/** Where it would be said; an exec has it from its container, and a build has no say (unconfined-build). */
const FIELDS = new Map<Facts['runs'], string>([
  ['container', 'HostConfig.SecurityOpt'],
  ['service', 'TaskTemplate.ContainerSpec.Privileges.NoNewPrivileges'],
]);

export const noNewPrivileges: Check = defineCheck(
  {
    id: 'no-new-privileges',
    forbids: 'containers whose processes can gain privileges (setuid)',
    source: 'PSS restricted: Privilege Escalation',
    remedy: 'turn it on (docker run --security-opt no-new-privileges)',
  },
  ({ runs, security: { noNewPrivileges } }) => {
    const field = FIELDS.get(runs);
    if (field === undefined || noNewPrivileges?.value === true) return [];
    return [
      {
        field: noNewPrivileges?.field ?? field,
        asks: `does not keep ${runner(runs)} from gaining privileges`,
      },
    ];
  },
);
