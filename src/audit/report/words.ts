import { OPERATIONS } from '../../docker/operations.ts';

/** What operations do, for readers who do not know Docker. */

const SPECIAL: Readonly<Record<string, string>> = {
  BuildCancel: 'stop a build of an image',
  BuildPrune: 'delete what earlier builds left behind',
  ContainerArchive: 'copy files out of a container',
  ContainerArchiveInfo: 'look at a file in a container',
  ContainerAttach: 'connect to the input and output of a container',
  ContainerAttachWebsocket: 'connect to the input and output of a container',
  ContainerChanges: 'list the changed files of a container',
  ContainerCheckpointCreate: 'save the state of a running container',
  ContainerCheckpointDelete: 'delete a saved state of a container',
  ContainerCheckpointList: 'list the saved states of a container',
  ContainerExec: 'prepare to run a command in a container',
  ContainerExport: 'copy all files out of a container',
  ContainerKill: 'send a signal to a container',
  ContainerLogs: 'read the output of a container',
  ContainerPrune: 'delete all stopped containers',
  ContainerStats: 'see how much of the machine a container uses',
  ContainerTop: 'list the processes in a container',
  ContainerWait: 'wait for a container to stop',
  DistributionInspect: 'look up an image in a registry',
  ExecStart: 'run a command in a container',
  GetPluginPrivileges: 'see what a plugin asks for',
  Grpc: 'talk to the builder of images directly',
  ImageBuild: 'build an image',
  ImageCommit: 'make an image of a container',
  ImageCreate: 'fetch or import an image',
  ImageAttestations: 'read what vouches for an image',
  ImageGet: 'copy an image out',
  ImageGetAll: 'copy images out',
  ImageHistory: 'see how an image was made',
  ImageLoad: 'copy images in',
  ImagePush: 'send an image to a registry',
  ImageSearch: 'search for images',
  ImageTag: 'give an image another name',
  NetworkConnect: 'connect a container to a network',
  NetworkDisconnect: 'disconnect a container from a network',
  ExecResize: 'resize the window of a command in a container',
  PluginInspectLegacy: 'look at a plugin',
  PutContainerArchive: 'copy files into a container',
  ServiceLogs: 'read the output of a service',
  Session: 'open a session for building images',
  SwarmUnlockkey: 'read the key that unlocks the cluster',
  SystemAuth: 'check a password of a registry',
  SystemDataUsage: 'see how much disk is used',
  SystemEvents: 'watch what happens on the Engine',
  SystemInfo: 'look at the Engine',
  SystemPing: 'ask whether the Engine is there',
  SystemPingHead: 'ask whether the Engine is there',
  SystemVersion: 'ask for the version of the Engine',
  TaskLogs: 'read the output of a task',
};

const VERBS: Readonly<Record<string, string>> = {
  Create: 'create',
  Delete: 'delete',
  Disable: 'disable',
  Enable: 'enable',
  Init: 'set up',
  Inspect: 'look at',
  Join: 'join',
  Leave: 'leave',
  List: 'list',
  Pause: 'pause',
  Prune: 'delete all unused',
  Pull: 'fetch',
  Push: 'send away',
  Rename: 'rename',
  Resize: 'resize the window of',
  Restart: 'restart',
  Set: 'configure',
  Start: 'start',
  Stop: 'stop',
  Unlock: 'unlock',
  Unpause: 'continue',
  Update: 'change',
  Upgrade: 'upgrade',
};

/** @returns a phrase such as `stop a container`; the operation's own name where there is no phrase */
export function wordsFor(operationId: string): string {
  const special = SPECIAL[operationId];
  if (special !== undefined) return special;
  const operation = OPERATIONS.find(({ id }) => id === operationId);
  const [, verb = ''] = /([A-Z][a-z]+)$/.exec(operationId) ?? [];
  const words = VERBS[verb];
  if (operation === undefined || words === undefined) return operationId;
  const { kind } = operation;
  if (verb === 'List' || verb === 'Prune') return `${words} ${kind}s`;
  return `${words} ${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind}`;
}
