import type { NetworkAttachmentConfig } from '../../body/models/references.ts';
import type { EndpointSpec, ServiceSpec } from '../../body/models/service-spec.ts';
import { indexed } from '../field.ts';
import { toUpper } from '../go/to-upper.ts';
import { mergeAll } from '../merge.ts';
import type { Facts, PortFact } from '../types.ts';

/** The network of the node that tasks get when their service names none. */
const DEFAULT_NETWORK = 'bridge';

/** Words that swarmkit matches in capitals; for any other it takes the first. */
const PROTOCOLS: ReadonlySet<string> = new Set(['TCP', 'UDP', 'SCTP']);

/**
 * Networks of a service's tasks, from either of the two places that say it. By its name the network `host` is that of
 * the nodes; the docker CLI gives its id, which only who knows the networks can tell.
 */
export function serviceNetworks(spec: ServiceSpec): Partial<Facts> {
  const { TaskTemplate = {}, Networks: ofService = [] } = spec;
  const { Networks: ofTasks = [] } = TaskTemplate;
  if (ofTasks.length + ofService.length === 0) {
    return attachment('TaskTemplate.Networks', { Target: DEFAULT_NETWORK });
  }
  return mergeAll([
    ...ofTasks.map((each, index) => attachment(indexed('TaskTemplate.Networks', index), each)),
    ...ofService.map((each, index) => attachment(indexed('Networks', index), each)),
  ]);
}

function attachment(field: string, config: NetworkAttachmentConfig): Partial<Facts> {
  const { Target: name = '', Aliases: aliases = [], DriverOpts = {} } = config;
  if (name === 'host') return { hostNamespaces: [{ field, namespace: 'network' }] };
  return {
    networks: [{ field, name, driver: null, aliases, addresses: [], options: Object.keys(DriverOpts) }],
  };
}

/** Ports that are published, on every node or on those that have a task: both are open on the host. */
export function servicePorts(spec: EndpointSpec = {}): Partial<Facts> {
  return {
    ports: (spec.Ports ?? []).map(
      ({ Protocol = '', TargetPort = 0n, PublishedPort = 0n }, index): PortFact => {
        const protocol = toUpper(Protocol);
        const port = Number(PublishedPort);
        return {
          field: indexed('EndpointSpec.Ports', index),
          container: `${TargetPort}/${PROTOCOLS.has(protocol) ? protocol.toLowerCase() : 'tcp'}`,
          host: port === 0 ? null : { first: port, last: port },
          address: '',
        };
      },
    ),
  };
}
