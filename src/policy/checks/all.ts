import { annotation } from './annotation.ts';
import { apparmor } from './apparmor.ts';
import { capability } from './capability.ts';
import { cgroupParent } from './cgroup-parent.ts';
import type { Check } from './check.ts';
import { checkpointPath } from './checkpoint-path.ts';
import { containerLink } from './container-link.ts';
import { containerNamespace } from './container-namespace.ts';
import { credentialSpec } from './credential-spec.ts';
import { device } from './device.ts';
import { dropAllCapabilities } from './drop-all-capabilities.ts';
import { endpointOption } from './endpoint-option.ts';
import { fixedAddress } from './fixed-address.ts';
import { group } from './group.ts';
import { hostNamespace } from './host-namespace.ts';
import { hostPath } from './host-path.ts';
import { hostPort } from './host-port.ts';
import { liftedLimit } from './lifted-limit.ts';
import { logDriver } from './log-driver.ts';
import { mountType } from './mount-type.ts';
import { networkDriver } from './network-driver.ts';
import { networkOption } from './network-option.ts';
import { networkSubnet } from './network-subnet.ts';
import { newPrivileges } from './new-privileges.ts';
import { noNewPrivileges } from './no-new-privileges.ts';
import { oomKill } from './oom-kill.ts';
import { oomScore } from './oom-score.ts';
import { opaqueBuild } from './opaque-build.ts';
import { plugin } from './plugin.ts';
import { privileged } from './privileged.ts';
import { privilegedPort } from './privileged-port.ts';
import { procMount } from './proc-mount.ts';
import { registryAddress } from './registry-address.ts';
import { remoteBuild } from './remote-build.ts';
import { remoteImport } from './remote-import.ts';
import { restrictedCapability } from './restricted-capability.ts';
import { runAsNonRoot } from './run-as-non-root.ts';
import { runtime } from './runtime.ts';
import { seccomp } from './seccomp.ts';
import { securityOption } from './security-option.ts';
import { selinux } from './selinux.ts';
import { storageOption } from './storage-option.ts';
import { sysctl } from './sysctl.ts';
import { unconfinedBuild } from './unconfined-build.ts';
import { unknownField } from './unknown-field.ts';
import { volumeDriver } from './volume-driver.ts';
import { volumeDriverOptions } from './volume-driver-options.ts';
import { volumesFrom } from './volumes-from.ts';
import { workingDirectory } from './working-directory.ts';
import { writableCgroups } from './writable-cgroups.ts';

/** Every check there is, by id. */
export const CHECKS: readonly Check[] = Object.freeze([
  annotation,
  apparmor,
  capability,
  cgroupParent,
  checkpointPath,
  containerLink,
  containerNamespace,
  credentialSpec,
  device,
  dropAllCapabilities,
  endpointOption,
  fixedAddress,
  group,
  hostNamespace,
  hostPath,
  hostPort,
  liftedLimit,
  logDriver,
  mountType,
  networkDriver,
  networkOption,
  networkSubnet,
  newPrivileges,
  noNewPrivileges,
  oomKill,
  oomScore,
  opaqueBuild,
  plugin,
  privileged,
  privilegedPort,
  procMount,
  registryAddress,
  remoteBuild,
  remoteImport,
  restrictedCapability,
  runAsNonRoot,
  runtime,
  seccomp,
  securityOption,
  selinux,
  storageOption,
  sysctl,
  unconfinedBuild,
  unknownField,
  volumeDriver,
  volumeDriverOptions,
  volumesFrom,
  workingDirectory,
  writableCgroups,
]);
