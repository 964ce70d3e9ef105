import { type Check, defineCheck, type Offence } from './check.ts';

/** Any list, a longer one too: what the Engine's own holds differs between its versions. */
export const procMount: Check = defineCheck(
  {
    id: 'proc-mount',
    forbids: "other masked and read-only paths of /proc and /sys than the Engine's",
    source: 'PSS baseline: /proc Mount Type',
    remedy: 'leave it out (docker run without --security-opt systempaths=unconfined)',
  },
  ({ security: { maskedPaths, readonlyPaths } }) => {
    const offences: Offence[] = [];
    if (maskedPaths)
      offences.push({ field: maskedPaths.field, asks: 'changes which paths of /proc and /sys are masked' });
    if (readonlyPaths)
      offences.push({
        field: readonlyPaths.field,
        asks: 'changes which paths of /proc and /sys are read-only',
      });
    return offences;
  },
);
