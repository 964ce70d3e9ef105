import { readdirSync, readFileSync } from 'node:fs';

/** What the single-file bundle carries along, by path; set by esbuild (`npm run bundle`), absent everywhere else. */
declare const QUAYWARDEN_FILES: Readonly<Record<string, string>> | undefined;

/**
 * The text of a file of this package, by its path from package.json's folder. This module is as far from there in src/ as
 * what it is bundled into is in dist/; no other may say where it lies.
 */
export function packageText(path: string): string {
  return carried()?.[path] ?? readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
}

/** Names of the folders in a folder of this package, sorted. */
export function packageFolders(path: string): readonly string[] {
  const files = carried();
  if (files === undefined) {
    return readdirSync(new URL(`../${path}`, import.meta.url), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort();
  }
  const within = Object.keys(files).filter((file) => file.startsWith(`${path}/`));
  return [...new Set(within.map((file) => file.slice(path.length + 1).split('/', 1)[0] ?? ''))].sort();
}

function carried(): Readonly<Record<string, string>> | undefined {
  return typeof QUAYWARDEN_FILES === 'undefined' ? undefined : QUAYWARDEN_FILES;
}
