/** What an operator can name to be taken out of replies. */
export type Secretive = 'environment' | 'labels' | 'command' | 'hostPaths' | 'logOptions';

/** How a value is taken out. */
export type Way =
  | 'value' // the text, or each text of a list or map: keys stay
  | 'labels' // the same, but for the gateway's own
  | 'pairs' // of a list of NAME=VALUE, each value
  | 'path' // the text when it is a path of the host, and no name of a volume
  | 'bind'; // of HOST:CONTAINER:MODE, the path of the host

/** Where in a reply something stands. Steps: `Name` of an object, `[]` each element, `{}` each value. */
export interface Rule {
  /** Taken out when one of these is. */
  readonly kinds: readonly Secretive[];
  readonly path: readonly string[];
  readonly way: Way;
}

/** @param paths separated by spaces, their steps by dots */
function rules(kinds: Secretive | readonly Secretive[], way: Way, paths: string): readonly Rule[] {
  return paths.split(' ').map((path) => ({
    kinds: typeof kinds === 'string' ? [kinds] : kinds,
    path: path.split('.'),
    way,
  }));
}

function under(paths: string, inner: readonly Rule[]): readonly Rule[] {
  return paths
    .split(' ')
    .flatMap((outer) => inner.map((rule) => ({ ...rule, path: [...outer.split('.'), ...rule.path] })));
}

/** A build writes its instructions down: variables, labels and commands alike. */
const INSTRUCTIONS = ['environment', 'labels', 'command'] as const;
/** An Engine's own error may quote the command and paths of the host. */
const ERROR_TEXT = ['command', 'hostPaths'] as const;

const DESCRIPTOR = rules('labels', 'labels', 'annotations');

const MOUNT = [
  ...rules('hostPaths', 'path', 'Source'),
  ...rules('hostPaths', 'value', 'VolumeOptions.DriverConfig.Options'),
  ...rules('labels', 'labels', 'VolumeOptions.Labels'),
];

/** Of a container and of an image. */
const CONFIG = [
  ...rules('environment', 'pairs', 'Env'),
  ...rules('labels', 'labels', 'Labels'),
  ...rules('command', 'value', 'Cmd Entrypoint Shell Healthcheck.Test'),
  ...rules(INSTRUCTIONS, 'value', 'OnBuild'),
];

const HOST_CONFIG = [
  ...rules('hostPaths', 'bind', 'Binds.[]'),
  ...under('Mounts.[]', MOUNT),
  ...rules('hostPaths', 'value', 'ContainerIDFile Devices.[].PathOnHost BlkioWeightDevice.[].Path'),
  ...rules('hostPaths', 'value', 'BlkioDeviceReadBps.[].Path BlkioDeviceWriteBps.[].Path'),
  ...rules('hostPaths', 'value', 'BlkioDeviceReadIOps.[].Path BlkioDeviceWriteIOps.[].Path'),
  ...rules('logOptions', 'value', 'LogConfig.Config'),
  ...rules('labels', 'labels', 'Annotations'),
];

const CONTAINER = [
  ...rules('command', 'value', 'Path Args'),
  ...rules('hostPaths', 'value', 'ResolvConfPath HostnamePath HostsPath LogPath GraphDriver.Data'),
  ...rules('hostPaths', 'value', 'NetworkSettings.SandboxKey'),
  ...rules(ERROR_TEXT, 'value', 'State.Error'),
  ...under('Mounts.[]', MOUNT),
  ...under('Config', CONFIG),
  ...under('HostConfig', HOST_CONFIG),
  ...under('ImageManifestDescriptor', DESCRIPTOR),
];

const LISTED_CONTAINER = [
  ...rules('command', 'value', 'Command'),
  ...rules('labels', 'labels', 'Labels HostConfig.Annotations'),
  ...under('Mounts.[]', MOUNT),
  ...under('ImageManifestDescriptor', DESCRIPTOR),
];

const LISTED_IMAGE = [
  ...rules('labels', 'labels', 'Labels'),
  ...under('Descriptor Manifests.[].Descriptor', DESCRIPTOR),
];

const IMAGE = [
  ...under('Config ContainerConfig', CONFIG),
  // The classic builder's last instruction.
  ...rules(INSTRUCTIONS, 'value', 'ContainerConfig.Cmd'),
  ...rules('hostPaths', 'value', 'GraphDriver.Data'),
  ...under('Descriptor Manifests.[].Descriptor', DESCRIPTOR),
];

