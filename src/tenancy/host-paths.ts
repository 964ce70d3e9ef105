import { lstatSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Facts, HostPathFact } from '../docker/facts/types.ts';

/** Resolves symlinks of a clean absolute path; null when it can not be told where it leads. */
export type RealPath = (path: string) => string | null;

/**
 * Facts in which each path of the host that leads elsewhere through symlinks stands twice: as it was asked for, and
 * as the host resolves it now, so that both are judged. The Engine resolves it again when the container starts.
 */
export function withResolvedPaths(facts: Facts, realPath: RealPath): Facts {
  const hostPaths = facts.hostPaths.flatMap((fact): HostPathFact[] => {
    if (fact.path === null) return [fact];
    const path = realPath(fact.path);
    return path === fact.path ? [fact] : [fact, { ...fact, path }];
  });
  return hostPaths.length === facts.hostPaths.length ? facts : { ...facts, hostPaths };
}

/**
 * Where a path of this host leads. Of one that is not there yet, the part that is there is resolved: the Engine makes
 * the rest as plain folders.
 */
export const realPathHere: RealPath = (path) => {
  try {
    return realpathSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A link that leads nowhere yet may lead anywhere soon.
    if (code !== 'ENOENT' || path === '/' || lstatSync(path, { throwIfNoEntry: false }) !== undefined)
      return null;
    const parent = realPathHere(dirname(path));
    return parent === null ? null : join(parent, path.slice(path.lastIndexOf('/') + 1));
  }
};
