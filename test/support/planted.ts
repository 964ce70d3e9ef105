import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const MARK = 'QWPLANTED';

/** A secret that no record, log, metric or error may ever show: it is looked for when the whole suite is over. */
export function planted(what: string): string {
  return `${MARK}-${what}-${randomBytes(6).toString('hex')}`;
}

/** What a JSON Web Token, or a header of registry credentials, begins with: `{"` in base64. */
const ENCODED_JSON = /eyJ[A-Za-z0-9_-]{20,}/;

/**
 * Looks through all that the gateways of a test run wrote: audit logs, their own logs, and the heads of recordings.
 *
 * @param run the folder of the run
 * @returns what was found of planted secrets, tokens and private keys, and how many files were looked through
 */
export function leaksIn(run: string): { readonly leaks: readonly string[]; readonly files: number } {
  const gateways = join(run, 'gateways');
  const leaks: string[] = [];
  let files = 0;
  for (const name of existsSync(gateways) ? readdirSync(gateways) : []) {
    const dir = join(gateways, name);
    const keys = privateKeyLines(dir);
    for (const file of written(dir)) {
      files += 1;
      const text = file.includes('/sessions/') ? firstLine(file) : readFileSync(file, 'latin1');
      const found = [new RegExp(`${MARK}-[a-z-]+`), new RegExp(encodedMark()), ENCODED_JSON].flatMap(
        (pattern) => pattern.exec(text)?.[0] ?? [],
      );
      if (keys.some((line) => text.includes(line))) found.push('a line of a private key');
      leaks.push(...found.map((what) => `${file}: ${what}`));
    }
  }
  return { leaks, files };
}

/** The mark in base64, in each of the three ways that it can fall. */
function encodedMark(): string {
  return [0, 1, 2]
    .map((before) => {
      const text = Buffer.from(`${'x'.repeat(before)}${MARK}`).toString('base64');
      return text.slice(before === 0 ? 0 : before + 1, -4);
    })
    .join('|');
}

function written(dir: string): string[] {
  return ['audit', 'sessions', 'said.log']
    .map((name) => join(dir, name))
    .filter((path) => existsSync(path))
    .flatMap((path) =>
      statSync(path).isDirectory()
        ? readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => join(path, name))
        : [path],
    )
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
}

function privateKeyLines(dir: string): string[] {
  return ['certs', 'clients']
    .map((name) => join(dir, name))
    .filter((path) => existsSync(path))
    .flatMap((path) =>
      readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) => join(path, name)),
    )
    .filter((path) => /key[^/]*\.(pem|key)$|secrets\.key$/.test(path))
    .flatMap((path) => readFileSync(path, 'latin1').split('\n'))
    .filter((line) => line.length >= 40 && !line.startsWith('-----'));
}

function firstLine(file: string): string {
  const text = readFileSync(file, 'latin1');
  return text.slice(0, text.indexOf('\n') + 1);
}