const VOLUME = [
  ...rules('labels', 'labels', 'Labels'),
  ...rules('hostPaths', 'value', 'Mountpoint Options Status'),
];

const NETWORK = rules('labels', 'labels', 'Labels');

const TASK_SPEC = [
  ...under('ContainerSpec', [
    ...rules('environment', 'pairs', 'Env'),
    ...rules('labels', 'labels', 'Labels'),
    ...rules('command', 'value', 'Command Args Healthcheck.Test'),
    ...under('Mounts.[]', MOUNT),
  ]),
  ...rules('environment', 'pairs', 'PluginSpec.Env'),
  ...rules('logOptions', 'value', 'LogDriver.Options'),
];

const SERVICE = under('Spec PreviousSpec', [
  ...rules('labels', 'labels', 'Labels'),
  ...under('TaskTemplate', TASK_SPEC),
]);

const TASK = [
  ...rules('labels', 'labels', 'Labels NetworksAttachments.[].Network.Spec.Labels'),
  ...rules(ERROR_TEXT, 'value', 'Status.Err'),
  ...under('Spec', TASK_SPEC),
];

const LABELLED = rules('labels', 'labels', 'Spec.Labels');

const NODE = [...LABELLED, ...rules('labels', 'labels', 'Description.Engine.Labels')];

const SWARM = [...LABELLED, ...rules('logOptions', 'value', 'Spec.TaskDefaults.LogDriver.Options')];

const PLUGIN = [
  ...rules('environment', 'pairs', 'Settings.Env'),
  ...rules('environment', 'value', 'Config.Env.[].Value'),
  ...rules('command', 'value', 'Settings.Args Config.Args.Value Config.Entrypoint'),
  ...rules('hostPaths', 'value', 'Settings.Mounts.[].Source Config.Mounts.[].Source'),
  ...rules('hostPaths', 'value', 'Settings.Devices.[].Path Config.Linux.Devices.[].Path'),
];

const BUILD_CACHE = rules(INSTRUCTIONS, 'value', 'Description');

const INFO = [
  ...rules('labels', 'pairs', 'Labels'),
  ...rules('hostPaths', 'value', 'DockerRootDir Runtimes.{}.path InitBinary Containerd.Address CDISpecDirs'),
  ...under('Swarm.Cluster', SWARM),
];

/** By operationId. What is not here shows none of it, or what was asked to be shown (logs, files, processes). */
export const RULES: Readonly<Record<string, readonly Rule[]>> = {
  ContainerInspect: CONTAINER,
  ContainerList: under('[]', LISTED_CONTAINER),
  ExecInspect: rules('command', 'value', 'ProcessConfig.entrypoint ProcessConfig.arguments'),
  ImageInspect: IMAGE,
  ImageList: under('[]', LISTED_IMAGE),
  ImageHistory: rules(INSTRUCTIONS, 'value', '[].CreatedBy'),
  NetworkInspect: NETWORK,
  NetworkList: under('[]', NETWORK),
  VolumeInspect: VOLUME,
  VolumeCreate: VOLUME,
  VolumeList: under('Volumes.[]', VOLUME),
  ServiceInspect: SERVICE,
  ServiceList: under('[]', SERVICE),
  TaskInspect: TASK,
  TaskList: under('[]', TASK),
  SecretInspect: LABELLED,
  SecretList: under('[]', LABELLED),
  ConfigInspect: LABELLED,
  ConfigList: under('[]', LABELLED),
  NodeInspect: NODE,
  NodeList: under('[]', NODE),
  SwarmInspect: SWARM,
  PluginInspect: PLUGIN,
  PluginInspectLegacy: PLUGIN,
  PluginList: under('[]', PLUGIN),
  SystemInfo: INFO,
  SystemDataUsage: [
    ...under('Images.[] ImageUsage.Items.[] ImagesUsage.Items.[]', LISTED_IMAGE),
    ...under('Containers.[] ContainerUsage.Items.[] ContainersUsage.Items.[]', LISTED_CONTAINER),
    ...under('Volumes.[] VolumeUsage.Items.[] VolumesUsage.Items.[]', VOLUME),
    ...under('BuildCache.[] BuildCacheUsage.Items.[]', BUILD_CACHE),
  ],
};
