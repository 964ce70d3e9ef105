import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { NO_FACTS } from '../../src/docker/facts/none.ts';
import { findOperation } from '../../src/docker/operations.ts';
import { ConfigError } from '../../src/errors.ts';
import type { Decision, Policy } from '../../src/policy/decision.ts';
import { loadPolicy } from '../../src/policy/load.ts';

export const MODEL = new URL('../../policies/model.conf', import.meta.url).pathname;

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

/** Loads these grants, with the shipped model unless another is named. */
export function policyOf(grants: string, model = MODEL): Promise<Policy> {
  return loadPolicy({ model, grants: fileOf(grants, 'grants.csv') });
}

/** The faults for which a policy is not loaded, each without the folder. */
export async function faultsOf(grants: string, model = MODEL): Promise<string[]> {
  const failure: unknown = await policyOf(grants, model).catch((error: unknown) => error);
  if (!(failure instanceof ConfigError)) throw new Error(`loaded, or failed otherwise: ${failure}`);
  return failure.faults.map((fault) => fault.replace(`${dir}/`, '').replace(/-\d+(?=\.(?:csv|conf):)/, ''));
}

export interface Who {
  readonly name?: string;
  readonly tenant?: string;
  readonly roles?: readonly string[];
}

export function ask(
  policy: Policy,
  { name = 'alice', tenant = 'default', roles = [] }: Who,
  id: string,
  resource: string,
): Decision {
  const operation = findOperation(id);
  if (operation === undefined) throw new Error(`no operation ${id}`);
  const principal = { name, tenant, roles, method: 'certificate' };
  return policy.decide({
    principal,
    resource,
    operation,
    version: 41,
    query: {},
    body: undefined,
    facts: NO_FACTS,
  });
}
