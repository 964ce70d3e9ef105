import { constants } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import * as z from 'zod';
import { ConfigError } from '../errors.ts';
import { MOST } from './rows.ts';

/** The texts of a policy and the number that the database gave it. */
export interface StoredTexts {
  readonly version: number;
  readonly grants: string;
  readonly profiles: string;
}

const kept = z.strictObject({
  format: z.literal(1),
  /** Where it came from: another database's policy is not taken for this one's. */
  database: z.string(),
  version: z.number().int(),
  grants: z.string(),
  profiles: z.string(),
});

const MOST_BYTES = 8 * (MOST.text + MOST.profiles);

/** Keeps a policy that is in force; all of it or what was there before. */
export async function writeCache(file: string, database: string, texts: StoredTexts): Promise<void> {
  const { version, grants, profiles } = texts;
  const draft = `${file}.${process.pid}.new`;
  try {
    await rm(draft, { force: true });
    const handle = await open(draft, 'wx', 0o600);
    try {
      await handle.writeFile(JSON.stringify({ format: 1, database, version, grants, profiles }));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {});
    throw error;
  }
}

/**
 * Reads the policy that was kept. Whoever can write this file can say who may do what, so it must be of the gateway's own
 * user or root, and nobody else may write it.
 *
 * @returns undefined when there is none
 * @throws ConfigError when there is one that is not to be trusted or read
 */
export async function readCache(file: string, database: string): Promise<StoredTexts | undefined> {
  const bad = (why: string): ConfigError => new ConfigError([`policy.postgres.cache: ${file} ${why}`]);
  let text: string;
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const { mode, uid, size } = await handle.stat();
      if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw bad('is no file');
      if ((mode & 0o022) !== 0 || ![0, process.getuid?.()].includes(uid))
        throw bad('can be written by others than this gateway, so it is not used; take it away');
      if (size > MOST_BYTES) throw bad('is larger than any policy, so it is not used; take it away');
      text = await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw bad(`can not be read (${code})`);
  }
  const parsed = kept.safeParse(fromJson(text));
  if (!parsed.success) throw bad('holds no policy of this release, so it is not used; take it away');
  if (parsed.data.database !== database)
    throw bad(
      `is of the database ${JSON.stringify(parsed.data.database)}, and not of ${database}; take it away`,
    );
  const { version, grants, profiles } = parsed.data;
  return { version, grants, profiles };
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
