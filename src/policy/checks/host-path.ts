import type { HostPathFact } from '../../docker/facts/types.ts';
import { type Check, defineCheck } from './check.ts';
import { hostPath as pathOf } from './words.ts';

type Via = HostPathFact['via'];

/** Ways to a path of the host that a check of their own forbids: each thing is refused for one reason. */
const ELSEWHERE: ReadonlySet<Via> = new Set<Via>([
  'driver-option',
  'device',
  'log-option',
  'checkpoint',
  'credential-spec',
  'working-dir',
]);

/** Also what may be a path for all we can tell, and any way to one that is new. */
export const hostPath: Check = defineCheck(
  {
    id: 'host-path',
    forbids: 'paths of the host in a container',
    source: 'PSS baseline: HostPath Volumes',
    remedy: 'use a named volume (docker run -v NAME:/path)',
  },
  ({ hostPaths }) =>
    hostPaths
      .filter(({ via }) => !ELSEWHERE.has(via))
      .map((fact) => ({ field: fact.field, asks: asks(fact) })),
);

function asks(fact: HostPathFact): string {
  if (fact.via === 'propagation') return `passes mounts on to ${pathOf(fact)}`;
  const mode = fact.mode === 'ro' ? ', read-only' : '';
  const relabel = fact.relabel === undefined ? '' : ', and changes its SELinux labels';
  return `mounts ${pathOf(fact)}${mode}${relabel}`;
}
