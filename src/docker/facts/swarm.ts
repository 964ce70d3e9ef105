import type { SwarmInitRequest, SwarmJoinRequest } from '../body/models/swarm.ts';
import type { SwarmSpec } from '../body/models/swarm-spec.ts';
import type { ApiRequest } from '../types.ts';
import { indexed } from './field.ts';
import { logConfig } from './host-config/log-config.ts';
import { mergeFacts } from './merge.ts';
import { registryFacts, registryOfAddress } from './registry-address.ts';
import type { Facts } from './types.ts';

const SCHEME = /^[a-zA-Z][a-zA-Z0-9+.-]*:\/\//;

/** SwarmInit: the settings of the swarm that is made. */
export function swarmInitFacts(_: ApiRequest, { Spec = {} }: SwarmInitRequest): Partial<Facts> {
  return swarmSpecFacts('Spec.', Spec);
}

/** SwarmJoin: the managers to which this Engine gives itself. */
export function swarmJoinFacts(_: ApiRequest, { RemoteAddrs = [] }: SwarmJoinRequest): Partial<Facts> {
  return mergeFacts(
    ...RemoteAddrs.map((address, index) => registryFacts(indexed('RemoteAddrs', index), address)),
  );
}

/** SwarmUpdate: new settings. */
export function swarmUpdateFacts(_: ApiRequest, spec: SwarmSpec): Partial<Facts> {
  return swarmSpecFacts('', spec);
}

function swarmSpecFacts(at: string, spec: SwarmSpec): Partial<Facts> {
  const { Labels: labels = {}, TaskDefaults = {}, CAConfig = {} } = spec;
  const { Name: Type = '', Options: Config = {} } = TaskDefaults.LogDriver ?? {};
  return mergeFacts(
    { labels },
    logConfig(`${at}TaskDefaults.LogDriver`, { Type, Config }, 'Options'),
    ...(CAConfig.ExternalCAs ?? []).map(({ URL: address = '' }, index) =>
      registryOfAddress(`${indexed(`${at}CAConfig.ExternalCAs`, index)}.URL`, address, SCHEME),
    ),
  );
}
