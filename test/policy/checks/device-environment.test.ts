import { deviceEnvironment } from '../../../src/policy/checks/device-environment.ts';
import { describeCheck } from './support.ts';

const NAMES = [
  ...['NVIDIA_VISIBLE_DEVICES', 'NVIDIA_MIG_CONFIG_DEVICES', 'NVIDIA_MIG_MONITOR_DEVICES'],
  ...['NVIDIA_IMEX_CHANNELS', 'NVIDIA_DRIVER_CAPABILITIES'],
  ...['AMD_VISIBLE_DEVICES', 'HABANA_VISIBLE_DEVICES', 'ASCEND_VISIBLE_DEVICES'],
];
const found = (name: string, field: string) => ({
  field,
  asks: `sets ${name}, by which a runtime hands over devices of the host`,
  remedy: 'leave the variable out (docker run without --env)',
});

describeCheck(deviceEnvironment, 'device-environment', {
  refuses: [
    ...NAMES.map(
      (name) => [name, { runs: 'container', environment: ['PATH', name] }, [found(name, 'Env')]] as const,
    ),
    ...(
      [
        ['exec', 'Env'],
        ['service', 'TaskTemplate.ContainerSpec.Env'],
        ['build', 'query buildargs'],
        [null, 'Env'],
      ] as const
    ).map(
      ([runs, field]) =>
        [
          `the variable where the request runs ${runs ?? 'nothing'}`,
          { runs, environment: ['AMD_VISIBLE_DEVICES'] },
          [found('AMD_VISIBLE_DEVICES', field)],
        ] as const,
    ),
  ],
  accepts: [
    ['a variable that only takes away', { environment: ['CUDA_VISIBLE_DEVICES'] }],
    ['the name in another case', { environment: ['nvidia_visible_devices'] }],
  ],
});
