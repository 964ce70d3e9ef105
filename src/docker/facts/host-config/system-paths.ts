import type { HostConfig } from '../../body/models/host-config.ts';
import type { Facts, SecurityFacts } from '../types.ts';

/** `MaskedPaths` and `ReadonlyPaths`: an empty list is "none", not the default; `systempaths=unconfined` sends it. */
export function systemPaths(hostConfig: Pick<HostConfig, 'MaskedPaths' | 'ReadonlyPaths'>): Partial<Facts> {
  const { MaskedPaths: masked, ReadonlyPaths: readonly } = hostConfig;
  const security: SecurityFacts = {
    others: [],
    ...(masked === undefined ? {} : { maskedPaths: { field: 'HostConfig.MaskedPaths', paths: masked } }),
    ...(readonly === undefined
      ? {}
      : { readonlyPaths: { field: 'HostConfig.ReadonlyPaths', paths: readonly } }),
  };
  return { security };
}
