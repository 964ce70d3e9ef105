import { ConfigError } from '../errors.ts';
import { isPrincipalName, isWord } from '../identity/names.ts';
import type { AuthenticationMethod, Principal } from '../identity/principal.ts';

/** Who is supposed to ask. */
export interface SupposedPrincipal {
  readonly name: string;
  /** Default: `default`. */
  readonly tenant?: string | undefined;
  readonly roles?: readonly string[] | undefined;
  /** Default: `certificate`. */
  readonly method?: AuthenticationMethod | undefined;
}

export const METHODS: readonly AuthenticationMethod[] = ['certificate', 'jwt', 'both', 'listener'];

/** What the certificates of `quaywarden init` say where no tenant is named. */
const TENANT = 'default';

/**
 * Makes a principal as `identity/` would have.
 *
 * @param name `alice`, or as grants write it, `user:alice`
 * @throws ConfigError for what can be no principal's
 */
export function supposedPrincipal({ name, tenant, roles, method }: SupposedPrincipal): Principal {
  const bare = name.replace(/^user:/, '');
  if (/^(?:role|tenant):/.test(bare)) {
    throw new ConfigError([
      `${JSON.stringify(name)} is no principal: name one, and give it a role with --role`,
    ]);
  }
  if (!isPrincipalName(bare)) throw new ConfigError([`${JSON.stringify(name)} can be no principal's name`]);
  for (const word of [tenant ?? TENANT, ...(roles ?? [])]) {
    if (!isWord(word)) {
      throw new ConfigError([
        `${JSON.stringify(word)} names no role or tenant: letters, digits and ._@:+- only`,
      ]);
    }
  }
  return Object.freeze({
    name: bare,
    tenant: tenant ?? TENANT,
    roles: Object.freeze([...new Set(roles ?? [])]),
    method: method ?? 'certificate',
    issuer: '',
    expiresAt: Number.POSITIVE_INFINITY,
  });
}
