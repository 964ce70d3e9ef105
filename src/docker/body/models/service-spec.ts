import { array, empty, field, float, int64, type Made, string, struct, uint32, uint64 } from '../types.ts';
import { ANNOTATIONS } from './annotations.ts';
import { NETWORK_ATTACHMENT_CONFIG } from './references.ts';
import { TASK_SPEC } from './task-spec.ts';

const REPLICATED = struct('Replicated', {
  Replicas: field(uint64, 'how many tasks'),
});

const REPLICATED_JOB = struct('ReplicatedJob', {
  MaxConcurrent: field(uint64, 'how many tasks at once'),
  TotalCompletions: field(uint64, 'how many tasks in all'),
});

const MODE = struct('ServiceMode', {
  // docker-py spells them so.
  Replicated: field(REPLICATED, 'a number of tasks', { alias: 'replicated' }),
  Global: field(empty, 'a task on every node', { alias: 'global' }),
  ReplicatedJob: field(REPLICATED_JOB, 'a number of tasks that end', { since: 41 }),
  GlobalJob: field(empty, 'a task on every node that ends', { since: 41 }),
});

const UPDATE_CONFIG = struct('UpdateConfig', {
  Parallelism: field(uint64, 'how many tasks at once; 0 is all'),
  Delay: field(int64, 'nanoseconds between two steps'),
  FailureAction: field(string, 'what follows a failure: continue, pause, rollback'),
  Monitor: field(int64, 'nanoseconds in which a new task may fail'),
  MaxFailureRatio: field(float, 'the part of tasks that may fail'),
  Order: field(string, 'stop-first or start-first'),
});

const PORT_CONFIG = struct('EndpointPortConfig', {
  Name: field(string, 'its name'),
  Protocol: field(string, 'tcp, udp or sctp'),
  TargetPort: field(uint32, 'the port in the container'),
  PublishedPort: field(uint32, 'the port on the nodes'),
  PublishMode: field(string, 'ingress: on every node; host: on the nodes that have a task'),
});

export const ENDPOINT_SPEC = struct('EndpointSpec', {
  Mode: field(string, 'how the service is found: vip or dnsrr'),
  Ports: field(array(PORT_CONFIG), 'ports that are published'),
});
export type EndpointSpec = Made<typeof ENDPOINT_SPEC>;

/** Body of ServiceCreate (Engine API: `ServiceSpec`). */
export const SERVICE_SPEC = struct('ServiceSpec', {
  ...ANNOTATIONS,
  TaskTemplate: field(TASK_SPEC, 'how tasks are made'),
  Mode: field(MODE, 'how many tasks there are'),
  UpdateConfig: field(UPDATE_CONFIG, 'how tasks are replaced in an update'),
  RollbackConfig: field(UPDATE_CONFIG, 'how tasks are replaced in a rollback'),
  // Engines of API 1.52 and newer no longer read it.
  Networks: field(
    array(NETWORK_ATTACHMENT_CONFIG),
    'networks that tasks join, where TaskTemplate names none',
  ),
  EndpointSpec: field(ENDPOINT_SPEC, 'how the service is reached'),
});
export type ServiceSpec = Made<typeof SERVICE_SPEC>;
