import type { ImageName } from '../image-reference.ts';

/**
 * What a request asks for, in words that are the same for every way of saying it. Facts are what policies judge;
 * each names the field it comes from (`HostConfig.Binds[0]`, `query buildargs`), so that a refusal can point at it.
 * docs/facts.md is generated from this file: the comment above a fact says from which fields of which operations it
 * is made.
 */
export interface Facts {
  /** What kind of process the request sets going: a container made, an exec, the tasks of a service, a build; else null. */
  readonly runs: 'container' | 'exec' | 'service' | 'build' | null;
  /** The image that is run or acted on: `Image`, `ContainerSpec.Image`, `fromImage` with `tag`, ... */
  readonly image: ImageFact | null;
  /** Every image the request uses: the one above, image mounts, `cachefrom`, the classic builder's `FROM`s. */
  readonly images: readonly ImageFact[];
  /** Names that the request gives to an image: `t` of a build, `repo` and `tag` of a commit. */
  readonly tags: readonly ImageFact[];
  /** Paths of the host that become reachable: binds, volume driver options, devices' paths, log options, checkpoints. */
  readonly hostPaths: readonly HostPathFact[];
  /** Volumes that are named, made or mounted, tmpfs mounts not included. */
  readonly volumes: readonly VolumeFact[];
  /** Kinds of mounts: bind, volume, tmpfs, image, cluster, npipe. */
  readonly mountTypes: readonly (Fact & { readonly type: string })[];
  /** Containers whose mounts are taken over: `HostConfig.VolumesFrom`. */
  readonly volumesFrom: readonly (Fact & { readonly container: string })[];
  /** Namespaces of the host that are joined. */
  readonly hostNamespaces: readonly (Fact & { readonly namespace: Namespace })[];
  /** Other containers whose namespaces are joined, and links to them. */
  readonly joinedContainers: readonly (Fact & {
    readonly container: string;
    readonly namespace: Namespace | 'link';
  })[];
  /** Networks that are joined or made: `NetworkMode` (where it names one), `EndpointsConfig`, ... */
  readonly networks: readonly NetworkFact[];
  /** Linux capabilities without `CAP_`, in capitals; `ALL` as it is. */
  readonly capabilities: {
    readonly added: readonly (Fact & { readonly name: string })[];
    readonly dropped: readonly string[];
  };
  /** Devices of the host, rules of the device cgroup, and requests to a device driver. */
  readonly devices: readonly (Fact & {
    readonly kind: 'device' | 'cgroup-rule' | 'request';
    readonly value: string;
  })[];
  /** Full access to the host: `HostConfig.Privileged`, exec's `Privileged`, an entitlement of a build. */
  readonly privileged: readonly Fact[];
  readonly security: SecurityFacts;
  readonly ports: readonly PortFact[];
  readonly resources: ResourceFacts;
  /** Who the process runs as. */
  readonly user: UserFact | null;
  /** Supplementary groups: `HostConfig.GroupAdd`, `Privileges`' groups. */
  readonly groups: readonly (Fact & { readonly name: string })[];
  readonly sysctls: readonly (Fact & { readonly name: string; readonly value: string })[];
  /** The OCI runtime, when one is named. */
  readonly runtime: (Fact & { readonly name: string }) | null;
  /** The parent cgroup, when one is named. */
  readonly cgroupParent: (Fact & { readonly path: string }) | null;
  readonly logging:
    | (Fact & { readonly driver: string; readonly options: Readonly<Record<string, string>> })
    | null;
  /** Labels that are set, on whatever is made. */
  readonly labels: Readonly<Record<string, string>>;
  /** Runtime annotations. */
  readonly annotations: readonly (Fact & { readonly name: string })[];
  /** Entrypoint and command, in that order. */
  readonly command: readonly string[];
  /** Names of environment variables (and build arguments), never their values. */
  readonly environment: readonly string[];
  /** Extra lines of /etc/hosts, DNS servers, and how a container is found by others. */
  readonly names: {
    readonly extraHosts: readonly (Fact & { readonly name: string; readonly address: string })[];
    readonly dns: readonly (Fact & { readonly address: string })[];
  };
  readonly restart: (Fact & { readonly policy: string }) | null;
  /** `HostConfig.OomScoreAdj`, when it is not 0. */
  readonly oomScoreAdj: (Fact & { readonly value: bigint }) | null;
  /** Options of the storage driver: `HostConfig.StorageOpt`. */
  readonly storageOptions: readonly (Fact & { readonly name: string })[];
  /** What a build asks for besides. */
  readonly build: BuildFacts | null;
  /** Registries that the Engine is told to speak with: `registry.example.com:5000`. */
  readonly registries: readonly (Fact & { readonly registry: string })[];
  /** Plugins that get installed or run, by remote reference; privileges included. */
  readonly plugins: readonly (Fact & { readonly reference: string })[];
  /** Secrets and configs that a service uses, by id or name. */
  readonly secrets: readonly (Fact & { readonly name: string; readonly kind: 'secret' | 'config' })[];
  /** Body fields that no model knows and that a grant let through. */
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
  /** Absent when the image is named by an id (or what may be one), or by a name nobody can parse. */
  readonly name: ImageName | null;
}

