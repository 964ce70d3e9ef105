import type { SwarmInitRequest } from '../body/models/swarm.ts';
import type { SwarmSpec } from '../body/models/swarm-spec.ts';
import type { ApiRequest } from '../types.ts';
import { logConfig } from './host-config/log-config.ts';
import { mergeFacts } from './merge.ts';
import type { Facts } from './types.ts';

/** SwarmInit: the settings of the swarm that is made. */
export function swarmInitFacts(_: ApiRequest, { Spec = {} }: SwarmInitRequest): Partial<Facts> {
  return swarmSpecFacts('Spec.', Spec);
}

/** SwarmUpdate: new settings. */
export function swarmUpdateFacts(_: ApiRequest, spec: SwarmSpec): Partial<Facts> {
  return swarmSpecFacts('', spec);
}

function swarmSpecFacts(at: string, { Labels: labels = {}, TaskDefaults = {} }: SwarmSpec): Partial<Facts> {
  const { Name: Type = '', Options: Config = {} } = TaskDefaults.LogDriver ?? {};
  return mergeFacts({ labels }, logConfig(`${at}TaskDefaults.LogDriver`, { Type, Config }, 'Options'));
}
