import type { HostConfig } from '../../body/models/host-config.ts';
import { indexed, keyed } from '../field.ts';
import type { Facts, PortFact } from '../types.ts';

/** What is published is all that counts: `ExposedPorts` alone opens nothing. */
export function ports(hostConfig: Pick<HostConfig, 'PortBindings' | 'PublishAllPorts'>): Partial<Facts> {
  const { PortBindings = {}, PublishAllPorts = false } = hostConfig;
  const bound = Object.entries(PortBindings).flatMap(([port, bindings]) =>
    bindings.map(
      (binding, index): PortFact => ({
        field: indexed(keyed('HostConfig.PortBindings', port), index),
        container: containerPort(port),
        host: hostPorts(binding.HostPort ?? ''),
        address: binding.HostIp ?? '',
      }),
    ),
  );
  const all: PortFact = { field: 'HostConfig.PublishAllPorts', container: '*', host: null, address: '' };
  return { ports: PublishAllPorts ? [...bound, all] : bound };
}

/** `80`, `80/`, `80/TCP` are `80/tcp` (docker/go-connections, nat.SplitProtoPort). */
function containerPort(text: string): string {
  const [port = '', protocol = ''] = text.split('/');
  return `${port}/${protocol === '' ? 'tcp' : protocol.toLowerCase()}`;
}

/**
 * A port or a range, with or without a protocol (docker/go-connections, nat.ParsePortRange).
 *
 * @returns null where the Engine picks one; every port where it would refuse
 */
export function hostPorts(text: string): PortFact['host'] {
  const [port = ''] = text.split('/');
  const [start = '', end = start] = port.split('-');
  if (port === '') return null;
  const first = portNumber(start);
  const last = portNumber(end);
  if (first === null || last === null || last < first) return { first: 0, last: 65_535 };
  return last === 0 ? null : { first, last };
}

function portNumber(text: string): number | null {
  if (!/^[0-9]{1,20}$/.test(text)) return null;
  const number = Number(text);
  return number <= 65_535 ? number : null;
}
