import { readFileSync } from 'node:fs';
import { CHECKS } from '../../../src/policy/checks/all.ts';
import { parseProfiles } from '../../../src/policy/profiles.ts';
import { ask } from '../../docker/facts/ask.ts';

const PROFILES = new URL('../../../policies/profiles.yaml', import.meta.url);
const { profiles } = parseProfiles('profiles.yaml', readFileSync(PROFILES, 'utf8'), CHECKS);

/** Method and target of a create. */
export const CREATE = 'POST /v1.41/containers/create';

/** What a profile finds in a request as the gateway reads it: `check: field`. */
export function found(profile: string, line: string, body?: object): readonly string[] {
  const facts = ask(line, body);
  const { checks } = profiles.get(profile) ?? { checks: [] };
  return checks.flatMap((check) => check.violations(facts)).map(({ check, field }) => `${check}: ${field}`);
}
