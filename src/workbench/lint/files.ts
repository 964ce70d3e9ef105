import { readFileSync } from 'node:fs';
import { BODIES } from '../../docker/bodies.ts';
import { OPERATIONS } from '../../docker/operations.ts';
import { ConfigError } from '../../errors.ts';
import { CHECKS } from '../../policy/checks/all.ts';
import { parseModel } from '../../policy/model.ts';
import { parseProfiles } from '../../policy/profiles.ts';
import type { DeskConfig } from '../desk.ts';
import type { Finding } from './finding.ts';
import { lintGrants } from './lint.ts';

/**
 * Looks through files of grants, and through the model and the profiles that the configuration names.
 *
 * @param files in place of the configuration's grants; none: these
 * @throws ConfigError where a file can not be read
 */
export function lintFiles({ policy, tenancy }: DeskConfig, files: readonly string[]): readonly Finding[] {
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
  const vocabulary = { catalogue: OPERATIONS, bodies: BODIES, profiles, tenants: tenancy.enabled };
  const grants = files.length === 0 ? [policy.grants] : files;
  return [...model, ...grants.flatMap((file) => lintGrants(file, read(file), vocabulary))];
}

function invalid(file: string, line: number, sentence: string): Finding {
  return { id: 'invalid', severity: 'error', file, line, sentence };
}

function read(file: string): string {
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
