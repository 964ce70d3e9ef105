import { sysctl } from '../../../src/policy/checks/sysctl.ts';
import { describeCheck } from './support.ts';

const field = 'HostConfig.Sysctls';
const set = (name: string) => ({ sysctls: [{ field, name, value: '1' }] });

describeCheck(sysctl, 'sysctl', {
  refuses: [
    'kernel.core_pattern',
    'net.ipv4.ip_forward',
    'net/ipv4/tcp_syncookies',
    'NET.ipv4.tcp_rmem',
    '',
  ].map(
    (name) =>
      [
        `the parameter "${name}"`,
        set(name),
        [
          {
            field,
            asks: `sets the kernel parameter "${name}"`,
            remedy:
              'leave it out (docker run without --sysctl); kernel.shm_rmid_forced, port ranges and TCP timers of net.ipv4 are accepted',
          },
        ],
      ] as const,
  ),
  accepts: [
    'kernel.shm_rmid_forced',
    'net.ipv4.ip_local_port_range',
    'net.ipv4.ip_local_reserved_ports',
    'net.ipv4.ip_unprivileged_port_start',
    'net.ipv4.ping_group_range',
    'net.ipv4.tcp_fin_timeout',
    'net.ipv4.tcp_keepalive_intvl',
    'net.ipv4.tcp_keepalive_probes',
    'net.ipv4.tcp_keepalive_time',
    'net.ipv4.tcp_notsent_lowat',
    'net.ipv4.tcp_rmem',
    'net.ipv4.tcp_slow_start_after_idle',
    'net.ipv4.tcp_syncookies',
    'net.ipv4.tcp_wmem',
  ].map((name) => [`the parameter ${name}`, set(name)] as const),
});
