/**
 * A file of this package, by its path from package.json's folder. This module is as far from there in src/ as what it is
 * bundled into is in dist/; no other may say where it lies.
 */
export function packageFile(path: string): URL {
  return new URL(`../${path}`, import.meta.url);
}
