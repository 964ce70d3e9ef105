import { quoted } from '../../docker/text.ts';
import { type Check, defineCheck, type Offence } from './check.ts';

const TYPES: ReadonlySet<string> = new Set([
  '',
  'container_t',
  'container_init_t',
  'container_kvm_t',
  'container_engine_t',
]);

/** A level may be set, as PSS has it. */
export const selinux: Check = defineCheck(
  {
    id: 'selinux',
    forbids: "SELinux turned off, its user and role, and types that are not a container's",
    source: 'PSS baseline: SELinux',
    remedy: 'leave it out (docker run without --security-opt label=...)',
  },
  ({ security: { selinux } }) => {
    if (selinux === undefined) return [];
    const { field, disabled, type = '', user = '', role = '' } = selinux;
    const offences: Offence[] = [];
    if (disabled) offences.push({ field, asks: 'turns SELinux off' });
    if (!TYPES.has(type)) offences.push({ field, asks: `sets the SELinux type ${quoted(type)}` });
    if (user !== '') offences.push({ field, asks: `sets the SELinux user ${quoted(user)}` });
    if (role !== '') offences.push({ field, asks: `sets the SELinux role ${quoted(role)}` });
    return offences;
  },
);
