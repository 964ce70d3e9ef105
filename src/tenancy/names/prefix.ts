import { UNOWNED } from '../resource.ts';

/** Ends the part that says whose a name is: no tenant's part has two of them in a row. */
const END = '__';

/** What begins as a name of some tenant's does, in whatever case: DNS minds none. */
const ANY = /^[a-z0-9](?:[a-z0-9-]|_[0-9a-f]{2})*__/i;

/**
 * What the names of a tenant's objects begin with on the Engine (decisions/0009): `team-a__`. It follows from the tenant
 * alone, so gateways need share nothing. Letters, digits and `-` stand for themselves, all else is `_` and its code, so
 * no tenant's is the beginning of another's, and whatever follows it, two tenants never meet.
 */
export function prefixOf(tenant: string): string {
  const plain = tenant.replace(
    /[^A-Za-z0-9-]/g,
    (sign) => `_${sign.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `${plain}${END}`;
}

/** Whether a name is of the space of any tenant's. */
export function isOfAnyTenant(name: string): boolean {
  return ANY.test(name);
}

/** What an object is called by the tenant that owns it, and by policies. */
export function ownName(tenant: string, onEngine: string): string {
  return tenant === UNOWNED ? onEngine : without(prefixOf(tenant), onEngine);
}

export function without(prefix: string, name: string): string {
  return name.startsWith(prefix) ? name.slice(prefix.length) : name;
}
