import { array, field, int64, type Made, string, struct, uint64 } from '../types.ts';
import { CONTAINER_SPEC } from './container-spec.ts';
import { DRIVER } from './driver.ts';
import { PLUGIN_SPEC } from './plugin.ts';
import { NETWORK_ATTACHMENT_CONFIG } from './references.ts';
import { RESOURCE_REQUIREMENTS } from './task-resources.ts';

const NETWORK_ATTACHMENT_SPEC = struct('NetworkAttachmentSpec', {
  ContainerID: field(string, 'the container that is attached'),
});

const RESTART_POLICY = struct('RestartPolicy', {
  Condition: field(string, 'when a task that ended is replaced: none, on-failure, any'),
  Delay: field(int64, 'nanoseconds before that'),
  MaxAttempts: field(uint64, 'how often'),
  Window: field(int64, 'nanoseconds in which attempts are counted'),
});

const SPREAD = struct('Spread', {
  SpreadDescriptor: field(string, 'the label of nodes over which tasks are spread'),
});

const PLACEMENT = struct('Placement', {
  Constraints: field(array(string), 'which nodes may have tasks'),
  Preferences: field(
    array(struct('PlacementPreference', { Spread: field(SPREAD, 'evenly') })),
    'how tasks are spread over nodes',
  ),
  MaxReplicas: field(uint64, 'the most tasks of the service on one node', { since: 40 }),
  Platforms: field(
    array(
      struct('Platform', {
        Architecture: field(string, 'the processor'),
        OS: field(string, 'the operating system'),
      }),
    ),
    'platforms that the image runs on',
  ),
});

/** How the tasks of a service are made: `TaskTemplate` (Engine API: `TaskSpec`). */
export const TASK_SPEC = struct('TaskSpec', {
  PluginSpec: field(PLUGIN_SPEC, 'the plugin, where Runtime is plugin'),
  ContainerSpec: field(CONTAINER_SPEC, 'the container'),
  NetworkAttachmentSpec: field(NETWORK_ATTACHMENT_SPEC, 'read-only: of containers that joined by themselves'),
  Resources: field(RESOURCE_REQUIREMENTS, 'what tasks may use'),
  RestartPolicy: field(RESTART_POLICY, 'what happens when a task ends'),
  Placement: field(PLACEMENT, 'on which nodes tasks run'),
  ForceUpdate: field(uint64, 'tasks are replaced when this counter changes'),
  Runtime: field(string, 'container or plugin'),
  Networks: field(array(NETWORK_ATTACHMENT_CONFIG), 'networks that tasks join'),
  LogDriver: field(DRIVER, 'where tasks log to'),
});
export type TaskSpec = Made<typeof TASK_SPEC>;
