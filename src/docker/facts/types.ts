import type { ImageName } from '../image-reference.ts';

/**
 * What a request asks for, in words that are the same for every way of saying it. Facts are what policies judge;
 * each names the field it comes from (`HostConfig.Binds[0]`, `query buildargs`), so that a refusal can point at it.
 *
 * docs/facts.md and shape.ts are generated from this file (`npm run docs:facts`): a comment says what a fact means, and
 * each `@from` by which fields of which operations it is told. `path` stands for a part of the URL's path, `query` for
 * a query parameter.
 */
export interface Facts {
  /**
   * What kind of process the request sets going; null where it sets none going.
   * @from `container`: ContainerCreate
   * @from `exec`: ContainerExec
   * @from `service`: ServiceCreate, ServiceUpdate
   * @from `build`: ImageBuild
   */
  readonly runs: 'container' | 'exec' | 'service' | 'build' | null;
  /**
   * The image that is run or acted on.
   * @from ContainerCreate: Image
   * @from ServiceCreate, ServiceUpdate: TaskTemplate.ContainerSpec.Image
   * @from ImageCreate: query fromImage (with query tag)
   * @from ImagePush, ImageTag, ImageInspect, ImageHistory, ImageAttestations, ImageGet, ImageDelete,
   * DistributionInspect: path name
   */
  readonly image: ImageFact | null;
  /**
   * Every image the request uses: the one above, those that are mounted, a build's caches, and what a Dockerfile or an
   * archive names, where it is read.
   * @from where `image` comes from
   * @from ContainerCreate: HostConfig.Mounts (type image)
   * @from ServiceCreate, ServiceUpdate: TaskTemplate.ContainerSpec.Mounts (type image)
   * @from ImageBuild: query cachefrom, the Dockerfile
   * @from ImageGetAll: query names
   * @from ImageLoad: the archive
   */
  readonly images: readonly ImageFact[];
  /**
   * Names that the request gives to an image.
   * @from ImageBuild: query t, query outputs (attribute `name`)
   * @from ImageCommit, ImageTag, ImageCreate (an import): query repo (with query tag)
   */
  readonly tags: readonly ImageFact[];
  /**
   * Paths of the host that become reachable, or that the Engine is told to look at. What can not be parsed may be any
   * path: it is here with the path null.
   * @from ContainerCreate: HostConfig.Binds, HostConfig.Mounts, HostConfig.Tmpfs (options of other mounts),
   * HostConfig.Devices, HostConfig.LogConfig.Config,
   * HostConfig.BlkioWeightDevice, HostConfig.BlkioDeviceReadBps, HostConfig.BlkioDeviceWriteBps,
   * HostConfig.BlkioDeviceReadIOps, HostConfig.BlkioDeviceWriteIOps, WorkingDir (in /proc)
   * @from ContainerUpdate: Devices, BlkioWeightDevice, BlkioDeviceReadBps, BlkioDeviceWriteBps, BlkioDeviceReadIOps,
   * BlkioDeviceWriteIOps
   * @from ContainerExec, ImageCommit: WorkingDir (in /proc)
   * @from ImageCommit, ImageCreate: query changes (WORKDIR in /proc)
   * @from ContainerStart: query checkpoint-dir, query checkpoint
   * @from ContainerCheckpointCreate: CheckpointDir, CheckpointID
   * @from ContainerCheckpointList, ContainerCheckpointDelete: query dir, path checkpoint
   * @from VolumeCreate: DriverOpts, ClusterVolumeSpec
   * @from VolumeUpdate: Spec
   * @from ServiceCreate, ServiceUpdate: TaskTemplate.ContainerSpec.Mounts, TaskTemplate.ContainerSpec.Dir,
   * TaskTemplate.ContainerSpec.Privileges.CredentialSpec, TaskTemplate.LogDriver.Options,
   * TaskTemplate.PluginSpec.privileges, query rollback
   * @from SwarmInit: Spec.TaskDefaults.LogDriver.Options
   * @from SwarmUpdate: TaskDefaults.LogDriver.Options
   * @from PluginPull, PluginUpgrade, PluginSet: the body
   */
  readonly hostPaths: readonly HostPathFact[];
  /**
   * Volumes that are made or mounted. Mounts of type tmpfs are none.
   * @from ContainerCreate: HostConfig.Binds, HostConfig.Mounts, HostConfig.VolumeDriver, Volumes
   * @from ImageCommit: Volumes
   * @from ImageCommit, ImageCreate: query changes (VOLUME)
   * @from VolumeCreate: Name
   * @from VolumeUpdate: path name
   * @from ServiceCreate, ServiceUpdate: TaskTemplate.ContainerSpec.Mounts
   */
  readonly volumes: readonly VolumeFact[];
  /**
   * Kinds of mounts: bind, volume, tmpfs, image, cluster, npipe, or what the request says.
   * @from ContainerCreate: HostConfig.Binds, HostConfig.Mounts, HostConfig.Tmpfs, Volumes
   * @from ImageCommit: Volumes
   * @from ImageCommit, ImageCreate: query changes (VOLUME)
   * @from ServiceCreate, ServiceUpdate: TaskTemplate.ContainerSpec.Mounts, TaskTemplate.PluginSpec.privileges
   * @from PluginPull, PluginUpgrade: the body
   */
  readonly mountTypes: readonly (Fact & { readonly type: string })[];
  /**
   * Containers whose mounts are taken over.
   * @from ContainerCreate: HostConfig.VolumesFrom
   */
  readonly volumesFrom: readonly (Fact & { readonly container: string })[];
  /**
   * Namespaces of the host that are joined. What a request leaves open is not asked for: that Engines on cgroup v1 then
   * take the host's cgroup namespace is the operator's setting.
   * @from ContainerCreate: HostConfig.NetworkMode, HostConfig.PidMode, HostConfig.IpcMode, HostConfig.UTSMode,
   * HostConfig.UsernsMode, HostConfig.CgroupnsMode, HostConfig.Cgroup, NetworkingConfig.EndpointsConfig
   * @from NetworkConnect: EndpointConfig
   * @from ImageBuild: query networkmode
   * @from ServiceCreate, ServiceUpdate: TaskTemplate.Networks, Networks, TaskTemplate.PluginSpec.privileges
   * @from PluginPull, PluginUpgrade: the body
   */
  readonly hostNamespaces: readonly (Fact & { readonly namespace: Namespace })[];
  /**
   * Other containers whose namespaces are joined, and links to them.
   * @from ContainerCreate: HostConfig.NetworkMode, HostConfig.PidMode, HostConfig.IpcMode, HostConfig.UTSMode,
   * HostConfig.UsernsMode, HostConfig.CgroupnsMode, HostConfig.Cgroup, HostConfig.Links,
   * NetworkingConfig.EndpointsConfig
   * @from NetworkConnect: EndpointConfig
   * @from ImageBuild: query networkmode
   */
  readonly joinedContainers: readonly (Fact & {
    readonly container: string;
    readonly namespace: Namespace | 'link';
  })[];
  /**
   * Networks that are joined or made. A container or build that names none joins `bridge`. Beside a name, the `NetworkID`
   * of an endpoint counts: the Engine prefers it.
   * @from ContainerCreate: HostConfig.NetworkMode, NetworkingConfig.EndpointsConfig, MacAddress
   * @from NetworkConnect: path id, EndpointConfig
   * @from NetworkCreate: Name, ConfigFrom.Network
   * @from ImageBuild: query networkmode
   * @from ServiceCreate, ServiceUpdate: TaskTemplate.Networks, Networks
   */
  readonly networks: readonly NetworkFact[];
  /** Linux capabilities without `CAP_`, in capitals; `ALL` as it is. */
  readonly capabilities: {
    /**
     * Those that are added to the default ones.
     * @from ContainerCreate: HostConfig.CapAdd, HostConfig.Capabilities
     * @from ServiceCreate, ServiceUpdate: TaskTemplate.ContainerSpec.CapabilityAdd, TaskTemplate.PluginSpec.privileges
     * @from PluginPull, PluginUpgrade: the body
     */
    readonly added: readonly (Fact & { readonly name: string })[];
    /**
     * Those that are taken from the default ones.
     * @from ContainerCreate: HostConfig.CapDrop
     * @from ServiceCreate, ServiceUpdate: TaskTemplate.ContainerSpec.CapabilityDrop
     */
    readonly dropped: readonly string[];
  };
  /**
   * Devices of the host, rules of the device cgroup, and requests to a device driver, or to a runtime that reads
   * variables such as `NVIDIA_VISIBLE_DEVICES`.
   * @from ContainerCreate: HostConfig.Devices, HostConfig.DeviceCgroupRules, HostConfig.DeviceRequests, Env
   * @from ContainerUpdate: Devices, DeviceCgroupRules, DeviceRequests
   * @from ServiceCreate, ServiceUpdate: TaskTemplate.ContainerSpec.Env, TaskTemplate.PluginSpec.env,
   * TaskTemplate.Resources.Reservations.GenericResources, TaskTemplate.PluginSpec.privileges
   * @from PluginPull, PluginUpgrade, PluginSet: the body
   */
  readonly devices: readonly (Fact & {
    readonly kind: 'device' | 'cgroup-rule' | 'request';
    /** The path of a device, the rule, or driver, ids and capabilities of a request. */
    readonly value: string;
  })[];
  /**
   * Full access to the host.
   * @from ContainerCreate: HostConfig.Privileged
   * @from ContainerExec: Privileged
   * @from PluginPull, PluginUpgrade: the body (a privilege of a kind that is not known)
   * @from ServiceCreate, ServiceUpdate: TaskTemplate.PluginSpec.privileges (the same)
   */
  readonly privileged: readonly Fact[];
  /** How the process is confined. A part is absent when the Engine's default holds. */
  readonly security: SecurityFacts;
  /**
   * Ports of the host that are published. `ExposedPorts` alone opens nothing.
   * @from ContainerCreate: HostConfig.PortBindings, HostConfig.PublishAllPorts
   * @from ServiceCreate, ServiceUpdate: EndpointSpec.Ports
   */
  readonly ports: readonly PortFact[];
  /** Limits that are asked for; absent when none is. 0 and -1 mean "no limit" to the Engine and count as none. */
  readonly resources: ResourceFacts;
  /**
   * Who the process runs as; null where no process is asked for. An import or a commit tells who will.
   * @from ContainerCreate, ContainerExec, ImageCommit: User
   * @from ImageCommit, ImageCreate: query changes (USER)
   * @from ServiceCreate, ServiceUpdate: TaskTemplate.ContainerSpec.User
   */
  readonly user: UserFact | null;
  /**
   * Supplementary groups.
   * @from ContainerCreate: HostConfig.GroupAdd
   * @from ServiceCreate, ServiceUpdate: TaskTemplate.ContainerSpec.Groups
   */
  readonly groups: readonly (Fact & { readonly name: string })[];
  /**
   * Kernel parameters, by their names with dots.
   * @from ContainerCreate: HostConfig.Sysctls
   * @from ServiceCreate, ServiceUpdate: TaskTemplate.ContainerSpec.Sysctls
   */
  readonly sysctls: readonly (Fact & { readonly name: string; readonly value: string })[];
  /**
   * The OCI runtime, when one is named.
   * @from ContainerCreate: HostConfig.Runtime
   */
  readonly runtime: (Fact & { readonly name: string }) | null;
  /**
   * The parent cgroup, when one is named.
   * @from ContainerCreate: HostConfig.CgroupParent
   * @from ContainerUpdate: CgroupParent
   * @from ImageBuild: query cgroupparent
   */
  readonly cgroupParent: (Fact & { readonly path: string }) | null;
  /**
   * Where output is logged, when it is said. An address is told without a login in it; options that may be secrets, and
   * ones that no driver of Docker's has, are told by name, with an empty value.
   * @from ContainerCreate: HostConfig.LogConfig
   * @from ServiceCreate, ServiceUpdate: TaskTemplate.LogDriver
   * @from SwarmInit: Spec.TaskDefaults.LogDriver
   * @from SwarmUpdate: TaskDefaults.LogDriver
   */
  readonly logging:
    | (Fact & { readonly driver: string; readonly options: Readonly<Record<string, string>> })
    | null;
  /**
   * Labels that are set, on whatever is made. Where a container and its volumes get the same label, one value is told.
   * @from ContainerCreate: Labels, HostConfig.Mounts (VolumeOptions.Labels)
   * @from ImageCommit: Labels
   * @from ImageCommit, ImageCreate: query changes (LABEL)
   * @from ImageBuild: query labels
   * @from NetworkCreate, VolumeCreate, SecretCreate, SecretUpdate, ConfigCreate, ConfigUpdate, NodeUpdate, SwarmUpdate:
   * Labels
   * @from SwarmInit: Spec.Labels
   * @from ServiceCreate, ServiceUpdate: Labels, TaskTemplate.ContainerSpec.Labels, TaskTemplate.ContainerSpec.Mounts
   * (VolumeOptions.Labels)
   */
  readonly labels: Readonly<Record<string, string>>;
  /**
   * Runtime annotations, by name.
   * @from ContainerCreate: HostConfig.Annotations
   */
  readonly annotations: readonly (Fact & { readonly name: string })[];
  /**
   * Entrypoint and command, in that order.
   * @from ContainerCreate, ImageCommit: Entrypoint, Cmd
   * @from ContainerExec: Cmd
   * @from ImageCommit, ImageCreate: query changes (ENTRYPOINT, CMD)
   * @from ServiceCreate, ServiceUpdate: TaskTemplate.ContainerSpec.Command, TaskTemplate.ContainerSpec.Args
   */
  readonly command: readonly string[];
  /**
   * Names of environment variables and build arguments, never their values.
   * @from ContainerCreate, ContainerExec, ImageCommit: Env
   * @from ImageCommit, ImageCreate: query changes (ENV)
   * @from ImageBuild: query buildargs
   * @from ServiceCreate, ServiceUpdate: TaskTemplate.ContainerSpec.Env, TaskTemplate.PluginSpec.env
   * @from PluginSet: the body
   */
  readonly environment: readonly string[];
  /** Extra lines of /etc/hosts, and DNS servers. */
  readonly names: {
    /**
     * Names with the addresses they get; `host-gateway` is the host's.
     * @from ContainerCreate: HostConfig.ExtraHosts
     * @from ImageBuild: query extrahosts
     * @from ServiceCreate, ServiceUpdate: TaskTemplate.ContainerSpec.Hosts
     */
    readonly extraHosts: readonly (Fact & { readonly name: string; readonly address: string })[];
    /**
     * DNS servers.
     * @from ContainerCreate: HostConfig.Dns
     * @from ServiceCreate, ServiceUpdate: TaskTemplate.ContainerSpec.DNSConfig.Nameservers
     */
    readonly dns: readonly (Fact & { readonly address: string })[];
  };
  /**
   * What happens when the process has ended, unless that is nothing.
   * @from ContainerCreate: HostConfig.RestartPolicy
   * @from ContainerUpdate: RestartPolicy
   * @from ServiceCreate, ServiceUpdate: TaskTemplate.RestartPolicy
   */
  readonly restart: (Fact & { readonly policy: string }) | null;
  /**
   * How readily the kernel kills the process when memory runs out, when it is not 0.
   * @from ContainerCreate: HostConfig.OomScoreAdj
   * @from ServiceCreate, ServiceUpdate: TaskTemplate.ContainerSpec.OomScoreAdj
   */
  readonly oomScoreAdj: (Fact & { readonly value: bigint }) | null;
  /**
   * Options of the storage driver, by name.
   * @from ContainerCreate: HostConfig.StorageOpt
   */
  readonly storageOptions: readonly (Fact & { readonly name: string })[];
  /** What a build asks for besides; null where the request is no build. */
  readonly build: BuildFacts | null;
  /**
   * Registries and other servers that the Engine is told to speak with: `registry.example.com:5000`.
   * @from ImageCreate: query fromImage, query fromSrc
   * @from ImageBuild: the Dockerfile
   * @from ImagePush, PluginPush, DistributionInspect: path name
   * @from PluginPull, PluginUpgrade, GetPluginPrivileges: query remote
   * @from ImageSearch: query term
   * @from SystemAuth: serveraddress
   * @from ServiceCreate, ServiceUpdate: TaskTemplate.ContainerSpec.Image, TaskTemplate.PluginSpec.remote
   * @from SwarmInit: Spec.CAConfig.ExternalCAs
   * @from SwarmUpdate: CAConfig.ExternalCAs
   * @from SwarmJoin: RemoteAddrs
   */
  readonly registries: readonly (Fact & { readonly registry: string })[];
  /**
   * Plugins that get installed, set, run or asked.
   * @from PluginPull, PluginUpgrade: query remote
   * @from PluginCreate: query name
   * @from PluginEnable, PluginSet: path name
   * @from ServiceCreate, ServiceUpdate: TaskTemplate.PluginSpec.remote
   * @from NetworkCreate: IPAM.Driver
   * @from SecretCreate, SecretUpdate: Driver.Name
   */
  readonly plugins: readonly (Fact & { readonly reference: string })[];
  /**
   * Secrets and configs that are used, by id where one is given, else by name.
   * @from ServiceCreate, ServiceUpdate: TaskTemplate.ContainerSpec.Secrets, TaskTemplate.ContainerSpec.Configs,
   * TaskTemplate.ContainerSpec.Privileges.CredentialSpec.Config
   * @from VolumeCreate: ClusterVolumeSpec.Secrets
   * @from VolumeUpdate: Spec.Secrets
   */
  readonly secrets: readonly (Fact & { readonly name: string; readonly kind: 'secret' | 'config' })[];
  /**
   * Body fields that no model knows and that a grant let through.
   * @from every operation with a JSON body
   */
  readonly unknownFields: readonly Fact[];
}

