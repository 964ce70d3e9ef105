import type { SecurityFacts } from '../../../src/docker/facts/types.ts';
import { selinux } from '../../../src/policy/checks/selinux.ts';
import { describeCheck, security } from './support.ts';

const field = 'HostConfig.SecurityOpt[0]';
const remedy = 'leave it out (docker run without --security-opt label=...)';
const labels = (said: Partial<NonNullable<SecurityFacts['selinux']>>) =>
  security({ selinux: { field, disabled: false, ...said } });

describeCheck(selinux, 'selinux', {
  refuses: [
    ['SELinux turned off', labels({ disabled: true }), [{ field, asks: 'turns SELinux off', remedy }]],
    ['another type', labels({ type: 'spc_t' }), [{ field, asks: 'sets the SELinux type "spc_t"', remedy }]],
    ['a user', labels({ user: 'root' }), [{ field, asks: 'sets the SELinux user "root"', remedy }]],
    ['a role', labels({ role: 'sysadm_r' }), [{ field, asks: 'sets the SELinux role "sysadm_r"', remedy }]],
    [
      'all of them, each on its own',
      labels({ disabled: true, type: 'x', user: 'y', role: 'z' }),
      [
        { field, asks: 'turns SELinux off', remedy },
        { field, asks: 'sets the SELinux type "x"', remedy },
        { field, asks: 'sets the SELinux user "y"', remedy },
        { field, asks: 'sets the SELinux role "z"', remedy },
      ],
    ],
  ],
  accepts: [
    ...['', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t'].map(
      (type) => [`the type "${type}"`, labels({ type })] as const,
    ),
    ['a level', labels({ level: 's0:c1,c2' })],
    ['an empty user and role', labels({ user: '', role: '' })],
  ],
});
