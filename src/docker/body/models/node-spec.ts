import { field, type Made, string, struct } from '../types.ts';
import { ANNOTATIONS } from './annotations.ts';

/** Body of NodeUpdate (Engine API: `NodeSpec`). */
export const NODE_SPEC = struct('NodeSpec', {
  ...ANNOTATIONS,
  Role: field(string, 'worker or manager'),
  Availability: field(string, 'whether it gets tasks: active, pause, drain'),
});
export type NodeSpec = Made<typeof NODE_SPEC>;
