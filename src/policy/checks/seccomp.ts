import { type Check, defineCheck } from './check.ts';

/**
 * PSS restricted wants the default to be said. On Docker the absence is that default, so that this check says all
 * of Seccomp for both profiles.
 */
export const seccomp: Check = defineCheck(
  {
    id: 'seccomp',
    forbids: "seccomp profiles other than the Engine's own",
    source: 'PSS baseline and restricted: Seccomp',
    remedy:
      "leave it out, the Engine's own profile holds then (docker run without --security-opt seccomp=...)",
  },
  ({ security: { seccomp } }) =>
    seccomp === undefined || seccomp.profile === 'builtin'
      ? []
      : [
          {
            field: seccomp.field,
            asks:
              seccomp.profile === 'unconfined'
                ? 'turns the seccomp filter off'
                : 'brings a seccomp profile of its own',
          },
        ],
);
