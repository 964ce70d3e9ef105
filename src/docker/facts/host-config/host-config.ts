import type { HostConfig } from '../../body/models/host-config.ts';
import type { Facts } from '../types.ts';
import { binds } from './binds.ts';
import { capabilities } from './capabilities.ts';
import { devices } from './devices.ts';
import { links } from './links.ts';
import { logConfig } from './log-config.ts';
import { mounts } from './mounts.ts';
import { dns, extraHosts } from './names.ts';
import { namespaces } from './namespaces.ts';
import { ports } from './ports.ts';
import { resources } from './resources.ts';
import { restart } from './restart.ts';
import { cgroupParent, runtime } from './runtime.ts';
import { securityOpt } from './security-opt.ts';
import { sysctls } from './sysctls.ts';
import { systemPaths } from './system-paths.ts';
import { tmpfs } from './tmpfs.ts';
import { volumesFrom } from './volumes-from.ts';

/** Everything that `HostConfig` asks for, in parts to be merged with what else there is. */
export function hostConfigParts(hostConfig: HostConfig): readonly Partial<Facts>[] {
  const at = 'HostConfig.';
  return [
    binds(hostConfig),
    mounts(`${at}Mounts`, hostConfig.Mounts),
    tmpfs(hostConfig.Tmpfs),
    volumesFrom(hostConfig.VolumesFrom),
    namespaces(hostConfig),
    links(`${at}Links`, hostConfig.Links),
    capabilities(hostConfig),
    devices(at, hostConfig),
    securityOpt(`${at}SecurityOpt`, hostConfig.SecurityOpt),
    systemPaths(hostConfig),
    ports(hostConfig),
    resources((name) => `${at}${name}`, hostConfig),
    sysctls(`${at}Sysctls`, hostConfig.Sysctls),
    runtime(hostConfig),
    cgroupParent(`${at}CgroupParent`, hostConfig.CgroupParent),
    logConfig(`${at}LogConfig`, hostConfig.LogConfig),
    extraHosts(`${at}ExtraHosts`, hostConfig.ExtraHosts),
    dns(`${at}Dns`, hostConfig.Dns),
    restart(`${at}RestartPolicy`, hostConfig.RestartPolicy),
  ];
}
