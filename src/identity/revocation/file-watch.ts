import { stat } from 'node:fs/promises';

/** How often files are looked at, in milliseconds. */
const LOOK_MS = 1_000;

/** How many looks a file that keeps changing is waited for. */
const MOST_LOOKS = 5;

interface Watched {
  /** As it was when its reading began; undefined while it can not be looked at. */
  read: string | undefined;
  seen: string | undefined;
  looks: number;
}

/**
 * Looks at files each second and tells of those that have changed, once they have stood still from one look to the next:
 * whoever writes a file in place empties it first. Looking, unlike `fs.watch`, sees a file that is renamed into place, a
 * symbolic link that is turned (as Kubernetes does), and what happens on file systems of other machines.
 */
export class FileWatch {
  readonly #files = new Map<string, Watched>();
  readonly #timer: NodeJS.Timeout;
  #isLooking = false;

  /** @param onChange is told of each file that was added */
  constructor(files: readonly string[], onChange: (file: string) => void) {
    for (const file of files) this.#files.set(file, { read: undefined, seen: undefined, looks: 0 });
    this.#timer = setInterval(() => void this.#look(onChange), LOOK_MS).unref();
  }

  /** Takes the files for read as they are now. To be called before they are read. */
  async settle(): Promise<void> {
    for (const [file, watched] of this.#files) {
      watched.read = await fingerprintOf(file);
      watched.seen = watched.read;
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #look(onChange: (file: string) => void): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    for (const [file, watched] of this.#files) {
      const now = await fingerprintOf(file);
      const stands = now === watched.seen;
      watched.seen = now;
      if (now === watched.read) continue;
      watched.looks += 1;
      if (!stands && watched.looks < MOST_LOOKS) continue;
      watched.read = now;
      watched.looks = 0;
      onChange(file);
    }
    this.#isLooking = false;
  }
}

async function fingerprintOf(file: string): Promise<string | undefined> {
  try {
    const { mtimeNs, ctimeNs, size, ino, dev } = await stat(file, { bigint: true });
    return `${mtimeNs} ${ctimeNs} ${size} ${ino} ${dev}`;
  } catch {
    return undefined;
  }
}
