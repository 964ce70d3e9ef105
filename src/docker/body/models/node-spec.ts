import { field, string, struct } from '../types.ts';
import { ANNOTATIONS } from './annotations.ts';

/** What a node of a swarm is to be (Engine API: `NodeSpec`). */
export const NODE_SPEC = struct('NodeSpec', {
  ...ANNOTATIONS,
  Role: field(string, 'worker or manager'),
  Availability: field(string, 'whether it gets tasks: active, pause, drain'),
});
