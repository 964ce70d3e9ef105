import { type ArchiveReason, badArchive, shown } from './fault.ts';
import type { TarEntry } from './tar.ts';

/** Why nobody can say what the Engine will find under a watched name. */
export interface TreeFault {
  readonly reason: ArchiveReason;
  readonly sentence: string;
}

/** How much of names is remembered; links are few in honest archives. */
const REMEMBERED_BYTES = 16_777_216;
/** PATH_MAX: longer ones can not be unpacked. */
const NAME_BYTES = 4_096;

/**
 * Watches what becomes of certain files when an archive is unpacked. The Engine unpacks entry after entry, through
 * links that earlier ones have made, and replaces what is there (moby, pkg/archive): this says of each entry
 * whether it could put something else in the place of a watched file than the one entry of that name.
 */
export class Tree {
  readonly #watched: ReadonlySet<string>;
  readonly #above = new Set<string>();
  readonly #met = new Set<string>();
  readonly #links = new Set<string>();
  #remembered = 0;

  /** @param watched cleaned names, bytes as characters */
  constructor(watched: Iterable<string>) {
    this.#watched = new Set(watched);
    for (const path of this.#watched) for (const parent of parentsOf(path)) this.#above.add(parent);
  }

  /**
   * @returns the entry's cleaned name, or a fault
   */
  add(entry: TarEntry): string | TreeFault {
    const path = cleanName(entry.name);
    const entryName = shown(entry.name);
    if (path === null)
      return fault('archive-name', `the archive has an entry ${entryName} that leaves the archive's folder`);
    if (path === '' && entry.type !== 'directory') {
      return fault('archive-name', `the archive has an entry ${entryName} that stands for the folder itself`);
    }
    for (const parent of parentsOf(path)) {
      if (this.#links.has(parent))
        return fault('archive-link', `the archive has an entry ${entryName} behind a link`);
      if (this.#watched.has(parent)) {
        return fault('archive-duplicate', `the archive has ${shown(parent)} both as a file and as a folder`);
      }
    }
    if (this.#above.has(path) && entry.type !== 'directory') {
      return fault('archive-link', `the archive has an entry ${entryName} where a folder must be`);
    }
    if (this.#watched.has(path)) {
      if (entry.type !== 'file')
        return fault('archive-link', `${shown(path)} in the archive is no regular file`);
      if (this.#met.has(path)) return fault('archive-duplicate', `the archive has ${shown(path)} twice`);
      this.#met.add(path);
    }
    if (entry.type === 'symlink' || entry.type === 'hardlink') {
      this.#remembered += path.length;
      if (this.#remembered > REMEMBERED_BYTES) return fault('archive-link', 'the archive has too many links');
      this.#links.add(path);
    }
    return path;
  }
}

/** Throws a fault as a refusal; a name passes. */
export function orRefuse(found: string | TreeFault): string {
  if (typeof found === 'string') return found;
  throw badArchive(found.reason, found.sentence);
}

/**
 * The name as the Engine's path.Clean leaves it.
 *
 * @returns null for one that is absolute, goes up, or is too long; '' for the folder itself
 */
export function cleanName(name: string): string | null {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  return name.startsWith('/') || parts.includes('..') || name.length > NAME_BYTES ? null : parts.join('/');
}

/** `a/b/c` lies in `a` and `a/b`. */
function* parentsOf(path: string): Generator<string> {
  for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1)) {
    yield path.slice(0, slash);
  }
}

function fault(reason: ArchiveReason, sentence: string): TreeFault {
  return { reason, sentence };
}
