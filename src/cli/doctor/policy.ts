import type { Config } from '../../config/schema.ts';
import { ConfigError } from '../../errors.ts';
import { loadPolicy } from '../../policy/load.ts';
import { about, type Finding } from './finding.ts';

/** Whether the policy can be loaded, with each bad line. */
export async function checkPolicy({ policy, tenancy }: Config): Promise<Finding[]> {
  const { ok, fail } = about('policy');
  try {
    const { version } = await loadPolicy(policy, { tenants: tenancy.enabled });
    return [ok(`${policy.grants} is sound (version ${version})`)];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.faults.map((fault) =>
      fail(fault, 'the gateway does not start until this is put right; see docs/policies.md'),
    );
  }
}
