import type { ServiceSpec } from '../body/models/service-spec.ts';
import type { TaskSpec } from '../body/models/task-spec.ts';
import type { ApiRequest } from '../types.ts';
import { logConfig } from './host-config/log-config.ts';
import { mergeFacts } from './merge.ts';
import { pluginSpecFacts } from './plugin.ts';
import { containerSpecFacts } from './service/container.ts';
import { serviceNetworks, servicePorts } from './service/networks.ts';
import { serviceResources } from './service/resources.ts';
import type { Facts } from './types.ts';

/** What the tasks of a service ask for, in the words of a container. */
export function serviceFacts(_: ApiRequest, spec: ServiceSpec): Partial<Facts> {
  const { TaskTemplate = {}, Labels = {}, EndpointSpec } = spec;
  return mergeFacts(
    { runs: 'service', labels: Labels },
    containerSpecFacts(TaskTemplate.ContainerSpec ?? {}),
    serviceResources(TaskTemplate.Resources, TaskTemplate.ContainerSpec),
    serviceNetworks(spec),
    servicePorts(EndpointSpec),
    logDriver(TaskTemplate),
    restart(TaskTemplate),
    plugin(TaskTemplate),
  );
}

/**
 * A rollback puts the spec that the service had before in place of the body's, whatever it was and whoever allowed
 * it: of that one nothing can be told here.
 */
export function serviceUpdateFacts(api: ApiRequest, spec: ServiceSpec): Partial<Facts> {
  const { rollback = '' } = api.query;
  const facts = serviceFacts(api, spec);
  if (rollback === '' || rollback === 'none') return facts;
  return mergeFacts(facts, {
    hostPaths: [{ field: 'query rollback', path: null, mode: 'rw', via: 'bind' }],
  });
}

function logDriver({ LogDriver = {} }: TaskSpec): Partial<Facts> {
  const { Name = '', Options = {} } = LogDriver;
  return logConfig('TaskTemplate.LogDriver', { Type: Name, Config: Options }, 'Options');
}

/** Tasks that ended are replaced unless the policy says otherwise. */
function restart({ RestartPolicy = {} }: TaskSpec): Partial<Facts> {
  const { Condition: policy = '' } = RestartPolicy;
  if (policy === 'none') return {};
  return {
    restart: { field: 'TaskTemplate.RestartPolicy.Condition', policy: policy === '' ? 'any' : policy },
  };
}

function plugin({ Runtime = '', PluginSpec }: TaskSpec): Partial<Facts> {
  return Runtime === 'plugin' || PluginSpec !== undefined
    ? pluginSpecFacts('TaskTemplate.PluginSpec', PluginSpec ?? {})
    : {};
}
