import { indexed } from '../field.ts';
import { parseBool } from '../go/parse-bool.ts';
import type { Fact, Facts, SecurityFacts } from '../types.ts';

type Building = { -readonly [K in keyof SecurityFacts]: SecurityFacts[K] } & {
  others: (Fact & { readonly option: string })[];
};

/**
 * `SecurityOpt` as the Engine reads it (moby, daemon/daemon_unix.go, parseSecurityOpt): names in exactly their
 * spelling, the first `=` separates, or the first `:` where there is no `=`; of two equal names the last counts.
 *
 * @param at the field of the list: `HostConfig.SecurityOpt`
 */
export function securityOpt(at: string, list: readonly string[] = []): Partial<Facts> {
  const security: Building = { others: [] };
  list.forEach((option, index) => {
    const field = indexed(at, index);
    if (!readOption(security, field, option)) security.others.push({ field, option });
  });
  return { security };
}

/** @returns whether the option is known */
function readOption(security: Building, field: string, option: string): boolean {
  const separator = option.includes('=') ? '=' : ':';
  const at = option.indexOf(separator);
  const name = at === -1 ? option : option.slice(0, at);
  const value = at === -1 ? null : option.slice(at + 1);
  switch (name) {
    case 'no-new-privileges':
      return readBool(value, (on) => {
        security.noNewPrivileges = { field, value: on };
      });
    case 'writable-cgroups':
      return readBool(value, (on) => {
        if (on) security.writableCgroups = { field };
        else delete security.writableCgroups;
      });
    case 'seccomp':
      if (value === null) return false;
      readSeccomp(security, field, value);
      return true;
    case 'apparmor':
      if (value === null) return false;
      // Empty is the Engine's default.
      if (value === '') delete security.apparmor;
      else security.apparmor = { field, profile: value };
      return true;
    case 'label':
      return value !== null && readLabel(security, field, value);
    case 'disable':
      return value === null && readLabel(security, field, 'disable');
    default:
      return false;
  }
}

function readBool(value: string | null, set: (on: boolean) => void): boolean {
  const on = value === null ? true : parseBool(value);
  if (on !== null) set(on);
  return on !== null;
}

/** `unconfined`, the Engine's own by name, or the text of a profile (a path never gets here: clients send the text). */
function readSeccomp(security: Building, field: string, value: string): void {
  if (value === '') delete security.seccomp;
  else if (value === 'unconfined' || value === 'builtin') security.seccomp = { field, profile: value };
  else security.seccomp = { field, profile: 'custom' };
}

/** An option of SELinux: `disable`, or `type:`, `user:`, `role:` or `level:` with a value. */
function readLabel(security: Building, field: string, value: string): boolean {
  const was = security.selinux ?? { field, disabled: false };
  if (value === 'disable') {
    security.selinux = { ...was, field, disabled: true };
    return true;
  }
  const at = value.indexOf(':');
  const key = value.slice(0, Math.max(at, 0));
  if (key !== 'type' && key !== 'user' && key !== 'role' && key !== 'level') return false;
  security.selinux = { ...was, field, [key]: value.slice(at + 1) };
  return true;
}
