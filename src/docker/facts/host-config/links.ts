import { indexed } from '../field.ts';
import type { Facts } from '../types.ts';

/** Legacy links, `<container>:<alias>` (docker/go-connections, opts.ParseLink): the containers they lead to. */
export function links(at: string, list: readonly string[] = []): Partial<Facts> {
  return {
    joinedContainers: list.map((text, index) => ({
      field: indexed(at, index),
      container: (text.split(':')[0] ?? '').replace(/^\//, ''),
      namespace: 'link',
    })),
  };
}
