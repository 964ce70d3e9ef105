import type { UserFact } from './types.ts';

/**
 * Who a process runs as, by the rules of libcontainer's GetExecUser: what is before the colon is a uid when Go's
 * strconv.Atoi takes it (`00` and `+0` are 0), else a name that the image's /etc/passwd knows; none is uid 0.
 *
 * @param value empty where the request leaves it to the image
 */
export function userFact(field: string, value: string): UserFact {
  return { field, value, root: value === '' ? null : isRoot(value.split(':')[0] ?? '') };
}

function isRoot(user: string): boolean | null {
  if (user === '' || user === 'root') return true;
  return /^[+-]?[0-9]+$/.test(user) ? BigInt(user) === 0n : null;
}
