import { randomBytes } from 'node:crypto';

/** Label of an object: the tenant that owns it. */
export const TENANT_LABEL = 'io.quaywarden.tenant';
/** Label of an object: the name of the principal that created it. Says who, gives no right. */
export const OWNER_LABEL = 'io.quaywarden.owner';
/** Label of a container: random, so that no image can have brought the other two along (decisions/0008). */
export const MARK_LABEL = 'io.quaywarden.mark';

/** Label of the network that a tenant's containers join which name none (decisions/0009). */
export const DEFAULT_NETWORK_LABEL = 'io.quaywarden.default-network';

export type Labels = Readonly<Record<string, string>>;

/** The labels of a new object. */
export function ownLabels(principal: { readonly tenant: string; readonly name: string }): Labels {
  return {
    [TENANT_LABEL]: principal.tenant,
    [OWNER_LABEL]: principal.name,
    [MARK_LABEL]: randomBytes(12).toString('hex'),
  };
}

/** Of the labels of an object, those that the gateway set. */
export function ownLabelsOf(labels: Labels): Labels {
  const own = [TENANT_LABEL, OWNER_LABEL, MARK_LABEL];
  return Object.fromEntries(Object.entries(labels).filter(([label]) => own.includes(label)));
}
