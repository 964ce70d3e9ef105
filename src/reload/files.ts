import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { enginesOf } from '../config/engines.ts';
import type { Config } from '../config/schema.ts';

/** The files that a configuration names and a reload reads anew. */
export function filesOf(config: Config): readonly string[] {
  const { tls, policy, tenancy, identity } = config;
  const keys = identity.jwt.issuers.map(({ keys }) => ('file' in keys ? keys.file : keys.ca));
  const named = [
    tls.certificate,
    tls.key,
    tls.clientCa,
    tls.stapling.enabled ? tls.stapling.issuer : undefined,
    policy.model,
    // Those are in the database otherwise, and need not be there.
    ...(policy.store === 'files' ? [policy.grants, policy.profiles] : []),
    ...(tenancy.enabled ? enginesOf(config).map(({ adopted }) => adopted) : []),
    ...keys,
  ];
  return [...new Set(named.filter((file) => file !== undefined))];
}

/** The digest of what each file holds; of one that can not be read what keeps it from being so. */
export function contentsOf(files: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    files.map((file) => {
      try {
        return [file, createHash('sha256').update(readFileSync(file)).digest('hex')];
      } catch (error) {
        return [file, String((error as NodeJS.ErrnoException).code)];
      }
    }),
  );
}

/** What tells whether a file was written or replaced, wherever its path leads. */
function stampOf(file: string): string {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs } = statSync(file, { bigint: true });
    return `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

/**
 * Looks at files again and again. By their stamps, and not by the kernel's notifications: those miss a folder that is
 * replaced by a symlink, as Kubernetes does it, and files on a network.
 *
 * @param files those of now
 * @param onChange called once they have changed and then stayed the same for one look
 * @returns stops looking
 */
export function watchFiles(
  files: () => readonly string[],
  everyMs: number,
  onChange: () => void,
): () => void {
  const look = (): string =>
    files()
      .map((file) => `${file}\0${stampOf(file)}`)
      .join('\n');
  let told = look();
  let seen = told;
  const timer = setInterval(() => {
    const now = look();
    const isSettled = now === seen;
    seen = now;
    if (!isSettled || now === told) return;
    told = now;
    onChange();
  }, everyMs).unref();
  return () => clearInterval(timer);
}
