import type { Privileges } from '../../body/models/privileges.ts';
import { mergeFacts } from '../merge.ts';
import type { Fact, Facts, HostPathFact, SecurityFacts } from '../types.ts';

/**
 * How the tasks of a service are confined (moby, daemon/cluster/executor/container, applyPrivileges): what
 * `SecurityOpt` says of a container.
 *
 * @param at its field: `TaskTemplate.ContainerSpec.Privileges`
 */
export function privileges(at: string, given: Privileges = {}): Partial<Facts> {
  const { Seccomp, AppArmor, NoNewPrivileges = false } = given;
  const security: SecurityFacts = {
    others: [],
    ...seccomp(`${at}.Seccomp.Mode`, Seccomp?.Mode),
    ...appArmor(`${at}.AppArmor.Mode`, AppArmor?.Mode),
    ...selinux(`${at}.SELinuxContext`, given.SELinuxContext),
    // False asks for nothing: what the node's Engine is set to holds.
    ...(NoNewPrivileges ? { noNewPrivileges: { field: `${at}.NoNewPrivileges`, value: true } } : {}),
  };
  return mergeFacts({ security }, credentialSpec(`${at}.CredentialSpec`, given.CredentialSpec));
}

function seccomp(field: string, mode = ''): Pick<SecurityFacts, 'seccomp'> {
  if (mode === '' || mode === 'default') return {};
  // Of a mode that no Engine knows yet, it is not known to be its own profile.
  return { seccomp: { field, profile: mode === 'unconfined' ? 'unconfined' : 'custom' } };
}

function appArmor(field: string, mode = ''): Pick<SecurityFacts, 'apparmor'> {
  if (mode === '' || mode === 'default') return {};
  return { apparmor: { field, profile: mode === 'disabled' ? 'unconfined' : mode } };
}

function selinux(field: string, context: Privileges['SELinuxContext'] = {}): Pick<SecurityFacts, 'selinux'> {
  const {
    Disable: disabled = false,
    Type: type = '',
    User: user = '',
    Role: role = '',
    Level: level = '',
  } = context;
  if (!disabled && `${type}${user}${role}${level}` === '') return {};
  const label = Object.entries({ type, user, role, level }).filter(([, value]) => value !== '');
  return { selinux: { field, disabled, ...Object.fromEntries(label) } };
}

/** A file or a key of the node, or a config, that holds a service account. */
function credentialSpec(at: string, spec: Privileges['CredentialSpec'] = {}): Partial<Facts> {
  const { Config = '', File = '', Registry = '' } = spec;
  const others: (Fact & { readonly option: string })[] = [];
  const hostPaths: HostPathFact[] = [];
  for (const [name, value] of Object.entries({ File, Registry })) {
    if (value === '') continue;
    const field = `${at}.${name}`;
    others.push({ field, option: `credentialspec=${name.toLowerCase()}://${value}` });
    hostPaths.push({ field, path: null, mode: 'ro', via: 'credential-spec' });
  }
  const field = `${at}.Config`;
  if (Config === '') return { security: { others }, hostPaths };
  others.push({ field, option: `credentialspec=config://${Config}` });
  return { security: { others }, hostPaths, secrets: [{ field, name: Config, kind: 'config' }] };
}
