import { indexed } from '../field.ts';
import type { Facts } from '../types.ts';

/**
 * Lines of /etc/hosts, `<name>:<address>`, and since Engine 25 `<name>=<address>` (moby, opts/hosts.go). A text with
 * both separators is told in both readings: older Engines split it at the colon.
 *
 * @param at the field of the list: `HostConfig.ExtraHosts`
 */
export function extraHosts(at: string, list: readonly string[] = []): Partial<Facts> {
  return {
    names: {
      extraHosts: list.flatMap((text, index) => {
        const field = indexed(at, index);
        const separators = [':', '='].filter((separator) => text.includes(separator));
        if (separators.length === 0) return [{ field, name: text, address: '' }];
        return separators.map((separator) => {
          const middle = text.indexOf(separator);
          return { field, name: text.slice(0, middle), address: text.slice(middle + 1) };
        });
      }),
      dns: [],
    },
  };
}

/** DNS servers. @param at the field of the list: `HostConfig.Dns` */
export function dns(at: string, list: readonly string[] = []): Partial<Facts> {
  return {
    names: { extraHosts: [], dns: list.map((address, index) => ({ field: indexed(at, index), address })) },
  };
}
