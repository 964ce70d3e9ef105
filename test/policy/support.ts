import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { BODIES } from '../../src/docker/bodies.ts';
import { NO_FACTS } from '../../src/docker/facts/none.ts';
import type { Facts } from '../../src/docker/facts/types.ts';
import { findOperation, OPERATIONS } from '../../src/docker/operations.ts';
import type { Query } from '../../src/docker/types.ts';
import { ConfigError } from '../../src/errors.ts';
import { CHECKS } from '../../src/policy/checks/all.ts';
import type { Decision, Policy, Question } from '../../src/policy/decision.ts';
import type { Vocabulary } from '../../src/policy/grants.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { parseProfiles } from '../../src/policy/profiles.ts';

export const MODEL = new URL('../../policies/model.conf', import.meta.url).pathname;
export const PROFILES = new URL('../../policies/profiles.yaml', import.meta.url).pathname;

/** The shipped profiles, and all there is to speak about. */
export const VOCABULARY: Vocabulary = {
  catalogue: OPERATIONS,
  bodies: BODIES,
  profiles: parseProfiles('profiles.yaml', readFileSync(PROFILES, 'utf8'), CHECKS).profiles,
};

/** A folder for the files of one test file. */
export const dir = mkdtempSync(join(tmpdir(), 'qwp-'));
afterAll(() => rmSync(dir, { recursive: true }));

let files = 0;

/** Writes a text to a file of its own. */
export function fileOf(text: string | Uint8Array, name: string): string {
  files += 1;
  const path = join(dir, `${name.replace('.', `-${files}.`)}`);
  writeFileSync(path, text);
  return path;
}

/** Loads these grants, with the shipped model and profiles unless others are named. */
export function policyOf(grants: string, model = MODEL, profiles = PROFILES): Promise<Policy> {
  return loadPolicy({ model, grants: fileOf(grants, 'grants.csv'), profiles });
}

/** The faults for which a policy is not loaded, each without the folder. */
export async function faultsOf(grants: string, model = MODEL, profiles = PROFILES): Promise<string[]> {
  const failure: unknown = await policyOf(grants, model, profiles).catch((error: unknown) => error);
  if (!(failure instanceof ConfigError)) throw new Error(`loaded, or failed otherwise: ${failure}`);
  return failure.faults.map((fault) =>
    fault.replace(`${dir}/`, '').replace(/-\d+(?=\.(?:csv|conf|yaml):)/, ''),
  );
}

export interface Who {
  readonly name?: string;
  readonly tenant?: string;
  readonly roles?: readonly string[];
}

/** What a request asks for beyond who, what and on what. */
export interface What {
  readonly facts?: Partial<Facts>;
  readonly body?: unknown;
  readonly query?: Query;
  readonly version?: number;
}

export function questionOf(
  { name = 'alice', tenant = 'default', roles = [] }: Who,
  id: string,
  resource: string,
  { facts = {}, body, query = {}, version = 41 }: What = {},
): Question {
  const operation = findOperation(id);
  if (operation === undefined) throw new Error(`no operation ${id}`);
  const principal = { name, tenant, roles, method: 'certificate' };
  return { principal, resource, operation, version, query, body, facts: { ...NO_FACTS, ...facts } };
}

export function ask(policy: Policy, who: Who, id: string, resource: string, what: What = {}): Decision {
  return policy.decide(questionOf(who, id, resource, what));
}
