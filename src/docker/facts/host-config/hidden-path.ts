import type { Facts } from '../types.ts';

/**
 * A text that dockerd takes as it stands, and that Podman puts into a line of options which it then reads: with one of its
 * separators in it a path of the host can follow (seen on Podman 4.3: `Volumes: {"/etc:/x": {}}` mounts /etc, and so does a
 * bind of something else at `/x,src=/etc`).
 *
 * @param separators what ends the text there
 */
export function hiddenPath(field: string, text: string | undefined, separators: string): Partial<Facts> {
  const isPlain = ![...separators].some((separator) => text?.includes(separator));
  return isPlain ? {} : { hostPaths: [{ field, path: null, mode: 'rw', via: 'bind' }] };
}
