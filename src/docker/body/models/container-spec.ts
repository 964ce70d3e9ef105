import { array, bool, field, int64, type Made, map, string, struct } from '../types.ts';
import { HEALTH_CONFIG } from './health.ts';
import { MOUNT } from './mounts.ts';
import { PRIVILEGES } from './privileges.ts';
import { CONFIG_REFERENCE, SECRET_REFERENCE } from './references.ts';
import { ULIMIT } from './resources.ts';

const DNS_CONFIG = struct('DNSConfig', {
  Nameservers: field(array(string), 'addresses of DNS servers'),
  Search: field(array(string), 'domains that names are searched in'),
  Options: field(array(string), 'options of the resolver'),
});

/**
 * The containers of a service (Engine API: `TaskSpec.ContainerSpec`). `since` is given where an Engine drops the
 * field from requests of older versions (moby, router/swarm/helpers.go): asking for a limit there would set none.
 */
export const CONTAINER_SPEC = struct('ContainerSpec', {
  Image: field(string, 'the image, by name'),
  Labels: field(map(string), 'labels of the containers'),
  Command: field(array(string), 'what runs, in place of the entrypoint'),
  Args: field(array(string), 'its arguments'),
  Hostname: field(string, 'the host name, which may be a template'),
  Env: field(array(string), 'environment variables, NAME=value', { secret: true }),
  Dir: field(string, 'the working directory'),
  User: field(string, 'who it runs as'),
  Groups: field(array(string), 'supplementary groups'),
  Privileges: field(PRIVILEGES, 'how it is confined'),
  Init: field(bool, 'an init process that reaps zombies'),
  StopSignal: field(string, 'the signal that asks it to end'),
  TTY: field(bool, 'a terminal'),
  OpenStdin: field(bool, 'standard input stays open'),
  ReadOnly: field(bool, 'the root file system is read-only'),
  Mounts: field(array(MOUNT), 'what is mounted; a source may be a template'),
  StopGracePeriod: field(int64, 'nanoseconds between asking and killing'),
  Healthcheck: field(HEALTH_CONFIG, 'how its health is found out'),
  Hosts: field(array(string), 'lines of /etc/hosts: address, name, aliases'),
  DNSConfig: field(DNS_CONFIG, 'how names are resolved'),
  Secrets: field(array(SECRET_REFERENCE), 'secrets it may read'),
  Configs: field(array(CONFIG_REFERENCE), 'configs it may read'),
  Isolation: field(string, 'how it is isolated on Windows'),
  Sysctls: field(map(string), 'kernel parameters of its namespaces', { since: 40 }),
  CapabilityAdd: field(array(string), 'capabilities it gets besides', { since: 41 }),
  CapabilityDrop: field(array(string), 'capabilities it does not get', { since: 41 }),
  Ulimits: field(array(ULIMIT), 'resource limits of its processes', { since: 41 }),
  OomScoreAdj: field(int64, 'how readily the kernel kills it', { since: 46 }),
});
export type ContainerSpec = Made<typeof CONTAINER_SPEC>;
