import type { HostConfig } from '../../body/models/host-config.ts';
import type { Facts } from '../types.ts';

/** What happens when a container has ended; `no` is nothing. @param field the policy's own */
export function restart(field: string, policy: HostConfig['RestartPolicy'] = {}): Partial<Facts> {
  const { Name: name = '' } = policy;
  return name === '' || name === 'no' ? {} : { restart: { field: `${field}.Name`, policy: name } };
}
