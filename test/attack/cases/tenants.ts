import type { Case } from '../corpus/case.ts';
import { F_IMAGES } from './f-images.ts';
import { F_NETWORKS } from './f-networks.ts';
import { F_REFERENCES } from './f-references.ts';
import { F_VIEWS } from './f-views.ts';
import { G_CLUSTER } from './g-cluster.ts';

/** Cases of sections F and G, and those of others that are about whose things are, where tenants are told apart. */
export const TENANT_CASES: readonly Case[] = [
  ...F_REFERENCES,
  ...F_NETWORKS,
  ...F_IMAGES,
  ...F_VIEWS,
  ...G_CLUSTER,
].map((each) => ({
  ...each,
  tenants: true,
}));
