import { CONTAINER_LIST } from './container-list.ts';
import { EVENTS } from './events.ts';
import { IMAGE_HISTORY, IMAGE_INSPECT } from './image.ts';
import { IMAGE_LIST } from './image-list.ts';
import { IMAGE_DELETE, IMAGE_PRUNE } from './image-removal.ts';
import { INFO } from './info.ts';
import { listView } from './lists.ts';
import { NETWORK_INSPECT, NETWORK_LIST } from './networks.ts';
import type { View } from './types.ts';
import { DISK_USAGE } from './usage.ts';
import { VOLUME_INSPECT, VOLUME_LIST } from './volumes.ts';

export type { Ask, JsonView, LinesView, View } from './types.ts';

/** The replies that tell of more than the objects which the request was judged on. */
const VIEWS: ReadonlyMap<string, View> = new Map<string, View>([
  ['ContainerList', CONTAINER_LIST],
  ['NetworkList', NETWORK_LIST],
  ['NetworkInspect', NETWORK_INSPECT],
  ['VolumeList', VOLUME_LIST],
  ['VolumeInspect', VOLUME_INSPECT],
  ['ServiceList', listView('service')],
  ['TaskList', listView('task')],
  ['SecretList', listView('secret')],
  ['ConfigList', listView('config')],
  ['ImageList', IMAGE_LIST],
  ['ImageInspect', IMAGE_INSPECT],
  ['ImageHistory', IMAGE_HISTORY],
  ['ImageDelete', IMAGE_DELETE],
  ['ImagePrune', IMAGE_PRUNE],
  ['SystemInfo', INFO],
  ['SystemDataUsage', DISK_USAGE],
  ['SystemEvents', EVENTS],
]);

/**
 * What becomes of the Engine's successful reply for a principal with limited sight.
 *
 * @returns undefined when the reply shows nothing of others: it is about objects that were judged
 */
export function viewOf(operationId: string): View | undefined {
  return VIEWS.get(operationId);
}
