import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Model } from 'casbin';
import { DEFAULT_ENGINE } from '../config/engine-schema.ts';
import { BODIES } from '../docker/bodies.ts';
import { OPERATIONS } from '../docker/operations.ts';
import { ConfigError } from '../errors.ts';
import { indexingCandidates } from './candidates.ts';
import { CHECKS } from './checks/all.ts';
import type { Policy } from './decision.ts';
import { createPolicy } from './enforcer.ts';
import { type Fault, type Grants, parsingGrants, type Vocabulary } from './grants.ts';
import { parseModel } from './model.ts';
import { type Profiles, parseProfiles } from './profiles.ts';
import { unhurried } from './unhurried.ts';

/** The files of a policy: the Casbin model, the grants and the profiles. */
export interface PolicyFiles {
  readonly model: string;
  readonly grants: string;
  readonly profiles: string;
  /** Texts that were read already, by the name that stands above in place of a path. */
  readonly texts?: ReadonlyMap<string, string>;
}

/** What the files of a policy say to one Engine, validated. */
export interface PolicyText extends Pick<Grants, 'grants' | 'memberships'> {
  readonly model: Model;
  readonly profiles: Profiles;
  /** Digest over the files. */
  readonly version: string;
}

/** Whom policies are for: the names of Engines, and how paths of their hosts are resolved where that can be. */
type World = Pick<Vocabulary, 'tenants'> & {
  readonly engines: readonly ({ readonly name: string } & Pick<Vocabulary, 'realPath'>)[];
};

/**
 * Reads and validates the policy of a single Engine before anything is served by it.
 *
 * @throws ConfigError with every fault in all files: `file:line: sentence`
 */
export async function loadPolicy(
  files: PolicyFiles,
  { realPath, tenants = false }: Pick<Vocabulary, 'realPath' | 'tenants'> = {},
): Promise<Policy> {
  const name = DEFAULT_ENGINE;
  const engines = [realPath === undefined ? { name } : { name, realPath }];
  return (await loadPolicies(files, { engines, tenants })).get(name) as Policy;
}

/**
 * The same for several Engines: a policy each, with the grants that are for it, so that none for another is ever looked at.
 *
 * @param engines their names, and how paths of their hosts are resolved where that can be
 * @returns by the Engine's name; all have one version
 */
export async function loadPolicies(files: PolicyFiles, world: World): Promise<ReadonlyMap<string, Policy>> {
  const policies = new Map<string, Policy>();
  for (const [name, text] of await readPolicies(files, world))
    policies.set(name, await compilePolicy(text, files));
  return policies;
}

/** Makes a policy of what its files say. */
export async function compilePolicy(text: PolicyText, files: PolicyFiles): Promise<Policy> {
  return createPolicy(text.model, text, await unhurried(indexingCandidates(text.grants)), {
    file: basename(files.grants),
    version: text.version,
  });
}

/** What they say to each Engine, by its name. @throws ConfigError as `loadPolicy` */
export async function readPolicies(
  files: PolicyFiles,
  { engines, tenants = false }: World,
): Promise<ReadonlyMap<string, PolicyText>> {
  /** Each once: a fault in what is for several Engines is found for each of them. */
  const faults = new Set<string>();
  const note = (path: string, found: readonly Fault[]): void => {
    for (const { line, sentence } of found) faults.add(`${path}:${line}: ${sentence}`);
  };
  const paths = [files.model, files.grants, files.profiles];
  const found = await Promise.all(paths.map((path) => read(path, files.texts)));
  // In the order of the files, whichever of them failed first.
  for (const { fault } of found) if (fault !== undefined) faults.add(fault);
  const texts = found.map(({ text }) => text);
  const [modelText, grantsText, profilesText] = texts;
  note(files.model, modelText === undefined ? [] : parseModel(modelText).faults);
  const profiles =
    profilesText === undefined ? undefined : parseProfiles(files.profiles, profilesText, CHECKS);
  for (const fault of profiles?.faults ?? []) faults.add(fault);
  // A condition that names a profile which could not be read would be one more fault that is none.
  if (profiles === undefined || profiles.faults.length > 0) throw new ConfigError([...faults]);
  const grantsOf = new Map<string, Grants>();
  const ofGrants: Fault[] = [];
  const names = engines.map(({ name }) => name);
  for (const { name, realPath } of grantsText === undefined ? [] : engines) {
    const vocabulary = {
      catalogue: OPERATIONS,
      bodies: BODIES,
      profiles: profiles.profiles,
      tenants,
      engine: name,
      engines: names,
      ...(realPath === undefined ? {} : { realPath }),
    };
    const grants = await unhurried(parsingGrants(grantsText as string, vocabulary));
    grantsOf.set(name, grants);
    ofGrants.push(...grants.faults);
  }
  note(
    files.grants,
    ofGrants.sort((a, b) => a.line - b.line),
  );
  if (faults.size > 0 || modelText === undefined) throw new ConfigError([...faults]);
  const version = digest(texts.join('\0'));
  const policies = new Map<string, PolicyText>();
  for (const [name, grants] of grantsOf) {
    // Casbin writes into a model, so each has its own.
    const model = parseModel(modelText).model as Model;
    policies.set(name, { ...grants, model, profiles: profiles.profiles, version });
  }
  return policies;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

/** The text of a file, a byte order mark taken away; or what is wrong with it. */
async function read(
  path: string,
  texts: PolicyFiles['texts'],
): Promise<{ readonly text?: string; readonly fault?: string }> {
  const known = texts?.get(path);
  if (known !== undefined) return { text: known };
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
