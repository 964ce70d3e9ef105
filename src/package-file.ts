import { readFileSync } from 'node:fs';

/** What the single-file bundle carries along, by path; set by esbuild (`npm run bundle`), absent everywhere else. */
declare const QUAYWARDEN_FILES: Readonly<Record<string, string>> | undefined;

/**
 * The text of a file of this package, by its path from package.json's folder. This module is as far from there in src/ as
 * what it is bundled into is in dist/; no other may say where it lies.
 */
export function packageText(path: string): string {
  const carried = typeof QUAYWARDEN_FILES === 'undefined' ? undefined : QUAYWARDEN_FILES[path];
  return carried ?? readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
}
