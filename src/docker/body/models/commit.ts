import { field, ignored, struct } from '../types.ts';
import { CONTAINER_CONFIG_FIELDS } from './container-config.ts';

// dockerode sends its query along; what else container create takes, the Engine reads here and forgets.
const UNUSED = field(ignored, 'not read here');

/** What the new image changes of the container's configuration: the body of ImageCommit. */
export const IMAGE_COMMIT = struct('ImageCommit', {
  ...CONTAINER_CONFIG_FIELDS,
  container: UNUSED,
  repo: UNUSED,
  tag: UNUSED,
  comment: UNUSED,
  author: UNUSED,
  pause: UNUSED,
  changes: UNUSED,
  HostConfig: UNUSED,
  NetworkingConfig: UNUSED,
});
