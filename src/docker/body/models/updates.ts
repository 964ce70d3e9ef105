import { field, ignored, type StructType, struct } from '../types.ts';
import { NODE_SPEC } from './node-spec.ts';
import { CONFIG_SPEC, SECRET_SPEC } from './secret-spec.ts';
import { SERVICE_SPEC } from './service-spec.ts';
import { SWARM_SPEC } from './swarm-spec.ts';

/** Bodies of updates: dockerode repeats in them what the Engine reads from the query. */
function update(spec: StructType, names: string): StructType {
  const repeated = names.split(' ').map((name) => [name, field(ignored, 'of dockerode; the query says it')]);
  return struct(spec.name, { ...spec.fields, ...Object.fromEntries(repeated) });
}

export const SERVICE_UPDATE = update(SERVICE_SPEC, 'version registryAuthFrom rollback');
export const SECRET_UPDATE = update(SECRET_SPEC, 'version');
export const CONFIG_UPDATE = update(CONFIG_SPEC, 'version');
export const NODE_UPDATE = update(NODE_SPEC, 'version');
export const SWARM_UPDATE = update(
  SWARM_SPEC,
  'version rotateWorkerToken rotateManagerToken rotateManagerUnlockKey',
);
