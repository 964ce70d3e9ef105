import { device } from '../../../src/policy/checks/device.ts';
import { describeCheck } from './support.ts';

const remedy = 'leave it out (docker run without --device, --device-cgroup-rule and --gpus)';
const limited = 'leave it out (docker run without --device-read-bps, --blkio-weight-device and the like)';

describeCheck(device, 'device', {
  refuses: [
    [
      'a device, a rule and a request, each for its field',
      {
        devices: [
          { field: 'HostConfig.Devices[0]', kind: 'device', value: '/dev/sda' },
          { field: 'HostConfig.DeviceCgroupRules[0]', kind: 'cgroup-rule', value: 'a *:* rwm' },
          { field: 'HostConfig.DeviceRequests[0]', kind: 'request', value: 'gpu' },
        ],
        hostPaths: [
          { field: 'HostConfig.Devices[0]', path: '/dev/sda', mode: 'rw', via: 'device' },
          { field: 'HostConfig.BlkioDeviceReadBps[0]', path: '/dev/sdb', mode: 'ro', via: 'device' },
        ],
      },
      [
        { field: 'HostConfig.Devices[0]', asks: 'hands over the device "/dev/sda"', remedy },
        { field: 'HostConfig.DeviceCgroupRules[0]', asks: 'allows devices by the rule "a *:* rwm"', remedy },
        { field: 'HostConfig.DeviceRequests[0]', asks: 'asks for devices through "gpu"', remedy },
        {
          field: 'HostConfig.BlkioDeviceReadBps[0]',
          asks: 'names the device "/dev/sdb" of the host',
          remedy: limited,
        },
      ],
    ],
    [
      "a device's path of which nothing else tells",
      {
        hostPaths: [
          { field: 'HostConfig.Binds[0]', path: '/b', mode: 'rw', via: 'bind' },
          { field: 'HostConfig.Devices[0]', path: '/dev/sda', mode: 'rw', via: 'device' },
        ],
      },
      [{ field: 'HostConfig.Devices[0]', asks: 'names the device "/dev/sda" of the host', remedy: limited }],
    ],
  ],
  accepts: [
    [
      "a bind, which is another check's",
      { hostPaths: [{ field: 'HostConfig.Binds[0]', path: '/dev', mode: 'rw', via: 'bind' }] },
    ],
  ],
});
