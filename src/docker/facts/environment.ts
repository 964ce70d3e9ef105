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
  const pairs = env.map((each, index) => {
    const [name = '', ...value] = each.split('=');
    return { name, value: value.join('='), field: indexed(field, index) };
  });
  return {
    environment: pairs.map(({ name }) => name),
    devices: pairs
      // Empty and "void" switch the runtime's doing off.
      .filter(({ name, value }) => DEVICES.test(name) && value !== '' && value !== 'void')
      .map(({ name, field }) => ({ field, kind: 'request', value: name })),
  };
}
