import { CLUSTER_BODIES } from './body/models/cluster-bodies.ts';
import { CONTAINER_BODIES } from './body/models/container-bodies.ts';
import type { BodyType } from './body/types.ts';

/** The body of every operation that takes JSON, by operationId. */
export const BODIES: Readonly<Record<string, BodyType>> = { ...CONTAINER_BODIES, ...CLUSTER_BODIES };
