import { readFileSync } from 'node:fs';
import type { Config } from '../../config/schema.ts';
import { ConfigError } from '../../errors.ts';
import { readRows } from '../../policy/csv.ts';
import { compileGlob } from '../../policy/glob.ts';
import { loadPolicy } from '../../policy/load.ts';
import { everyOf } from '../../policy/resource-pattern.ts';
import { loadAdopted } from '../../tenancy/adopted.ts';
import { about, type Finding } from './finding.ts';

/** Whether the policy can be loaded, with each bad line. */
export async function checkPolicy({ policy, tenancy }: Config): Promise<Finding[]> {
  const { ok, warn, fail } = about('policy');
  try {
    const { version } = await loadPolicy(policy, { tenants: tenancy.enabled });
    if (tenancy.enabled) loadAdopted(tenancy.adopted);
    const found = [ok(`${policy.grants} is sound (version ${version})`)];
    for (const { line, subject, resource } of tenancy.enabled ? acrossTenants(policy.grants) : []) {
      found.push(
        warn(
          `${policy.grants}:${line}: ${subject} reaches the containers of every tenant, by ${resource}`,
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
function acrossTenants(
  grants: string,
): readonly { readonly line: number; readonly subject: string; readonly resource: string }[] {
  return readRows(readFileSync(grants, 'utf8')).flatMap(({ line, columns = [] }) => {
    const [type, subject = '', resource = '', , , effect] = columns;
    const reaches = type === 'p' && effect === 'allow' && compileGlob(resource)(everyOf('container'));
    return reaches && subject !== OPERATOR ? [{ line, subject, resource }] : [];
  });
}
