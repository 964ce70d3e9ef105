import { describe, expect, it } from 'vitest';
import { askHost } from '../ask.ts';

const asked = (...SecurityOpt: string[]) => askHost({ SecurityOpt }).security;
const field = 'HostConfig.SecurityOpt[0]';

describe('SecurityOpt', () => {
  it.each([
    ['no-new-privileges', true] as const,
    ...['1', 't', 'T', 'TRUE', 'true', 'True'].map((text) => [`no-new-privileges=${text}`, true] as const),
    ...['0', 'f', 'F', 'FALSE', 'false', 'False'].map(
      (text) => [`no-new-privileges:${text}`, false] as const,
    ),
  ])('E031: %s is no new privileges: %s', (text, value) => {
    expect(asked(text)).toEqual({ others: [], noNewPrivileges: { field, value } });
  });

  it('counts the last of two', () => {
    expect(asked('no-new-privileges', 'no-new-privileges=f').noNewPrivileges).toEqual({
      field: 'HostConfig.SecurityOpt[1]',
      value: false,
    });
    expect(asked('seccomp=unconfined', 'seccomp={}').seccomp?.profile).toBe('custom');
    expect(asked('seccomp=unconfined', 'seccomp=').seccomp).toBeUndefined();
    expect(asked('apparmor=unconfined', 'apparmor=').apparmor).toBeUndefined();
    expect(asked('writable-cgroups', 'writable-cgroups=0').writableCgroups).toBeUndefined();
  });

  it.each([
    ['seccomp=unconfined', 'unconfined'],
    ['seccomp:unconfined', 'unconfined'],
    ['seccomp=builtin', 'builtin'],
    ['seccomp={"defaultAction":"SCMP_ACT_ALLOW"}', 'custom'],
    ['seccomp:{"a":"b"}', 'custom'],
    ['seccomp=/etc/profile.json', 'custom'],
    ['seccomp=Unconfined', 'custom'],
  ])('E029: %s is the %s profile', (text, profile) => {
    expect(asked(text)).toEqual({ others: [], seccomp: { field, profile } });
  });

  it.each([
    ['apparmor=unconfined', 'unconfined'],
    ['apparmor:x=y', undefined],
    ['apparmor:x:y', 'x:y'],
    ['apparmor=x:y=z', 'x:y=z'],
  ])('%s is the AppArmor profile %s', (text, profile) => {
    expect(asked(text).apparmor?.profile).toBe(profile);
    expect(asked(text).others).toHaveLength(profile === undefined ? 1 : 0);
  });

  it('leaves the default where the value is empty', () => {
    expect(asked('seccomp=', 'apparmor:')).toEqual({ others: [] });
  });

  it.each(['label=disable', 'label:disable', 'disable'])('%s switches SELinux off', (text) => {
    expect(asked(text)).toEqual({ others: [], selinux: { field, disabled: true } });
  });

  it('sets parts of the SELinux label, the last of each', () => {
    const options = ['type:spc_t', 'user:u', 'role:r', 'level:s0:c1,c2', 'type:container_t'];
    expect(asked(...options.map((option) => `label=${option}`))).toEqual({
      others: [],
      selinux: {
        field: 'HostConfig.SecurityOpt[4]',
        disabled: false,
        type: 'container_t',
        user: 'u',
        role: 'r',
        level: 's0:c1,c2',
      },
    });
  });

  it('stays switched off whatever follows', () => {
    expect(asked('label=disable', 'label:type:container_t').selinux).toMatchObject({
      disabled: true,
      type: 'container_t',
    });
  });

  it.each(['writable-cgroups', 'writable-cgroups=true', 'writable-cgroups:1'])('%s is told', (text) => {
    expect(asked(text)).toEqual({ others: [], writableCgroups: { field } });
  });

  it.each([
    'no-new-privileges=yes',
    'no-new-privileges=',
    'No-New-Privileges',
    'writable-cgroups=yes',
    'SECCOMP=unconfined',
    ' seccomp=unconfined',
    'seccomp',
    'apparmor',
    'label',
    'label=filetype:x',
    'label=x',
    'label=:x',
    'label:type=foo',
    'Disable',
    'disable=true',
    'systempaths=unconfined',
    'credentialspec=file://x',
    '',
  ])('%j is another option', (text) => {
    expect(asked(text)).toEqual({ others: [{ field, option: text }] });
  });
});

describe('paths of the system', () => {
  it('E033: an empty list is told, an absent one is the default', () => {
    expect(askHost({ MaskedPaths: [], ReadonlyPaths: ['/proc/bus'] }).security).toEqual({
      others: [],
      maskedPaths: { field: 'HostConfig.MaskedPaths', paths: [] },
      readonlyPaths: { field: 'HostConfig.ReadonlyPaths', paths: ['/proc/bus'] },
    });
    expect(askHost({ MaskedPaths: null, ReadonlyPaths: null }).security).toEqual({ others: [] });
  });
});
