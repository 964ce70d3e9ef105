import type { Readable } from 'node:stream';
import { compressionOf, SNIFFED_BYTES } from '../docker/archive/compression.ts';
import { badArchive } from '../docker/archive/fault.ts';
import type { ArchiveScan } from '../docker/archive/tar.ts';
import type { Pace } from '../limits/pace.ts';
import { archiveTooLarge, BodyPieces } from './body-pieces.ts';
import { ByteQueue, type Pieces } from './byte-queue.ts';
import { gunzip } from './gunzip.ts';
import { createSpoolFile, type SpoolFile, spoolFull } from './spool-file.ts';

/** Bounds on archives that are kept on disk while they are judged. */
export interface SpoolLimits {
  /** Folder of the files, which have no name there. */
  readonly folder: string;
  /** Bytes of one archive, decompressed. */
  readonly bytes: number;
  /** Bytes of all archives at one time. */
  readonly totalBytes: number;
  /** How long a client may let the gateway wait for the next piece. */
  readonly idleSeconds: number;
}

/** An archive on disk: what was read is what is forwarded. */
export interface SpooledBody {
  /** Bytes, decompressed. */
  readonly length: number;
  /** Bytes that the client sent. */
  readonly received: number;
  /** The archive from its beginning, once; the file is gone when the stream closes. */
  open(): Readable;
  /** Removes the file of an archive that is not forwarded; does nothing once it has been opened. */
  discard(): Promise<void>;
}

/** Takes clients' archives to disk, where they wait for the verdict. */
export class Spool {
  readonly #limits: SpoolLimits;
  #used = 0;

  constructor(limits: SpoolLimits) {
    this.#limits = limits;
  }

  /** Bytes on disk. */
  get used(): number {
    return this.#used;
  }

  /**
   * Receives a whole archive into a file without a name, decompressed where it is gzip, and shows it to `scan` as it
   * arrives. The file is removed when anything is thrown.
   *
   * @param pace how fast it may come
   * @returns the archive, and what `scan` found
   * @throws Refusal 400 of the scan, `archive-compression`, `archive-gzip` or `body-incomplete`; 408; 413
   *   `archive-too-large`; 503 `spool-full` or `spool-unavailable`
   */
  async receive<T>(
    source: Readable,
    scan: ArchiveScan<T>,
    pace?: Pace,
  ): Promise<{ readonly body: SpooledBody; readonly found: T }> {
    const pieces = new BodyPieces(source, this.#limits, pace);
    try {
      const file = await createSpoolFile(this.#limits.folder, (change) => {
        this.#used += change;
      });
      try {
        const archive = await decompressed(pieces);
        try {
          await this.#keep(archive, file, scan);
        } finally {
          await archive.stop();
        }
        const found = scan.end();
        await file.finish();
        const body: SpooledBody = {
          length: file.size,
          received: pieces.received,
          open: () => file.read(),
          discard: () => file.discard(),
        };
        return { body, found };
      } catch (error) {
        await file.discard();
        throw error;
      }
    } finally {
      pieces.stop();
    }
  }

  /** Takes an archive piece by piece to the scan and to disk; most pieces wait for nobody. */
  async #keep(archive: Pieces, file: SpoolFile, scan: ArchiveScan<unknown>): Promise<void> {
    const { bytes, totalBytes } = this.#limits;
    for (;;) {
      const next = archive.next();
      const chunk = next instanceof Promise ? await next : next;
      if (chunk === null) return;
      scan.write(chunk);
      if (file.size + chunk.length > bytes) throw archiveTooLarge(bytes);
      if (this.#used + chunk.length > totalBytes) throw spoolFull();
      const isOnItsWay = file.append(chunk);
      if (isOnItsWay !== undefined) await isOnItsWay;
    }
  }
}

/** What is unpacked, and given up before its end. */
interface Unpacked extends Pieces {
  stop(): Promise<unknown> | undefined;
}

/** The tar in a body, which may be compressed with gzip: the one other form that the gateway can unpack itself. */
async function decompressed(pieces: Pieces): Promise<Unpacked> {
  const queue = new ByteQueue(pieces);
  const compression = compressionOf(await queue.peek(SNIFFED_BYTES));
  if (compression === undefined) return { next: () => queue.next(), stop: () => undefined };
  if (compression === 'gzip') {
    const unpacked = gunzip(queue);
    // One that is left in the middle would keep what zlib has until V8 finds it.
    return {
      next: async () => (await unpacked.next()).value ?? null,
      stop: () => unpacked.return(undefined),
    };
  }
  throw badArchive(
    'archive-compression',
    `the archive is compressed with ${compression}, which this gateway does not read; send it uncompressed or with gzip`,
  );
}
