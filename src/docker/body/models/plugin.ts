import { array, bool, field, type Made, string, struct } from '../types.ts';

/** What a plugin may do on the host, besides being root (Engine API: `PluginPrivilege`). */
const PLUGIN_PRIVILEGE = struct('PluginPrivilege', {
  Name: field(string, 'the kind of privilege: network, mount, device, capabilities and others'),
  Description: field(string, 'what it is, for people'),
  Value: field(array(string), 'which ones'),
});

/** Body of PluginPull and PluginUpgrade: the privileges that are granted, all that the plugin asks for. */
export const PLUGIN_PRIVILEGES = array(PLUGIN_PRIVILEGE);
export type PluginPrivileges = Made<typeof PLUGIN_PRIVILEGES>;

/** Body of PluginSet: `NAME=value`, `mount.source=/path`, ... */
export const PLUGIN_SETTINGS = array(string);
export type PluginSettings = Made<typeof PLUGIN_SETTINGS>;

const PLUGIN_SPEC_PRIVILEGE = struct('PluginPrivilege', {
  name: field(string, 'the kind of privilege', { alias: 'Name' }),
  description: field(string, 'what it is, for people', { alias: 'Description' }),
  value: field(array(string), 'which ones', { alias: 'Value' }),
});

/**
 * A plugin that a service installs on every node. The Engine's names are in small letters (moby,
 * api/types/swarm/runtime); the published description has capitals, and `PluginPrivilege`, which no Engine reads.
 */
export const PLUGIN_SPEC = struct('PluginSpec', {
  name: field(string, 'its name on the node', { alias: 'Name' }),
  remote: field(string, 'where it is pulled from', { alias: 'Remote' }),
  privileges: field(array(PLUGIN_SPEC_PRIVILEGE), 'the privileges that are granted'),
  disabled: field(bool, 'install it without running it', { alias: 'Disabled' }),
  env: field(array(string), 'its settings, as NAME=value', { secret: true }),
});
export type PluginSpec = Made<typeof PLUGIN_SPEC>;
