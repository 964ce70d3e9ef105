import { bool, field, type Made, string, struct } from '../types.ts';

/** A checkpoint to be made: the body of ContainerCheckpointCreate. */
export const CHECKPOINT_CREATE = struct('CheckpointCreate', {
  CheckpointID: field(string, "the checkpoint's name"),
  CheckpointDir: field(string, 'the directory of the host that it is written to'),
  Exit: field(bool, 'whether the container ends then'),
});
export type CheckpointCreate = Made<typeof CHECKPOINT_CREATE>;
