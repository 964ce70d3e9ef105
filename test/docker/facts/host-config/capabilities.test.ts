import { describe, expect, it } from 'vitest';
import { askHost } from '../ask.ts';

describe('capabilities', () => {
  it.each([
    ['sys_admin', 'SYS_ADMIN'],
    ['CAP_SYS_ADMIN', 'SYS_ADMIN'],
    ['cap_Sys_Admin', 'SYS_ADMIN'],
    ['\u017fy\u017f_admin', 'SYS_ADMIN'],
    ['\u0131pc_lock', 'IPC_LOCK'],
    ['all', 'ALL'],
    ['ALL', 'ALL'],
    ['CAP_ALL', 'ALL'],
    ['cap_cap_chown', 'CAP_CHOWN'],
    ['net_admin', 'NET_ADMIN'],
    ['no_such', 'NO_SUCH'],
    ['SETﬀCAP', 'SETﬀCAP'],
    [' chown', ' CHOWN'],
    ['', ''],
  ])('E025: %j is added as %s', (text, name) => {
    expect(askHost({ CapAdd: ['chown', text] }).capabilities.added.at(1)).toEqual({
      field: 'HostConfig.CapAdd[1]',
      name,
    });
  });

  it('A017: one that is no array is added too', () => {
    expect(askHost({ CapAdd: 'SYS_ADMIN' }).capabilities.added).toMatchObject([{ name: 'SYS_ADMIN' }]);
  });

  it('are dropped in the same words, but CAP_ALL drops nothing', () => {
    const CapDrop = ['all', 'cap_net_raw', 'cap_all', 'CAP_ALL'];
    expect(askHost({ CapDrop }).capabilities).toEqual({
      added: [],
      dropped: ['ALL', 'NET_RAW', 'CAP_ALL', 'CAP_ALL'],
    });
  });

  it('of the field Capabilities, which one Engine had, count as added', () => {
    expect(askHost({ CapAdd: ['chown'], Capabilities: ['cap_bpf'] }, 40).capabilities.added).toEqual([
      { field: 'HostConfig.CapAdd[0]', name: 'CHOWN' },
      { field: 'HostConfig.Capabilities[0]', name: 'BPF' },
    ]);
  });
});
