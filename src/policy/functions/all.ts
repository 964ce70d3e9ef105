import { allIn } from './all-in.ts';
import { anyOf } from './any-of.ts';
import { baseImagesFrom } from './base-images-from.ts';
import { capsWithin } from './caps-within.ts';
import { cpusAtMost } from './cpus-at-most.ts';
import { devicesWithin } from './devices-within.ts';
import type { ConditionFunction } from './function.ts';
import { hostPathsWithin } from './host-paths-within.ts';
import { imageFrom } from './image-from.ts';
import { isEmpty } from './is-empty.ts';
import { labelsWithin } from './labels-within.ts';
import { memoryAtMost } from './memory-at-most.ts';
import { networksWithin } from './networks-within.ts';
import { noneOf } from './none-of.ts';
import { pidsAtMost } from './pids-at-most.ts';
import { portsWithin } from './ports-within.ts';
import { reasonGiven } from './reason-given.ts';
import { registriesWithin } from './registries-within.ts';
import { runtimesWithin } from './runtimes-within.ts';
import { satisfies } from './satisfies.ts';
import { usersWithin } from './users-within.ts';
import { volumesWithin } from './volumes-within.ts';

/** Every function that a condition may call. */
export const FUNCTIONS: readonly ConditionFunction[] = Object.freeze([
  satisfies,
  imageFrom,
  baseImagesFrom,
  hostPathsWithin,
  volumesWithin,
  networksWithin,
  capsWithin,
  devicesWithin,
  memoryAtMost,
  cpusAtMost,
  pidsAtMost,
  portsWithin,
  usersWithin,
  runtimesWithin,
  labelsWithin,
  registriesWithin,
  reasonGiven,
  allIn,
  anyOf,
  noneOf,
  isEmpty,
]);
