import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { type DestinationStream, pino } from 'pino';
import type { Config } from '../config/schema.ts';
import { ConfigError } from '../errors.ts';
import type { AuditRecord } from './record.ts';

/** The audit log: JSON lines, appended. */
export interface AuditLog {
  /**
   * Writes one record; it has reached the operating system when this returns.
   *
   * @throws Error when it could not be written: the caller must not act then
   */
  write(record: AuditRecord): void;
  close(): void;
}

/**
 * Opens the audit log, making its folder (mode 0700) and file (mode 0600) where they are missing.
 *
 * @throws ConfigError when it can not be opened
 */
export function openAuditLog(config: Config['audit']): AuditLog {
  const file = new AppendFile(config.file);
  try {
    file.open();
  } catch (error) {
    file.close();
    throw new ConfigError([
      `audit.file: ${config.file} can not be written (${(error as NodeJS.ErrnoException).code})`,
    ]);
  }
  const destination: DestinationStream = {
    write(line) {
      file.append(line);
      if (config.stdout) process.stdout.write(line);
    },
  };
  // The record is the whole line: the version of its schema stands where pino puts the level.
  const logger = pino(
    { base: null, timestamp: false, formatters: { level: () => ({ schema: 1 }) } },
    destination,
  );
  return { write: (record) => logger.info(record), close: () => file.close() };
}

/** A file that is appended to line by line, and opened again after a fault or when somebody took it away. */
class AppendFile {
  readonly #path: string;
  #fd: number | undefined;
  /** Whether the file ends in a line that a fault cut, so that the next one has to begin on a line of its own. */
  #torn = false;

  constructor(path: string) {
    this.#path = path;
  }

  open(): number {
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    const fd = openSync(this.#path, 'a', 0o600);
    this.#fd = fd;
    const { mode, size } = fstatSync(fd);
    const isFile = (mode & constants.S_IFMT) === constants.S_IFREG;
    if (isFile && (mode & 0o077) !== 0) fchmodSync(fd, 0o600);
    this.#torn = isFile && size > 0 && lastByte(this.#path, size) !== NEWLINE;
    return fd;
  }

  append(line: string): void {
    try {
      if (this.#fd !== undefined && fstatSync(this.#fd).nlink === 0) this.close();
      const fd = this.#fd ?? this.open();
      const bytes = Buffer.from(this.#torn ? `\n${line}` : line);
      for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written);
      this.#torn = false;
    } catch (error) {
      this.close();
      throw error;
    }
  }

  close(): void {
    const fd = this.#fd;
    this.#fd = undefined;
    if (fd === undefined) return;
    try {
      closeSync(fd);
    } catch {
      // a descriptor that is gone already is closed
    }
  }
}

const NEWLINE = 0x0a;

/** The last byte of a file of that size; undefined when it can not be read, as where only writing is allowed. */
function lastByte(path: string, size: number): number | undefined {
  const byte = Buffer.alloc(1);
  try {
    const fd = openSync(path, 'r');
    try {
      return readSync(fd, byte, 0, 1, size - 1) === 1 ? byte[0] : undefined;
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}
