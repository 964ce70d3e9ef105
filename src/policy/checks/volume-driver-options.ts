import { type Check, defineCheck } from './check.ts';
import { hostPath, listed, volumeField } from './words.ts';

/**
 * All options, not those that look like a bind: `o=rbind`, an ext4 device, an overlay's lowerdir, an nfs address and
 * a relative device all end at the host (seen on dockerd 20.10).
 */
export const volumeDriverOptions: Check = defineCheck(
  {
    id: 'volume-driver-options',
    forbids: 'options for a volume driver',
    source: 'PSS baseline: HostPath Volumes; CVE-2026-44850 and its kind',
    remedy: 'leave the options out (docker volume create without --opt)',
  },
  ({ runs, volumes, hostPaths }) => {
    const given = volumes.filter(({ options }) => options.length > 0);
    if (given.length > 0) {
      return given.map(({ field, options }) => ({
        field: volumeField(runs, 'DriverOpts', field),
        asks: `gives the volume driver options (${listed(options)}) that can mount any path of the host`,
      }));
    }
    return hostPaths
      .filter(({ via }) => via === 'driver-option')
      .map((fact) => ({ field: fact.field, asks: `mounts ${hostPath(fact)} by a volume driver's options` }));
  },
);
