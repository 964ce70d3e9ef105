import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../config/schema.ts';
import { ConfigError } from '../../errors.ts';
import { pickByPrefix } from '../../recording/catalogue.ts';
import { recordingName, sessionOfFile } from '../../recording/recording-file.ts';
import { shown } from './shown.ts';

/**
 * The recording that an id, or the beginning of one, means.
 *
 * @returns its path
 * @throws ConfigError when there is none, or more than one
 */
export async function findRecording({ sessions: { folder } }: Config, prefix: string): Promise<string> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw new ConfigError([`${folder} can not be read (${error.code}); run this as the gateway's user`]);
  });
  const found = pickByPrefix(
    names.flatMap((name) => sessionOfFile(name) ?? []),
    prefix,
  );
  if ('id' in found) return join(folder, recordingName(found.id));
  throw new ConfigError([
    `${shown(found.fault)}; \`quaywarden session list\` shows what is recorded in ${folder}`,
  ]);
}
