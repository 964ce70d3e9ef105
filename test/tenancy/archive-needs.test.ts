import { expect, it } from 'vitest';
import { parseRequest } from '../../src/docker/request.ts';
import type { Principal } from '../../src/identity/principal.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { Tenancy } from '../../src/tenancy/tenancy.ts';
import { fileOf, MODEL, PROFILES } from '../policy/support.ts';

const principal = {
  name: 'bob',
  tenant: 'team-a',
  roles: ['developer'],
  method: 'certificate',
} as unknown as Principal;
const unasked = async (): Promise<never> => {
  throw new Error('nobody is to be asked');
};

/** What an archive to that target must be read for. */
async function needs(grants: string, target: string): Promise<readonly string[]> {
  const files = { model: MODEL, grants: fileOf(grants, 'grants.csv'), profiles: PROFILES };
  const policy = await loadPolicy(files, { tenants: true });
  const api = parseRequest({ method: 'POST', target }, { floor: 24, ceiling: 56, engine: 41 });
  const options = { adoptedBy: () => undefined, quotas: [], contact: undefined };
  const tenancy = new Tenancy({ ask: unasked, pull: unasked }, false, options);
  const asked = { policy, acts: unasked, seesOwn: false };
  return tenancy.of({ principal, statedReason: undefined }, api, asked).archiveNeeds(api);
}

const READS = 'p, role:developer, image/**, @read, true, allow';
const LOADS =
  'p, role:developer, image, ImageLoad, true, allow\np, role:developer, image/*/{tenant}/**, ImageLoad, true, allow';

// Who may see every image may build upon any, and that is all that it says.
it('is nothing of a build by whoever sees every image', async () => {
  expect(await needs(READS, '/v1.41/build?t=team-a/x')).toEqual([]);
  expect(await needs(LOADS, '/v1.41/build?t=team-a/x')).not.toEqual([]);
});

it('is the names of a load by whoever may not load any name, whatever they see', async () => {
  expect(await needs(`${READS}\n${LOADS}`, '/v1.41/images/load')).toContain('loadedImages');
  expect(await needs('p, role:developer, image/**, *, true, allow', '/v1.41/images/load')).toEqual([]);
});