export interface Fact {
  /** Where the request says it: `HostConfig.Binds[0]`, `query networkmode`. */
  readonly field: string;
}

export type Namespace = 'network' | 'pid' | 'ipc' | 'uts' | 'user' | 'cgroup';

export interface ImageFact extends Fact {
  /** With registry and repository, `docker.io/library/alpine:3.20`; an id as it is. */
  readonly reference: string;
  /** Null when the image is named by an id (or what may be one), or by a name nobody can parse. */
  readonly name: ImageName | null;
}

export interface HostPathFact extends Fact {
  /** As Go's path.Clean leaves it; null where it can not be told which path it is. */
  readonly path: string | null;
  readonly mode: 'ro' | 'rw';
  /** How it is reached; `propagation` tells that mounts made in the container appear on the host. */
  readonly via:
    | 'bind'
    | 'driver-option'
    | 'device'
    | 'log-option'
    | 'checkpoint'
    | 'propagation'
    | 'credential-spec'
    | 'working-dir';
  /** SELinux labels of the host's files are changed: `z` for all containers, `Z` for this one. */
  readonly relabel?: 'shared' | 'private';
}

export interface VolumeFact extends Fact {
  /** Empty for an anonymous one. */
  readonly name: string;
  /** `local` where none is named; empty for a volume of the cluster. */
  readonly driver: string;
  /** Names of driver options that are given. */
  readonly options: readonly string[];
  readonly mode: 'ro' | 'rw';
}

