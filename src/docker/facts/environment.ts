import { indexed } from './field.ts';
import type { Facts } from './types.ts';

/**
 * Variables by which GPU and accelerator runtimes choose what they put into a container (nvidia-container-toolkit,
 * amd-container-runtime, Habana, Ascend): a request for devices without any field for devices.
 */
const DEVICES =
  /^(NVIDIA_VISIBLE_DEVICES|NVIDIA_MIG_(CONFIG|MONITOR)_DEVICES|NVIDIA_IMEX_CHANNELS|(AMD|HABANA|ASCEND)_VISIBLE_DEVICES|DOCKER_RESOURCE_.*)$/;

/** Of a list of `NAME=value`: the names, and the devices that some of them ask for. Values stay out of it. */
export function environment(field: string, env: readonly string[] = []): Partial<Facts> {
  const names: string[] = [];
  const devices: Facts['devices'][number][] = [];
  for (let index = 0; index < env.length; index += 1) {
    const each = env[index] as string;
    const equals = each.indexOf('=');
    const name = equals === -1 ? each : each.slice(0, equals);
    names.push(name);
    if (!DEVICES.test(name)) continue;
    const value = equals === -1 ? '' : each.slice(equals + 1);
    // Empty and "void" switch the runtime's doing off.
    if (value === '' || value === 'void') continue;
    devices.push({ field: indexed(field, index), kind: 'request', value: name });
  }
  return { environment: names, devices };
}
