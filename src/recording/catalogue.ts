import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CastHeader } from './asciicast.ts';
import { readCastHeader } from './reader.ts';
import { recordingName, sessionOfFile } from './recording-file.ts';

/** A recording on disk. */
export interface Recording {
  readonly id: string;
  readonly file: string;
  /** Its size. */
  readonly bytes: number;
  /** When something was written to it last, in milliseconds since the epoch. */
  readonly changedAt: number;
  /** Undefined when it can not be read as one. */
  readonly header: CastHeader | undefined;
}

/**
 * The recordings in a folder, the oldest first. What has another name than a recording of ours is none.
 *
 * @returns nothing when there is no such folder
 * @throws NodeJS.ErrnoException when it can not be read
 */
export async function listRecordings(folder: string): Promise<Recording[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const found: Recording[] = [];
  for (const name of names) {
    const id = sessionOfFile(name);
    if (id !== undefined) found.push(await recordingOf(folder, id));
  }
  return found.sort(
    (a, b) => (a.header?.timestamp ?? 0) - (b.header?.timestamp ?? 0) || a.changedAt - b.changedAt,
  );
}

async function recordingOf(folder: string, id: string): Promise<Recording> {
  const file = recordingName(id);
  const path = join(folder, file);
  const { size, mtimeMs } = await stat(path);
  const header = await readCastHeader(path).catch(() => undefined);
  return { id, file, bytes: size, changedAt: Math.round(mtimeMs), header };
}

/** The one of these ids that begins so; what is wrong when there is none, or more than one. */
export function pickByPrefix(
  ids: readonly string[],
  prefix: string,
): { readonly id: string } | { readonly fault: string } {
  const fits = [...new Set(ids)].filter((id) => id.startsWith(prefix.toLowerCase()));
  const [id, another] = fits;
  if (id === undefined || prefix === '') return { fault: `there is no session ${prefix}` };
  if (another !== undefined)
    return { fault: `${fits.length} sessions begin with ${prefix}; give more of its id` };
  return { id };
}
