import { bool, field, type Made, string, struct } from '../types.ts';

const CREDENTIAL_SPEC = struct('CredentialSpec', {
  Config: field(string, 'the config that holds it', { since: 40 }),
  File: field(string, 'the file that holds it, on the node'),
  Registry: field(string, 'the key of the registry of Windows that holds it'),
});

const SELINUX_CONTEXT = struct('SELinuxContext', {
  Disable: field(bool, 'no SELinux'),
  User: field(string, 'the user of the label'),
  Role: field(string, 'the role of the label'),
  Type: field(string, 'the type of the label'),
  Level: field(string, 'the level of the label'),
});

const SECCOMP = struct('Seccomp', {
  Mode: field(string, 'default, unconfined or custom'),
  Profile: field(string, 'a profile of its own, in base64'),
});

const APP_ARMOR = struct('AppArmor', {
  Mode: field(string, 'default or disabled'),
});

/** How tasks are confined: `ContainerSpec.Privileges`. What came later, an Engine asked by an older version drops. */
export const PRIVILEGES = struct('Privileges', {
  CredentialSpec: field(CREDENTIAL_SPEC, 'a service account of Windows'),
  SELinuxContext: field(SELINUX_CONTEXT, 'the SELinux label'),
  Seccomp: field(SECCOMP, 'which system calls there are', { since: 44 }),
  AppArmor: field(APP_ARMOR, 'the AppArmor profile', { since: 44 }),
  NoNewPrivileges: field(bool, 'no more privileges by set-uid programs', { since: 44 }),
});
export type Privileges = Made<typeof PRIVILEGES>;
