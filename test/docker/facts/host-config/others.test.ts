import { describe, expect, it } from 'vitest';
import { askHost } from '../ask.ts';

describe('the rest of HostConfig', () => {
  it('E001: Privileged', () => {
    expect(askHost({ Privileged: true }).privileged).toEqual([{ field: 'HostConfig.Privileged' }]);
    expect(askHost({ Privileged: false }).privileged).toEqual([]);
  });

  it('E037: Runtime', () => {
    expect(askHost({ Runtime: 'io.containerd.kata.v2' }).runtime).toEqual({
      field: 'HostConfig.Runtime',
      name: 'io.containerd.kata.v2',
    });
    expect(askHost({ Runtime: '' }).runtime).toBeNull();
  });

  it('CgroupParent', () => {
    expect(askHost({ CgroupParent: '/' }).cgroupParent).toEqual({
      field: 'HostConfig.CgroupParent',
      path: '/',
    });
    expect(askHost({ CgroupParent: '' }).cgroupParent).toBeNull();
  });

  it.each([
    ['kernel.core_pattern', 'kernel.core_pattern'],
    ['kernel/core_pattern', 'kernel.core_pattern'],
    ['net/ipv4/conf/eth0.100/forwarding', 'net.ipv4.conf.eth0/100.forwarding'],
    ['net.ipv4.conf.eth0/100.forwarding', 'net.ipv4.conf.eth0/100.forwarding'],
    ['x', 'x'],
  ])('E039: Sysctls %s is %s', (name, told) => {
    expect(askHost({ Sysctls: { [name]: '|/x' } }).sysctls).toEqual([
      { field: `HostConfig.Sysctls["${name}"]`, name: told, value: '|/x' },
    ]);
  });

  it('E043: ExtraHosts in both spellings', () => {
    const field = (index: number) => `HostConfig.ExtraHosts[${index}]`;
    const ExtraHosts = ['x:host-gateway', 'y:fd00::1', 'z=10.0.0.1', 'w'];
    expect(askHost({ ExtraHosts }).names.extraHosts).toEqual([
      { field: field(0), name: 'x', address: 'host-gateway' },
      { field: field(1), name: 'y', address: 'fd00::1' },
      { field: field(2), name: 'z', address: '10.0.0.1' },
      { field: field(3), name: 'w', address: '' },
    ]);
  });

  it('ExtraHosts with both separators in both readings', () => {
    expect(askHost({ ExtraHosts: ['a=1:2::3'] }).names.extraHosts).toMatchObject([
      { name: 'a=1', address: '2::3' },
      { name: 'a', address: '1:2::3' },
    ]);
  });

  it('E043: Dns', () => {
    expect(askHost({ Dns: ['10.0.0.1'] }).names.dns).toEqual([
      { field: 'HostConfig.Dns[0]', address: '10.0.0.1' },
    ]);
  });

  it.each(['always', 'unless-stopped', 'on-failure', 'Always'])('E047: RestartPolicy %s', (Name) => {
    expect(askHost({ RestartPolicy: { Name } }).restart).toEqual({
      field: 'HostConfig.RestartPolicy.Name',
      policy: Name,
    });
  });

  it.each([{ Name: 'no' }, { Name: '' }, {}])('RestartPolicy %j is none', (RestartPolicy) => {
    expect(askHost({ RestartPolicy }).restart).toBeNull();
  });

  it('E049: GroupAdd', () => {
    expect(askHost({ GroupAdd: ['docker', '0'] }).groups).toEqual([
      { field: 'HostConfig.GroupAdd[0]', name: 'docker' },
      { field: 'HostConfig.GroupAdd[1]', name: '0' },
    ]);
  });

  it('OomScoreAdj, unless it is 0', () => {
    expect(askHost({ OomScoreAdj: -1000 }).oomScoreAdj).toEqual({
      field: 'HostConfig.OomScoreAdj',
      value: -1000n,
    });
    expect(askHost({ OomScoreAdj: 0 }).oomScoreAdj).toBeNull();
  });

  it('Annotations and StorageOpt, by name', () => {
    expect(askHost({ Annotations: { 'run.oci.x': 'y' }, StorageOpt: { size: '1T' } }, 43)).toMatchObject({
      annotations: [{ field: 'HostConfig.Annotations["run.oci.x"]', name: 'run.oci.x' }],
      storageOptions: [{ field: 'HostConfig.StorageOpt["size"]', name: 'size' }],
    });
  });
});
