import { array, empty, field, type Made, map, string, struct, uint32 } from '../types.ts';

const FILE_TARGET = struct('FileTarget', {
  Name: field(string, 'the path in the container'),
  UID: field(string, 'the owner'),
  GID: field(string, 'the group'),
  Mode: field(uint32, 'the permissions, as a number'),
});

/** A secret in a task's file system: `ContainerSpec.Secrets[]`. */
export const SECRET_REFERENCE = struct('SecretReference', {
  File: field(FILE_TARGET, 'the file it becomes'),
  SecretID: field(string, 'the id of the secret'),
  SecretName: field(string, 'the name of the secret'),
});

/** A config that a task uses: `ContainerSpec.Configs[]`. */
export const CONFIG_REFERENCE = struct('ConfigReference', {
  File: field(FILE_TARGET, 'the file it becomes'),
  Runtime: field(empty, 'it becomes no file: a credential spec names it', { since: 40 }),
  ConfigID: field(string, 'the id of the config'),
  ConfigName: field(string, 'the name of the config'),
});

/** A network that tasks join: `TaskTemplate.Networks[]`, `Networks[]`. */
export const NETWORK_ATTACHMENT_CONFIG = struct('NetworkAttachmentConfig', {
  Target: field(string, 'the network'),
  Aliases: field(array(string), 'further names of the tasks on it'),
  DriverOpts: field(map(string), 'options of the network driver for this attachment'),
});
export type NetworkAttachmentConfig = Made<typeof NETWORK_ATTACHMENT_CONFIG>;
