import { quoted } from '../../docker/text.ts';
import { type Check, defineCheck } from './check.ts';
import { volumeField } from './words.ts';

/** Absent is the Engine's `local`, and no other spelling is. */
const BUILT_IN: ReadonlySet<string> = new Set(['', 'local']);

export const volumeDriver: Check = defineCheck(
  {
    id: 'volume-driver',
    forbids: 'volume drivers other than `local`',
    source: 'ours: a driver is a plugin, and root on the host',
    remedy: 'use the driver local (docker run without --volume-driver)',
  },
  ({ runs, volumes }) =>
    volumes
      .filter(({ driver }) => !BUILT_IN.has(driver))
      .map(({ field, driver }) => ({
        field: volumeField(runs, 'Driver', field),
        asks: `uses the volume driver ${quoted(driver)}, a plugin`,
      })),
);
