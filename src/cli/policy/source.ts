import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { enginesOf } from '../../config/engines.ts';
import type { Config } from '../../config/schema.ts';
import { ConfigError } from '../../errors.ts';
import type { Difference } from '../../policy/difference.ts';
import { type PolicyFiles, type PolicyText, readPolicies } from '../../policy/load.ts';

/** What a folder with a policy holds; `VERSION_FILE` says which version of a database it was. */
export const GRANTS_FILE = 'grants.csv';
export const PROFILES_FILE = 'profiles.yaml';
export const VERSION_FILE = 'policy.version';

/** The files that a name stands for: a folder, or a file of grants with its profiles beside it. */
export function filesNamed(name: string, { model }: Config['policy']): PolicyFiles {
  let isFolder: boolean;
  try {
    isFolder = statSync(name).isDirectory();
  } catch (error) {
    throw new ConfigError([`${name}: can not be read (${(error as NodeJS.ErrnoException).code})`]);
  }
  const folder = isFolder ? name : dirname(name);
  return {
    model,
    grants: isFolder ? join(folder, GRANTS_FILE) : name,
    profiles: join(folder, PROFILES_FILE),
  };
}

/**
 * The files of a policy that is a file of grants, or a folder with `grants.csv`; what it does not bring along is the
 * configuration's.
 *
 * @throws ConfigError when it is not there
 */
export function filesIn(given: string, { model, profiles }: Config['policy']): PolicyFiles {
  if (!existsSync(given))
    throw new ConfigError([`${given} is not there; name a file of grants, or a folder with ${GRANTS_FILE}`]);
  if (!statSync(given).isDirectory()) return { model, grants: given, profiles };
  const own = (name: string, fallback: string): string =>
    existsSync(join(given, name)) ? join(given, name) : fallback;
  return {
    grants: join(given, GRANTS_FILE),
    model: own('model.conf', model),
    profiles: own(PROFILES_FILE, profiles),
  };
}

/** Reads and validates a policy as the gateway would. @throws ConfigError with every fault */
export function validated(files: PolicyFiles, config: Config): Promise<ReadonlyMap<string, PolicyText>> {
  return readPolicies(files, worldOf(config));
}

/** Whom its policies are for: grants may speak of all its Engines. */
export function worldOf(config: Config): Parameters<typeof readPolicies>[1] {
  return { engines: enginesOf(config).map(({ name }) => ({ name })), tenants: config.tenancy.enabled };
}

/** Reads grants and profiles once, so that what is validated is what is used. @throws ConfigError */
export function readOnce({ model, grants, profiles }: PolicyFiles): Required<PolicyFiles> {
  const texts = new Map([grants, profiles].map((path) => [path, textIn(path)]));
  return { model, grants, profiles, texts };
}

function textIn(path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError([`${path}: can not be read (${code})`]);
  }
}

/** A difference, line by line: `-` is only in the first policy, `+` only in the second, `~` in both, and not the same. */
export function linesOf(
  { removed, added, changed, profiles }: Difference,
  [first, second]: readonly [string, string],
): string[] {
  return [
    ...removed.map(({ line, text }) => `- ${first}:${line}: ${text}`),
    ...added.map(({ line, text }) => `+ ${second}:${line}: ${text}`),
    ...changed.flatMap(({ from, to }) => [
      `~ ${first}:${from.line}: ${from.text}`,
      `  ${second}:${to.line}: ${to.text}`,
    ]),
    ...profiles.map((sentence) => `~ ${sentence}`),
  ];
}
