import { appendFileSync } from 'node:fs';
import { fakeInventory, type Inventory } from '../../support/fake-inventory.ts';
import { type FrontDoor, type FrontDoorOptions, openFrontDoor } from '../../support/front-door.ts';
import type { CertificateOptions } from '../../support/pki.ts';
import { openTenantDoor } from '../../support/tenants.ts';
import type { Persona } from './case.ts';

/** What each one's certificate says; roles are those that `quaywarden init` grants. */
const CERTIFICATES: Readonly<
  Record<Persona, CertificateOptions & { readonly cn: string; readonly o: string }>
> = {
  alice: { cn: 'alice', o: 'team-a', ou: 'developer' },
  ann: { cn: 'ann', o: 'team-a', ou: 'developer' },
  /** Alice after she went over to the other tenant, or another who got her name. */
  moved: { cn: 'alice', o: 'team-b', ou: 'developer' },
  bob: { cn: 'bob', o: 'team-b', ou: 'developer' },
  viewer: { cn: 'viewer', o: 'team-a', ou: 'viewer' },
  admin: { cn: 'admin', o: 'ops', ou: 'operator' },
  rita: { cn: 'rita', o: 'team-a' },
  sam: { cn: 'sam', o: 'team-a' },
  una: { cn: 'una', o: 'team-a' },
};

/** Beside the grants that `quaywarden init` writes: one is held to restricted, one has all operations under baseline. */
const GRANTS = [
  'p, user:rita, **, @read @lifecycle @exec, "satisfies(""restricted"")", allow',
  'p, user:sam, **, *, "satisfies(""baseline"")", allow',
];

/** Beside the starter grants for tenants: two may do all to what is their tenant's, one within baseline, one without. */
const TENANT_GRANTS = [
  'p, user:sam, */{tenant}/**, *, "satisfies(""baseline"")", allow',
  'p, user:una, */{tenant}/**, *, true, allow',
  'p, tenant:team-a, image/docker.io/library/**, @read ContainerCreate ServiceCreate ServiceUpdate, true, allow',
];

export function tenantOf(persona: Persona): string {
  return CERTIFICATES[persona].o;
}

export function nameOf(persona: Persona): string {
  return CERTIFICATES[persona].cn;
}

/** A gateway as `quaywarden init` sets it up, with a recording fake Engine behind it, and certificates for all personas. */
export async function openForCorpus(options: FrontDoorOptions = {}): Promise<FrontDoor> {
  const door = await openFrontDoor({
    ...options,
    prepare: async (dir) => {
      appendFileSync(`${dir}/policies/grants.csv`, `\n${GRANTS.join('\n')}\n`);
      await options.prepare?.(dir);
    },
  });
  for (const [name, certificate] of Object.entries(CERTIFICATES)) await door.certPath(name, certificate);
  return door;
}

/** A gateway that keeps tenants apart, in front of an Engine that has some things of theirs, and the same personas. */
export async function openForTenants(
  options: FrontDoorOptions = {},
): Promise<FrontDoor & { readonly inventory: Inventory }> {
  const inventory = fakeInventory();
  const door = await openTenantDoor({
    script: inventory.script,
    ...options,
    prepare: async (dir) => {
      appendFileSync(`${dir}/policies/grants.csv`, `\n${TENANT_GRANTS.join('\n')}\n`);
      await options.prepare?.(dir);
    },
  });
  for (const [name, certificate] of Object.entries(CERTIFICATES)) await door.certPath(name, certificate);
  return { ...door, inventory };
}