export interface NetworkFact extends Fact {
  /** Name or id, as the request has it. */
  readonly name: string;
  /** Of a network that is made; else null. */
  readonly driver: string | null;
  readonly aliases: readonly string[];
  /** Fixed IP and MAC addresses that are asked for; subnets of a network that is made. */
  readonly addresses: readonly string[];
  /** Names of driver options that are given. */
  readonly options: readonly string[];
}

export interface PortFact extends Fact {
  /** `80/tcp`; `*` for all that the image exposes. */
  readonly container: string;
  /** First and last host port; null when the Engine picks one. Every port where the request can not be parsed. */
  readonly host: { readonly first: number; readonly last: number } | null;
  /** Empty means every address of the host. */
  readonly address: string;
}

export interface UserFact extends Fact {
  /** Empty where the request leaves it to the image or the container. */
  readonly value: string;
  /** Whether that is root: uid 0 or the name; null when only the image knows. */
  readonly root: boolean | null;
}

/** Each is undefined when the default holds. */
export interface SecurityFacts {
  /**
   * The seccomp profile: `builtin` is the Engine's own by name, `custom` one that came with the request.
   * @from ContainerCreate: HostConfig.SecurityOpt
   * @from ServiceCreate, ServiceUpdate: TaskTemplate.ContainerSpec.Privileges.Seccomp
   * @from ImageBuild: query securityopt
   */
  readonly seccomp?: Fact & { readonly profile: 'unconfined' | 'custom' | 'builtin' };
  /**
   * The AppArmor profile; `unconfined` is none.
   * @from ContainerCreate: HostConfig.SecurityOpt
   * @from ServiceCreate, ServiceUpdate: TaskTemplate.ContainerSpec.Privileges.AppArmor
   * @from ImageBuild: query securityopt
   */
  readonly apparmor?: Fact & { readonly profile: string };
  /**
   * Parts of the SELinux label that are set, and whether SELinux is switched off.
   * @from ContainerCreate: HostConfig.SecurityOpt
   * @from ServiceCreate, ServiceUpdate: TaskTemplate.ContainerSpec.Privileges.SELinuxContext
   * @from ImageBuild: query securityopt
   */
  readonly selinux?: Fact & {
    readonly type?: string;
    readonly user?: string;
    readonly role?: string;
    readonly level?: string;
    readonly disabled: boolean;
  };
  /**
   * Whether the process may not gain privileges.
   * @from ContainerCreate: HostConfig.SecurityOpt
   * @from ServiceCreate, ServiceUpdate: TaskTemplate.ContainerSpec.Privileges.NoNewPrivileges
   * @from ImageBuild: query securityopt
   */
  readonly noNewPrivileges?: Fact & { readonly value: boolean };
  /**
   * Paths that are masked in place of the default ones: an empty list masks none.
   * @from ContainerCreate: HostConfig.MaskedPaths, HostConfig.Tmpfs (in /proc), HostConfig.Mounts (a tmpfs in /proc)
   * @from ServiceCreate, ServiceUpdate: TaskTemplate.ContainerSpec.Mounts (a tmpfs in /proc)
   */
  readonly maskedPaths?: Fact & { readonly paths: readonly string[] };
  /**
   * Paths that are read-only in place of the default ones: an empty list is none.
   * @from ContainerCreate: HostConfig.ReadonlyPaths
   */
  readonly readonlyPaths?: Fact & { readonly paths: readonly string[] };
  /**
   * Cgroups are mounted writable.
   * @from ContainerCreate: HostConfig.SecurityOpt
   * @from ImageBuild: query securityopt
   */
  readonly writableCgroups?: Fact;
  /**
   * Options that are none of the above: `credentialspec=...`, `systempaths=...`, ones that can not be read.
   * @from ContainerCreate: HostConfig.SecurityOpt
   * @from ServiceCreate, ServiceUpdate: TaskTemplate.ContainerSpec.Privileges.CredentialSpec
   * @from ImageBuild: query securityopt
   */
  readonly others: readonly (Fact & { readonly option: string })[];
}

