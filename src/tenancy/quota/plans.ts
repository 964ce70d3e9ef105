import { type Plan, pieces } from './demand.ts';
import { CREATE, START, UPDATE } from './of-containers.ts';
import { SERVICE_CREATE, SERVICE_UPDATE } from './of-services.ts';

/** The Engine answers with the volume of that name where there is one. */
const VOLUME: Plan = {
  kind: 'volume',
  adds: ['volumes'],
  event: 'create',
  makes: true,
  demand({ facts }, held) {
    const [{ name = '' } = {}] = facts.volumes;
    return pieces({ volumes: held.some(({ kind, id }) => kind === 'volume' && id === name) ? 0n : 1n });
  },
};

const NETWORK: Plan = {
  kind: 'network',
  adds: ['networks'],
  event: 'create',
  makes: true,
  demand: () => pieces({ networks: 1n }),
};

/** Operations that add to what a tenant has, images apart. */
export const PLANS: ReadonlyMap<string, Plan> = new Map([
  ['ContainerCreate', CREATE],
  ['ContainerStart', START],
  ['ContainerRestart', START],
  ['ContainerUpdate', UPDATE],
  ['VolumeCreate', VOLUME],
  ['NetworkCreate', NETWORK],
  ['ServiceCreate', SERVICE_CREATE],
  ['ServiceUpdate', SERVICE_UPDATE],
]);
