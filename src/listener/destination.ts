import { hostNameOf } from '../config/address.ts';
import { DEFAULT_ENGINE } from '../config/engine-schema.ts';
import type { ConfiguredEngine } from '../config/engines.ts';
import { Refusal } from '../errors.ts';

/** What a request says of where it is to go. */
export interface Named {
  /** The Host header as it was sent; undefined where there is none (HTTP/1.0). */
  readonly host: string | undefined;
  /** The name in the TLS handshake (SNI, RFC 6066, section 3); Node says false where there was none. */
  readonly servername: string | false | null | undefined;
}

/** The name of the Engine that a request is for, or why it is for none. */
export type Destination = (named: Named) => string | Refusal;

/** Finds out which Engine a request is for, in one way only: `door` is the Engine of a listener that has one. */
export type Destinations = (door?: string) => Destination;

/**
 * On the TLS listener the Host header says which Engine a request is for (RFC 9110, section 7.2), and where there is none the
 * name in the TLS handshake; where both are there they must lead to the same Engine, for a connection that was made for one
 * must not carry requests to another. A listener of an Engine's own leads to that one, and refuses what names another.
 * Whatever is for none is refused with 421 (RFC 9110, section 15.5.20).
 */
export function destinationsOf(engines: readonly Pick<ConfiguredEngine, 'name' | 'hosts'>[]): Destinations {
  const byHost = new Map(engines.flatMap(({ name, hosts }) => hosts.map((host) => [host, name] as const)));
  const isOpen = engines.some(({ name, hosts }) => name === DEFAULT_ENGINE && hosts.length === 0);
  /** Whose every other name is, and every request without one. */
  const others = isOpen ? DEFAULT_ENGINE : undefined;
  const engineOf = (name: string): string | undefined => byHost.get(name) ?? others;

  const onMain: Destination = (named) => {
    const { host, sni } = namesIn(named);
    const name = host ?? sni;
    const engine = name === undefined ? others : engineOf(name);
    if (engine === undefined) return nobodys(host === undefined ? undefined : 'host');
    return sni !== undefined && host !== undefined && engineOf(sni) !== engine ? anothers() : engine;
  };
  return (door) => {
    if (door === undefined) return onMain;
    return (named) => {
      const { host, sni } = namesIn(named);
      const isAnothers = [host, sni].some(
        (name) => name !== undefined && (byHost.get(name) ?? door) !== door,
      );
      return isAnothers ? elsewhere() : door;
    };
  };
}

/** Without port, case and the dot at their end; what is empty is no name. */
function namesIn({ host, servername }: Named): { host: string | undefined; sni: string | undefined } {
  return {
    host: host === undefined || host === '' ? undefined : hostNameOf(host),
    // Node has several words for none.
    sni: typeof servername === 'string' && servername !== '' ? hostNameOf(servername) : undefined,
  };
}

const REASON = 'misdirected-request';

function nobodys(field: string | undefined): Refusal {
  return new Refusal(
    421,
    REASON,
    'no Engine of this gateway goes by the name that this request is for; connect by a name that the operator of this gateway has given to one (hosts of engine and engines)',
    field === undefined ? {} : { field },
  );
}

function anothers(): Refusal {
  return new Refusal(
    421,
    REASON,
    'the Host header leads to another Engine than the name that this TLS connection was made for; open a connection by the name that the request is for',
    { field: 'host' },
  );
}

function elsewhere(): Refusal {
  return new Refusal(
    421,
    REASON,
    'the request names another Engine than the one that this listener leads to; connect where that one is reached',
    { field: 'host' },
  );
}
