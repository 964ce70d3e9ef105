import type { CheckpointCreate } from '../body/models/checkpoint.ts';
import type { ApiRequest } from '../types.ts';
import { cleanPath } from './go/clean-path.ts';
import { mergeFacts } from './merge.ts';
import type { Facts } from './types.ts';

/** ContainerCheckpointCreate: where on the host a checkpoint is written. */
export function checkpointCreateFacts(_: ApiRequest, body: CheckpointCreate): Partial<Facts> {
  return mergeFacts(
    directory('CheckpointDir', body.CheckpointDir),
    checkpoint('CheckpointID', body.CheckpointID),
  );
}

/** ContainerCheckpointList and ContainerCheckpointDelete: the directory in `dir`. */
export function checkpointFacts({ query, params }: ApiRequest): Partial<Facts> {
  return mergeFacts(
    directory('query dir', query['dir'] as string | undefined),
    checkpoint('path checkpoint', params['checkpoint']),
  );
}

/** ContainerStart: the directory that a checkpoint is restored from. */
export function startFacts({ query }: ApiRequest): Partial<Facts> {
  return mergeFacts(
    directory('query checkpoint-dir', query['checkpoint-dir'] as string | undefined),
    checkpoint('query checkpoint', query['checkpoint'] as string | undefined),
  );
}

/** Not every Engine checks a checkpoint's name before it joins it to the directory: `../..` leads anywhere. */
function checkpoint(field: string, name = ''): Partial<Facts> {
  const plain = name === '' || /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name);
  return plain ? {} : { hostPaths: [{ field, path: null, mode: 'rw', via: 'checkpoint' }] };
}

/** Without one the Engine uses a directory of its own. */
function directory(field: string, path = ''): Partial<Facts> {
  if (path === '') return {};
  return { hostPaths: [{ field, path: cleanPath(path), mode: 'rw', via: 'checkpoint' }] };
}
