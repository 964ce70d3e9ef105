import { cleanPath } from './go/clean-path.ts';
import type { Facts } from './types.ts';

/** File descriptors and roots of processes, as seen in /proc. */
const PROC = /^\/proc(\/|$)/;

/**
 * A working directory in /proc may be a descriptor that runc has left open: a directory of the host (CVE-2024-21626).
 * A symbolic link of the image that leads there is not seen.
 */
export function workingDir(field: string, path = ''): Partial<Facts> {
  const clean = cleanPath(`/${path}`);
  return clean !== null && PROC.test(clean)
    ? { hostPaths: [{ field, path: null, mode: 'rw', via: 'working-dir' }] }
    : {};
}
