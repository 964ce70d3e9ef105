import { lstatSync, mkdirSync, readFileSync, rmdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { ConfigError } from '../../errors.ts';

const PRIVATE_FILE = 0o600;
const PUBLIC_FILE = 0o644;
const PRIVATE_FOLDER = 0o700;
const PUBLIC_FOLDER = 0o755;

/** What `init` means to write into a folder; nothing is on disk until `commit`, and then all of it or nothing. */
export class Draft {
  /** Paths of files that were there already and stay as they are. */
  readonly kept: string[] = [];
  readonly #dir: string;
  readonly #files = new Map<string, { readonly text: string; readonly mode: number }>();
  readonly #folders = new Set<string>();

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Whether something of that name is on disk, a dangling link included. */
  exists(path: string): boolean {
    const target = join(this.#dir, path);
    try {
      return lstatSync(target, { throwIfNoEntry: false }) !== undefined;
    } catch (error) {
      throw new ConfigError([
        `${target}: can not be looked at (${codeOf(error)}); see what stands in its way`,
      ]);
    }
  }

  read(path: string): string {
    try {
      return readFileSync(join(this.#dir, path), 'utf8');
    } catch (error) {
      throw new ConfigError([`${join(this.#dir, path)}: can not be read (${codeOf(error)})`]);
    }
  }

  /** Plans a file that everybody may read. */
  add(path: string, text: string): void {
    this.#files.set(path, { text, mode: PUBLIC_FILE });
  }

  /** Plans a file for this user alone. */
  addSecret(path: string, text: string): void {
    this.#files.set(path, { text, mode: PRIVATE_FILE });
  }

  /** Plans a folder that everybody may look into, for what others put there. */
  addFolder(path: string): void {
    this.#folders.add(path);
  }

  keep(...paths: readonly string[]): void {
    this.kept.push(...paths);
  }

  /**
   * Writes what was planned, each file only if it is not there yet.
   *
   * @returns the paths written; those of folders end in a slash
   * @throws ConfigError naming the file that failed; what was written until then is taken back
   */
  commit(): string[] {
    const undo: (() => void)[] = [];
    const make = (path: string, step: (target: string) => void): void => {
      const target = join(this.#dir, path);
      try {
        step(target);
      } catch (error) {
        for (const back of undo.reverse()) back();
        throw new ConfigError([`${target}: can not be written (${codeOf(error)}); nothing was changed`]);
      }
    };
    for (const [path, { text, mode }] of this.#files) {
      make(path, (target) => {
        this.#makeFolder(dirname(target), undo);
        writeFileSync(target, text, { flag: 'wx', mode });
        undo.push(() => unlinkSync(target));
      });
    }
    for (const path of this.#folders) make(path, (target) => this.#makeFolder(target, undo));
    return [...this.#files.keys(), ...[...this.#folders].map((path) => `${path}/`)];
  }

  #makeFolder(folder: string, undo: (() => void)[]): void {
    if (lstatSync(folder, { throwIfNoEntry: false }) !== undefined) return;
    this.#makeFolder(dirname(folder), undo);
    const isPrivate = /^certs(\/|$)/.test(relative(this.#dir, folder));
    mkdirSync(folder, { mode: isPrivate ? PRIVATE_FOLDER : PUBLIC_FOLDER });
    undo.push(() => rmdirSync(folder));
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
