import { quoted } from '../../docker/text.ts';
import { type Check, defineCheck } from './check.ts';

/**
 * PSS lets any profile of the host be named. We do not: distributions load profiles that confine nothing (Ubuntu's
 * `flags=(unconfined)` for runc, crun and others), and the Engine takes any that is loaded.
 */
export const apparmor: Check = defineCheck(
  {
    id: 'apparmor',
    forbids: 'AppArmor profiles other than `docker-default`',
    source: 'PSS baseline: AppArmor, and stricter',
    remedy: 'leave it out, docker-default holds then (docker run without --security-opt apparmor=...)',
  },
  ({ security: { apparmor } }) =>
    apparmor === undefined || apparmor.profile === 'docker-default'
      ? []
      : [{ field: apparmor.field, asks: `sets the AppArmor profile ${quoted(apparmor.profile)}` }],
);
