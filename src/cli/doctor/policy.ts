import { readFileSync } from 'node:fs';
import { DEFAULT_ENGINE } from '../../config/engine-schema.ts';
import { enginesOf } from '../../config/engines.ts';
import type { Config } from '../../config/schema.ts';
import { ConfigError } from '../../errors.ts';
import { readRows } from '../../policy/csv.ts';
import { splitEngine } from '../../policy/engine-part.ts';
import { loadPolicies, type PolicyFiles } from '../../policy/load.ts';
import { observedWhom } from '../../policy/observed.ts';
import { coversAll } from '../../policy/resource-pattern.ts';
import { policyFilesOf } from '../../policy-store/files.ts';
import { loadAdopted } from '../../tenancy/adopted.ts';
import { about, type Finding } from './finding.ts';

/** Whether the policy can be loaded, with each bad line. */
export async function checkPolicy(config: Config): Promise<Finding[]> {
  const { policy, tenancy } = config;
  const engines = enginesOf(config);
  const { ok, warn, fail } = about('policy');
  try {
    const files = await policyFilesOf(policy);
    const policies = await loadPolicies(files, {
      engines: engines.map(({ name }) => ({ name })),
      tenants: tenancy.enabled,
    });
    for (const { adopted } of tenancy.enabled ? engines : []) loadAdopted(adopted);
    const version = policies.get(DEFAULT_ENGINE)?.version;
    const found = [ok(`${files.grants} is sound (version ${version})`)];
    const whom = observedWhom(policy);
    if (whom.length > 0) {
      found.push(
        warn(
          `the policy is only observed for ${whom.join(', ').replace('*', 'everybody')}: what it refuses is recorded and forwarded`,
          'once `quaywarden policy suggest` has told what they need, take policy.mode: observe (or observe: true) out of the configuration; see docs/learning.md',
        ),
      );
    }
    for (const { line, subject, resource } of tenancy.enabled ? acrossTenants(files) : []) {
      found.push(
        warn(
          `${files.grants}:${line}: ${subject} reaches the containers of every tenant, by ${resource}`,
          'write */{tenant}/** where only the own tenant is meant, as policies/tenants.csv of this package does',
        ),
      );
    }
    return found;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults.map((fault) =>
      fail(fault, 'the gateway does not start until this is put right; see docs/policies.md'),
    );
  }
}

/** Whoever runs the Engine is meant to reach all of it. */
const OPERATOR = 'role:operator';

/** Allowing grants to others than operators that cover every tenant's containers. */
function acrossTenants({
  grants,
  texts,
}: PolicyFiles): readonly { readonly line: number; readonly subject: string; readonly resource: string }[] {
  return readRows(texts?.get(grants) ?? readFileSync(grants, 'utf8')).flatMap(({ line, columns = [] }) => {
    const [type, subject = '', resource = '', , , effect] = columns;
    const reaches =
      type === 'p' && effect === 'allow' && coversAll(splitEngine(resource).pattern, 'container');
    return reaches && subject !== OPERATOR ? [{ line, subject, resource }] : [];
  });
}
