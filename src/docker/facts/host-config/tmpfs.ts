import { keyed } from '../field.ts';
import { cleanPath } from '../go/clean-path.ts';
import { mergeAll, mergeFacts } from '../merge.ts';
import type { Facts } from '../types.ts';
import { hiddenPath } from './hidden-path.ts';

/** What a tmpfs and any mount can be told (tmpfs(5), mount(8)), by the name before a `=`. */
const OPTIONS: ReadonlySet<string> = new Set([
  ...['', 'defaults', 'size', 'mode', 'uid', 'gid', 'nr_inodes', 'nr_blocks', 'mpol'],
  ...['ro', 'rw', 'suid', 'nosuid', 'dev', 'nodev', 'exec', 'noexec', 'sync', 'async', 'dirsync'],
  ...['atime', 'noatime', 'diratime', 'nodiratime', 'relatime', 'norelatime', 'strictatime', 'nostrictatime'],
]);

const PROC = /^\/proc(\/|$)/;

/** `HostConfig.Tmpfs`: by the path in the container. */
export function tmpfs(mounts: Readonly<Record<string, string>> = {}): Partial<Facts> {
  return mergeAll(
    Object.entries(mounts).map(([path, options]) =>
      mergeFacts(
        tmpfsFacts(keyed('HostConfig.Tmpfs', path), path, options.split(',')),
        hiddenPath(keyed('HostConfig.Tmpfs', path), path, ':,'),
      ),
    ),
  );
}

/**
 * A tmpfs. The Engine hands its options on: with `bind` among them runc mounts a path of the host instead, with
 * `remount` it changes a mount that is there (seen on dockerd 20.10 with runc 1.1). Over /proc it hides what the
 * Engine masks there, and what runc writes there (CVE-2019-16884 and its kind).
 */
export function tmpfsFacts(field: string, target: string, options: readonly string[]): Partial<Facts> {
  const known = options.every((option) => OPTIONS.has(option.split('=')[0] ?? ''));
  const path = cleanPath(target.replaceAll('\\', '/'));
  return {
    mountTypes: [{ field, type: 'tmpfs' }],
    ...(known ? {} : { hostPaths: [{ field, path: null, mode: 'rw', via: 'bind' }] }),
    ...(path !== null && PROC.test(path)
      ? { security: { others: [], maskedPaths: { field, paths: [] } } }
      : {}),
  };
}
