import { capability } from '../../../src/policy/checks/capability.ts';
import { describeCheck } from './support.ts';

const ALLOWED = [
  ...['AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE'],
  ...['SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYS_CHROOT'],
];
const added = (name: string) => ({
  capabilities: { added: [{ field: 'HostConfig.CapAdd[0]', name }], dropped: [] },
});

describeCheck(capability, 'capability', {
  refuses: ['SYS_ADMIN', 'ALL', 'NET_RAW', 'NET_ADMIN', 'BPF', 'DAC_READ_SEARCH', ''].map(
    (name) =>
      [
        `adding "${name}"`,
        added(name),
        [
          {
            field: 'HostConfig.CapAdd[0]',
            asks: `adds the capability "${name}"`,
            remedy: `leave it out (docker run without --cap-add), or add one of ${ALLOWED.join(', ')}`,
          },
        ],
      ] as const,
  ),
  accepts: [
    ...ALLOWED.map((name) => [`adding ${name}`, added(name)] as const),
    ['dropping any', { capabilities: { added: [], dropped: ['SYS_ADMIN'] } }],
  ],
});
