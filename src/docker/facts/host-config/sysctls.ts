import { keyed } from '../field.ts';
import type { Facts } from '../types.ts';

/** Kernel parameters by their names with dots. @param at `HostConfig.Sysctls` */
export function sysctls(at: string, map: Readonly<Record<string, string>> = {}): Partial<Facts> {
  return {
    sysctls: Object.entries(map).map(([name, value]) => ({
      field: keyed(at, name),
      name: dotted(name),
      value,
    })),
  };
}

/** As runc reads it (libcontainer/configs/validate): where the first separator is a slash, dots and slashes change places. */
function dotted(name: string): string {
  const first = /[./]/.exec(name)?.[0];
  return first === '/' ? name.replace(/[./]/g, (separator) => (separator === '/' ? '.' : '/')) : name;
}
