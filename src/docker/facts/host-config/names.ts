import { indexed } from '../field.ts';
import type { Facts } from '../types.ts';

/**
 * Lines of /etc/hosts, `<name>:<address>` or `<name>=<address>` (moby, opts/hosts.go). Where both separators stand,
 * Engines differ in which they split at; an address with a colon is an IPv6 one, so the first of the two decides.
 *
 * @param at the field of the list: `HostConfig.ExtraHosts`
 */
export function extraHosts(at: string, list: readonly string[] = []): Partial<Facts> {
  return {
    names: {
      dns: [],
      extraHosts: list.map((text, index) => {
        const separator = text.search(/[:=]/);
        return {
          field: indexed(at, index),
          name: separator === -1 ? text : text.slice(0, separator),
          address: separator === -1 ? '' : text.slice(separator + 1),
        };
      }),
    },
  };
}

/** DNS servers. @param at the field of the list: `HostConfig.Dns` */
export function dns(at: string, list: readonly string[] = []): Partial<Facts> {
  return {
    names: { extraHosts: [], dns: list.map((address, index) => ({ field: indexed(at, index), address })) },
  };
}
