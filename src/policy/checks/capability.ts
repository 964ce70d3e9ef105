import { quoted } from '../../docker/text.ts';
import { type Check, defineCheck } from './check.ts';

export const BASELINE_CAPABILITIES: readonly string[] = [
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
];

export const capability: Check = defineCheck(
  {
    id: 'capability',
    forbids: 'capabilities that reach beyond the container',
    source: 'PSS baseline: Capabilities',
    remedy: `leave it out (docker run without --cap-add), or add one of ${BASELINE_CAPABILITIES.join(', ')}`,
  },
  ({ capabilities }) =>
    capabilities.added
      .filter(({ name }) => !BASELINE_CAPABILITIES.includes(name))
      .map(({ field, name }) => ({ field, asks: `adds the capability ${quoted(name)}` })),
);
