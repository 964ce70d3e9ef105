import type { Case } from '../corpus/case.ts';
import { F_NETWORKS } from './f-networks.ts';
import { F_REFERENCES } from './f-references.ts';

/** Cases of sections F and G, and those of others that are about whose things are, where tenants are told apart. */
export const TENANT_CASES: readonly Case[] = [...F_REFERENCES, ...F_NETWORKS].map((each) => ({
  ...each,
  tenants: true,
}));
