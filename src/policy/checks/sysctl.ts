import { quoted } from '../../docker/text.ts';
import { type Check, defineCheck } from './check.ts';

/** As the Engine is told them: with dots, and in this case. */
const SAFE: ReadonlySet<string> = new Set([
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
]);

export const sysctl: Check = defineCheck(
  {
    id: 'sysctl',
    forbids: 'kernel parameters beyond the safe ones',
    source: 'PSS baseline: Sysctls',
    remedy:
      'leave it out (docker run without --sysctl); kernel.shm_rmid_forced, port ranges and TCP timers of net.ipv4 are accepted',
  },
  ({ sysctls }) =>
    sysctls
      .filter(({ name }) => !SAFE.has(name))
      .map(({ field, name }) => ({ field, asks: `sets the kernel parameter ${quoted(name)}` })),
);