/** Limits that are asked for; undefined when none is. 0 and -1 mean "no limit" to the Engine and count as none. */
export interface ResourceFacts {
  /**
   * Bytes.
   * @from ContainerCreate: HostConfig.Memory
   * @from ContainerUpdate: Memory
   * @from ImageBuild: query memory (classic builder)
   * @from ServiceCreate, ServiceUpdate: TaskTemplate.Resources.Limits.MemoryBytes
   */
  readonly memory?: Fact & { readonly value: bigint };
  /**
   * Bytes of memory and swap; -1 is no limit.
   * @from ContainerCreate: HostConfig.MemorySwap
   * @from ContainerUpdate: MemorySwap
   * @from ImageBuild: query memswap (classic builder)
   * @from ServiceCreate, ServiceUpdate: TaskTemplate.Resources.SwapBytes
   */
  readonly memorySwap?: Fact & { readonly value: bigint };
  /**
   * Billionths of a CPU, from NanoCpus, or CpuQuota over CpuPeriod.
   * @from ContainerCreate: HostConfig.NanoCpus, HostConfig.CpuQuota (with HostConfig.CpuPeriod)
   * @from ContainerUpdate: NanoCpus, CpuQuota (with CpuPeriod)
   * @from ImageBuild: query cpuquota (with query cpuperiod; classic builder)
   * @from ServiceCreate, ServiceUpdate: TaskTemplate.Resources.Limits.NanoCPUs
   */
  readonly nanoCpus?: Fact & { readonly value: bigint };
  /**
   * Processes.
   * @from ContainerCreate: HostConfig.PidsLimit
   * @from ContainerUpdate: PidsLimit
   * @from ServiceCreate, ServiceUpdate: TaskTemplate.Resources.Limits.Pids
   */
  readonly pids?: Fact & { readonly value: bigint };
  /**
   * Bytes of /dev/shm.
   * @from ContainerCreate: HostConfig.ShmSize
   * @from ImageBuild: query shmsize
   */
  readonly shm?: Fact & { readonly value: bigint };
  /**
   * Limits that an update takes away, or of which it tells too little to know what they become.
   * @from ContainerUpdate: PidsLimit (0 or less), CpuQuota (less than 0, or without CpuPeriod), CpuPeriod (without
   * CpuQuota)
   */
  readonly lifted?: readonly Fact[];
  /**
   * When memory runs out, the kernel kills other processes than the container's.
   * @from ContainerCreate: HostConfig.OomKillDisable
   * @from ContainerUpdate: OomKillDisable
   */
  readonly oomKillDisabled?: Fact;
  /**
   * Resource limits of each process.
   * @from ContainerCreate: HostConfig.Ulimits
   * @from ContainerUpdate: Ulimits
   * @from ImageBuild: query ulimits
   * @from ServiceCreate, ServiceUpdate: TaskTemplate.ContainerSpec.Ulimits
   */
  readonly ulimits: readonly (Fact & {
    readonly name: string;
    readonly soft: bigint;
    readonly hard: bigint;
  })[];
}

export interface BuildFacts {
  /**
   * Where the build context comes from.
   * @from ImageBuild: query remote
   */
  readonly context: 'archive' | 'remote' | 'session';
  /**
   * What builds; what goes on in BuildKit is not seen.
   * @from ImageBuild: query version
   */
  readonly builder: 'classic' | 'buildkit';
  /**
   * Images the Dockerfile is built from (`FROM`, `COPY --from`); null when it was not read or can not be told.
   * `scratch` and stages are none.
   * @from ImageBuild: the Dockerfile, which is read from the archive where a policy asks for it
   */
  readonly baseImages: readonly ImageFact[] | null;
  /**
   * The address that the Engine fetches the context from, without its credentials and query.
   * @from ImageBuild: query remote
   */
  readonly remote?: Fact & { readonly url: string };
  /**
   * What BuildKit makes of it, by the exporter's name: `image`, `local`, `tar`.
   * @from ImageBuild: query outputs
   */
  readonly outputs?: readonly (Fact & { readonly type: string })[];
}
