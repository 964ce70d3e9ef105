import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { BODIES } from '../docker/bodies.ts';
import { OPERATIONS } from '../docker/operations.ts';
import { ConfigError } from '../errors.ts';
import { indexingCandidates } from './candidates.ts';
import { CHECKS } from './checks/all.ts';
import type { Policy } from './decision.ts';
import { createPolicy } from './enforcer.ts';
import { type Fault, parsingGrants, type Vocabulary } from './grants.ts';
import { parseModel } from './model.ts';
import { parseProfiles } from './profiles.ts';
import { unhurried } from './unhurried.ts';

/**
 * Reads and validates a policy before anything is served by it.
 *
 * @param files paths of the Casbin model, of the grants and of the profiles
 * @throws ConfigError with every fault in all files: `file:line: sentence`
 */
export async function loadPolicy(
  files: {
    readonly model: string;
    readonly grants: string;
    readonly profiles: string;
  },
  { realPath, tenants = false }: Pick<Vocabulary, 'realPath' | 'tenants'> = {},
): Promise<Policy> {
  const faults: string[] = [];
  const note = (path: string, found: readonly Fault[]): void => {
    for (const { line, sentence } of found) faults.push(`${path}:${line}: ${sentence}`);
  };
  const paths = [files.model, files.grants, files.profiles];
  const found = await Promise.all(paths.map(read));
  // In the order of the files, whichever of them failed first.
  for (const { fault } of found) if (fault !== undefined) faults.push(fault);
  const texts = found.map(({ text }) => text);
  const [modelText, grantsText, profilesText] = texts;
  const { model, faults: modelFaults } = modelText === undefined ? NOTHING : parseModel(modelText);
  note(files.model, modelFaults);
  const profiles =
    profilesText === undefined ? undefined : parseProfiles(files.profiles, profilesText, CHECKS);
  faults.push(...(profiles?.faults ?? []));
  // A condition that names a profile which could not be read would be one more fault that is none.
  if (profiles === undefined || profiles.faults.length > 0) throw new ConfigError(faults);
  const vocabulary = {
    catalogue: OPERATIONS,
    bodies: BODIES,
    profiles: profiles.profiles,
    tenants,
    ...(realPath === undefined ? {} : { realPath }),
  };
  const grants =
    grantsText === undefined ? undefined : await unhurried(parsingGrants(grantsText, vocabulary));
  note(files.grants, grants?.faults ?? []);
  if (faults.length > 0 || model === undefined || grants === undefined) throw new ConfigError(faults);
  return createPolicy(model, grants, await unhurried(indexingCandidates(grants.grants)), {
    file: basename(files.grants),
    version: digest(texts.join('\0')),
  });
}

const NOTHING = { model: undefined, faults: [] };

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

/** The text of a file, a byte order mark taken away; or what is wrong with it. */
async function read(path: string): Promise<{ readonly text?: string; readonly fault?: string }> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const advice =
      code === 'ENOENT' ? '"quaywarden init" writes starter policies' : 'check path and permissions';
    return { fault: `${path}: can not be read (${code}); ${advice}` };
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { fault: `${path}: the file is not UTF-8 text; save it as such` };
  }
}