export interface HostPathFact extends Fact {
  /** As Go's path.Clean leaves it; null where the host path can not be told (driver options). */
  readonly path: string | null;
  readonly mode: 'ro' | 'rw';
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
  readonly driver: string;
  /** Names of driver options that are given. */
  readonly options: readonly string[];
  readonly mode: 'ro' | 'rw';
}

export interface NetworkFact extends Fact {
  readonly name: string;
  /** Of a network that is made. */
  readonly driver: string | null;
  readonly aliases: readonly string[];
  /** Fixed IP and MAC addresses that are asked for. */
  readonly addresses: readonly string[];
  /** Names of driver options that are given. */
  readonly options: readonly string[];
}

export interface PortFact extends Fact {
  /** `80/tcp`. */
  readonly container: string;
  /** First and last host port; null when the Engine picks one. */
  readonly host: { readonly first: number; readonly last: number } | null;
  /** Empty means every address of the host. */
  readonly address: string;
}

export interface UserFact extends Fact {
  readonly value: string;
  /** Whether that is root: uid 0 or the name; null when only the image knows. */
  readonly root: boolean | null;
}

/** Each is undefined when the default holds. */
export interface SecurityFacts {
  readonly seccomp?: Fact & { readonly profile: 'unconfined' | 'custom' | 'builtin' };
  readonly apparmor?: Fact & { readonly profile: string };
  readonly selinux?: Fact & {
    readonly type?: string;
    readonly user?: string;
    readonly role?: string;
    readonly level?: string;
    readonly disabled: boolean;
  };
  readonly noNewPrivileges?: Fact & { readonly value: boolean };
  readonly maskedPaths?: Fact & { readonly paths: readonly string[] };
  readonly readonlyPaths?: Fact & { readonly paths: readonly string[] };
  readonly writableCgroups?: Fact;
  /** Options of `SecurityOpt` that are none of the above: `credentialspec=...`, `systempaths=...`, unknown ones. */
  readonly others: readonly (Fact & { readonly option: string })[];
}

/** Limits that are asked for; undefined when none is. 0 and -1 mean "no limit" to the Engine and count as none. */
export interface ResourceFacts {
  /** Bytes. */
  readonly memory?: Fact & { readonly value: bigint };
  /** Bytes of memory and swap; -1 is no limit. */
  readonly memorySwap?: Fact & { readonly value: bigint };
  /** Billionths of a CPU, from NanoCpus, or CpuQuota over CpuPeriod. */
  readonly nanoCpus?: Fact & { readonly value: bigint };
  readonly pids?: Fact & { readonly value: bigint };
  readonly shm?: Fact & { readonly value: bigint };
  /** Limits that an update takes away, or of which it tells too little to know what they become. */
  readonly lifted?: readonly Fact[];
  /** `OomKillDisable`: the kernel kills others instead. */
  readonly oomKillDisabled?: Fact;
  readonly ulimits: readonly (Fact & {
    readonly name: string;
    readonly soft: bigint;
    readonly hard: bigint;
  })[];
}

export interface BuildFacts {
  /** Where the build context comes from. */
  readonly context: 'archive' | 'remote' | 'session';
  /** BuildKit: what goes on is not seen. */
  readonly builder: 'classic' | 'buildkit';
  /**
   * Images the Dockerfile is built from (`FROM`, `COPY --from`); null when it was not read or can not be told.
   * `scratch` and stages are none.
   */
  readonly baseImages: readonly ImageFact[] | null;
  /** The `remote` that the Engine fetches the context from, without its credentials and query. */
  readonly remote?: Fact & { readonly url: string };
  /** What BuildKit makes of it, by the exporter's name: `image`, `local`, `tar`. */
  readonly outputs?: readonly (Fact & { readonly type: string })[];
}
