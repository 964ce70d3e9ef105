import { readFileSync } from 'node:fs';
import { enginesOf } from '../../config/engines.ts';
import { BODIES } from '../../docker/bodies.ts';
import { OPERATIONS } from '../../docker/operations.ts';
import { ConfigError } from '../../errors.ts';
import { CHECKS } from '../../policy/checks/all.ts';
import { parseModel } from '../../policy/model.ts';
import { parseProfiles } from '../../policy/profiles.ts';
import { policyFilesOf } from '../../policy-store/files.ts';
import type { DeskConfig } from '../desk.ts';
import type { Finding } from './finding.ts';
import { lintGrants } from './lint.ts';

/**
 * Looks through the grants, the model and the profiles that a configuration names.
 *
 * @param grants in place of the configuration's
 * @throws ConfigError where a file can not be read
 */
export async function lintFiles(config: DeskConfig, grants?: string): Promise<readonly Finding[]> {
  const { tenancy } = config;
  const policy = await policyFilesOf(config.policy);
  const read = (file: string): string => policy.texts?.get(file) ?? readHere(file);
  const model = parseModel(read(policy.model)).faults.map(({ line, sentence }) =>
    invalid(policy.model, line, sentence),
  );
  const { profiles, faults } = parseProfiles(policy.profiles, read(policy.profiles), CHECKS);
  const ofProfiles = faults.map((fault) => {
    const [, line = '1', sentence = fault] = /^.*?:(\d+):\d+: (.*)$/s.exec(fault) ?? [];
    return invalid(policy.profiles, Number(line), sentence);
  });
  // A grant that names a profile which could not be read would be one more fault that is none.
  if (ofProfiles.length > 0) return [...model, ...ofProfiles];
  const engines = enginesOf(config).map(({ name }) => name);
  const vocabulary = { catalogue: OPERATIONS, bodies: BODIES, profiles, tenants: tenancy.enabled, engines };
  const file = grants ?? policy.grants;
  const text = read(file);
  return [...model, ...onEvery(engines.map((engine) => lintGrants(file, text, { ...vocabulary, engine })))];
}

/**
 * Each Engine has the grants that are for it. What is found for several is said once, and that a comment silences nothing only
 * where that is so for all of them.
 */
function onEvery(found: readonly (readonly Finding[])[]): readonly Finding[] {
  const times = new Map<string, { readonly finding: Finding; count: number }>();
  for (const finding of found.flat()) {
    const key = `${finding.line} ${finding.id} ${finding.sentence}`;
    const known = times.get(key);
    if (known === undefined) times.set(key, { finding, count: 1 });
    else known.count += 1;
  }
  return [...times.values()]
    .filter(({ finding: { id }, count }) => id !== 'silence-unused' || count === found.length)
    .map(({ finding }) => finding)
    .sort((a, b) => a.line - b.line);
}

function invalid(file: string, line: number, sentence: string): Finding {
  return { id: 'invalid', severity: 'error', file, line, sentence };
}

function readHere(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === 'ERR_ENCODING_INVALID_ENCODED_DATA'
        ? 'it is not UTF-8 text'
        : `it can not be read (${code}); check the path ("quaywarden init" writes starter policies)`;
    throw new ConfigError([`${file}: ${why}`]);
  }
}
