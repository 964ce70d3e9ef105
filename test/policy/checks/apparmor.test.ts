import { apparmor } from '../../../src/policy/checks/apparmor.ts';
import { describeCheck, security } from './support.ts';

const field = 'HostConfig.SecurityOpt[0]';
const remedy = 'leave it out, docker-default holds then (docker run without --security-opt apparmor=...)';

describeCheck(apparmor, 'apparmor', {
  refuses: ['unconfined', 'runc', 'Docker-Default', ''].map(
    (profile) =>
      [
        `the profile "${profile}"`,
        security({ apparmor: { field, profile } }),
        [{ field, asks: `sets the AppArmor profile "${profile}"`, remedy }],
      ] as const,
  ),
  accepts: [['docker-default', security({ apparmor: { field, profile: 'docker-default' } })]],
});
