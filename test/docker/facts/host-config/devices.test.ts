import { describe, expect, it } from 'vitest';
import { askContainer, askHost } from '../ask.ts';

describe('devices', () => {
  it('are paths of the host, cleaned', () => {
    expect(
      askHost({ Devices: [{ PathOnHost: '//dev/../dev/sda', CgroupPermissions: 'rwm' }] }),
    ).toMatchObject({
      devices: [{ field: 'HostConfig.Devices[0]', kind: 'device', value: '/dev/sda' }],
      hostPaths: [{ field: 'HostConfig.Devices[0]', path: '/dev/sda', mode: 'rw', via: 'device' }],
    });
  });

  it.each([
    ['r', 'ro'],
    ['rm', 'ro'],
    ['m', 'ro'],
    ['w', 'rw'],
    ['rwm', 'rw'],
    ['', 'rw'],
    ['x', 'rw'],
    ['rx', 'rw'],
    ['xr', 'rw'],
  ])('with permissions %j are %s', (CgroupPermissions, mode) => {
    expect(askHost({ Devices: [{ PathOnHost: '/dev/sda', CgroupPermissions }] }).hostPaths).toMatchObject([
      { mode },
    ]);
  });

  it('whose path is not absolute may be any', () => {
    expect(askHost({ Devices: [{ PathOnHost: 'vendor.com/class=name' }, {}] })).toMatchObject({
      devices: [{ value: 'vendor.com/class=name' }, { value: '' }],
      hostPaths: [{ path: null }, { path: null }],
    });
  });

  it('E035: are allowed by rules', () => {
    expect(askHost({ DeviceCgroupRules: ['a *:* rwm'] }).devices).toEqual([
      { field: 'HostConfig.DeviceCgroupRules[0]', kind: 'cgroup-rule', value: 'a *:* rwm' },
    ]);
  });

  it.each([
    [{ Driver: 'nvidia', Count: -1 }, 'nvidia'],
    [{ Capabilities: [['gpu', 'nvidia'], ['x']] }, 'gpu nvidia x'],
    [{ Driver: 'cdi', DeviceIDs: ['vendor.com/gpu=0'] }, 'cdi vendor.com/gpu=0'],
    [{}, ''],
  ])('are asked for: %j', (request, value) => {
    expect(askHost({ DeviceRequests: [request] }).devices).toEqual([
      { field: 'HostConfig.DeviceRequests[0]', kind: 'request', value },
    ]);
  });

  it.each([
    'BlkioWeightDevice',
    'BlkioDeviceReadBps',
    'BlkioDeviceWriteBps',
    'BlkioDeviceReadIOps',
    'BlkioDeviceWriteIOps',
  ])('named in %s are looked up on the host', (name) => {
    expect(askHost({ [name]: [{ Path: '/dev//sda' }, {}] })).toMatchObject({
      devices: [],
      hostPaths: [
        { field: `HostConfig.${name}[0]`, path: '/dev/sda', mode: 'ro', via: 'device' },
        { field: `HostConfig.${name}[1]`, path: null },
      ],
    });
  });

  it.each([
    'NVIDIA_VISIBLE_DEVICES=all',
    'NVIDIA_VISIBLE_DEVICES=none',
    'NVIDIA_VISIBLE_DEVICES=0=1',
    'NVIDIA_VISIBLE_DEVICES=vo=id',
    'NVIDIA_MIG_CONFIG_DEVICES=all',
    'NVIDIA_MIG_MONITOR_DEVICES=all',
    'NVIDIA_IMEX_CHANNELS=0',
    'AMD_VISIBLE_DEVICES=0',
    'HABANA_VISIBLE_DEVICES=0',
    'ASCEND_VISIBLE_DEVICES=0',
    'DOCKER_RESOURCE_GPU=0',
  ])('E055: are asked for by the variable %s', (variable) => {
    const [value] = variable.split('=');
    expect(askContainer({ Env: ['A=b', variable] }).devices).toEqual([
      { field: 'Env[1]', kind: 'request', value },
    ]);
  });

  it.each([
    'NVIDIA_VISIBLE_DEVICES=',
    'NVIDIA_VISIBLE_DEVICES',
    'NVIDIA_VISIBLE_DEVICES=void',
    'nvidia_visible_devices=all',
    'XNVIDIA_VISIBLE_DEVICES=all',
    'NVIDIA_VISIBLE_DEVICES_=all',
    'CUDA_VISIBLE_DEVICES=0',
  ])('are not asked for by %s', (variable) => {
    expect(askContainer({ Env: [variable] }).devices).toEqual([]);
  });
});
