import type { Config } from '../../config/schema.ts';
import { about, type Finding } from './finding.ts';

/** What there is to know of names that are each tenant's own. */
export function checkTenancy({ tenancy }: Config): readonly Finding[] {
  if (!tenancy.enabled || tenancy.names === 'shared') return [];
  const { ok } = about('tenancy');
  return [
    ok(
      'each tenant has containers, networks and volumes by names of its own (TENANT__NAME on the Engine); names of services, secrets and configs are shared',
    ),
  ];
}
