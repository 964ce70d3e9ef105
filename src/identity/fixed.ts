import { isIP } from 'node:net';
import { hostNameOf, splitAddress } from '../config/address.ts';
import type { Config } from '../config/schema.ts';
import { Refusal } from '../errors.ts';
import type { Caller, RequestCredentials } from './identity.ts';
import type { Principal } from './principal.ts';

type Listener = Config['listeners'][number];

/** What browsers send and no client of an Engine does; on plain HTTP they leave out some of these. */
const OF_BROWSERS = new Set(['origin', 'cookie', 'referer', 'accept-language']);

/**
 * Says of every request on a local listener that its principal sent it: whoever reaches that socket is trusted to be them.
 * What shows that it was somebody else, or meant for somebody else, is refused: credentials, and whatever a browser was
 * made to send by a page that it shows.
 */
export function fixedIdentity({ listen, hosts, principal: { name, tenant, roles } }: Listener): Caller {
  const principal: Principal = Object.freeze({
    name,
    tenant,
    roles: Object.freeze([...roles]),
    method: 'listener',
    issuer: listen,
    expiresAt: Number.POSITIVE_INFINITY,
  });
  const known = listen.startsWith('unix:')
    ? undefined
    : new Set(['localhost', splitAddress(listen).host.toLowerCase(), ...hosts]);

  async function authenticate({ authorization, headers }: RequestCredentials): Promise<Principal> {
    if (authorization !== undefined) throw credentialsNotTaken();
    for (const header of headers.keys()) {
      if (OF_BROWSERS.has(header) || header.startsWith('sec-fetch-')) throw browser(header);
    }
    const host = headers.get('host')?.[0];
    // A page whose name was made to lead here (DNS rebinding) asks for its own name, and never for an address.
    if (known !== undefined && host !== undefined && !isKnown(host, known)) throw unknownHost();
    return principal;
  }
  return { authenticate };
}

function isKnown(header: string, known: ReadonlySet<string>): boolean {
  const host = hostNameOf(header);
  return isIP(host) !== 0 || known.has(host);
}

function credentialsNotTaken(): Refusal {
  return new Refusal(
    401,
    'authorization-not-taken',
    'this listener has one principal for all who reach it and takes no credentials; leave the Authorization header out, or connect to the TLS listener',
    { field: 'authorization' },
  );
}

function browser(field: string): Refusal {
  return new Refusal(
    403,
    'no-browsers',
    `the header ${field} is that of a browser, and this listener, which asks nobody who they are, serves none`,
    { field },
  );
}

function unknownHost(): Refusal {
  return new Refusal(
    403,
    'no-such-host',
    'the Host header names none of the hosts of this listener; connect by its address, or have the operator add the name to its `hosts`',
    { field: 'host' },
  );
}
