import { type Check, defineCheck } from './check.ts';
import { hostPath } from './words.ts';

export const checkpointPath: Check = defineCheck(
  {
    id: 'checkpoint-path',
    forbids: 'checkpoints in directories of the host',
    source: 'ours',
    remedy:
      "leave it out, the Engine's own directory is used then (docker checkpoint without --checkpoint-dir)",
  },
  ({ hostPaths }) =>
    hostPaths
      .filter(({ via }) => via === 'checkpoint')
      .map((fact) => ({ field: fact.field, asks: `has checkpoints in ${hostPath(fact)}` })),
);
