import type { Case } from '../corpus/case.ts';
import { E_DOORS } from './e-doors.ts';
import { E_LATER } from './e-later.ts';
import { E_MOUNTS } from './e-mounts.ts';
import { E_NETWORK } from './e-network.ts';
import { E_PRIVILEGE } from './e-privilege.ts';

/** Section E: ways out of a container, by its creation and by what can be done to it later. */
export const E_CONTAINER: readonly Case[] = [
  ...E_PRIVILEGE,
  ...E_MOUNTS,
  ...E_NETWORK,
  ...E_LATER,
  ...E_DOORS,
];
