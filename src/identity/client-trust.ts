import { createHash, type X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { isIssuedBy } from './certificate.ts';
import { certificatesIn } from './trust-bundle.ts';

/** The CAs of one time; two with the same CAs, one after the other, are one. */
export class TrustedCas {
  readonly #digest: string;
  readonly #digests: ReadonlySet<string>;
  /** Those that lead to a root, and what each may have been issued by; found out when somebody asks first. */
  #rooted: ReadonlyMap<X509Certificate, readonly X509Certificate[]> | undefined;
  readonly #cas: readonly X509Certificate[];

  /** @param now milliseconds since the epoch: what has expired by then, no handshake goes through */
  constructor(pem: Buffer | undefined, now = Date.now()) {
    this.#digest = createHash('sha256')
      .update(pem ?? '')
      .digest('hex');
    const all = certificatesIn(pem?.toString('latin1') ?? '');
    this.#digests = new Set(all.map(({ fingerprint256 }) => fingerprint256));
    this.#cas = all.filter(({ validTo }) => Date.parse(validTo) >= now);
  }

  isSameAs(other: TrustedCas): boolean {
    return other.#digest === this.#digest;
  }

  /** Whether a certificate is one of them, byte for byte. */
  has({ fingerprint256 }: X509Certificate): boolean {
    return this.#digests.has(fingerprint256);
  }

  /**
   * Every CA that a chain from a certificate up to a root may have gone through.
   *
   * @returns none where it can only have gone through others, which a client sends in its handshake
   */
  above(certificate: X509Certificate): ReadonlySet<X509Certificate> {
    this.#rooted ??= rootedOf(this.#cas);
    const found = new Set([...this.#rooted.keys()].filter((ca) => isIssuedBy(certificate, ca)));
    // What is added on the way is walked too; a root is its own issuer.
    for (const ca of found) for (const issuer of this.#rooted.get(ca) ?? []) found.add(issuer);
    return found;
  }
}

/** The CAs from which a chain leads to a root among them, each with those of them that have issued it. */
function rootedOf(cas: readonly X509Certificate[]): Map<X509Certificate, readonly X509Certificate[]> {
  const issuers = new Map(cas.map((ca) => [ca, cas.filter((other) => isIssuedBy(ca, other))]));
  const rooted = new Set(cas.filter((ca) => issuers.get(ca)?.includes(ca)));
  for (let before = -1; before < rooted.size; ) {
    before = rooted.size;
    for (const [ca, above] of issuers) if (above.some((each) => rooted.has(each))) rooted.add(ca);
  }
  return new Map([...rooted].map((ca) => [ca, (issuers.get(ca) ?? []).filter((each) => rooted.has(each))]));
}

/** By which nothing is verified. */
const NONE = new TrustedCas(undefined);

/** When a chain is valid, in milliseconds since the epoch. */
interface Validity {
  readonly from: number;
  readonly to: number;
}

const NEVER: Validity = { from: Number.POSITIVE_INFINITY, to: Number.NEGATIVE_INFINITY };

/**
 * The CAs that client certificates must chain to, as they are now. OpenSSL verifies a chain once, in the handshake; a
 * connection may outlive the CA that it was made under, and is asked again at its next request.
 */
export class ClientTrust {
  readonly #handshakes = new WeakMap<object, TrustedCas>();
  #now = new TrustedCas(undefined);
  /** By what a certificate was verified against. */
  #found = new WeakMap<TrustedCas, WeakMap<X509Certificate, Validity>>();

  /** Goes on with another set. @returns whether it is another one */
  use(pem: Buffer | undefined): boolean {
    const next = new TrustedCas(pem);
    if (next.isSameAs(this.#now)) return false;
    this.#now = next;
    this.#found = new WeakMap();
    return true;
  }

  /** Notes what the handshake on a connection will verify against. */
  connected(connection: Socket): void {
    this.#handshakes.set(connection, this.#now);
  }

  /** What a connection was verified against; of one that nobody knows it counts as none. */
  verifiedBy(socket: TLSSocket): TrustedCas {
    // The connection under the TLS socket, which Node does not name in its types.
    const { _parent: connection } = socket as TLSSocket & { readonly _parent?: Socket | null };
    return (connection && this.#handshakes.get(connection)) ?? NONE;
  }

  /** Whether a connection was made under the CAs of now; without TLS it was made under none. */
  isCurrent(cas: TrustedCas | undefined): boolean {
    return cas === undefined || cas === this.#now;
  }

  /**
   * Whether a connection has outlived what its client's certificate was verified against. What OpenSSL minds in a chain is more than is
   * looked at here (constraints of names and lengths, usages), so where the CAs are others now, the chain has to be one that was good
   * then: every CA that it may have gone through is among those of now, byte for byte, and valid. The certificates that a client
   * sends between are gone with the handshake: who has any must connect again.
   *
   * @param cas what it was verified against; see `verifiedBy`
   * @param now milliseconds since the epoch
   */
  outlives(certificate: X509Certificate, cas: TrustedCas | undefined, now: number): boolean {
    if (cas === undefined || this.isCurrent(cas)) return false;
    const { from, to } = this.#validityOf(certificate, cas);
    return now < from || now > to;
  }

  #validityOf(certificate: X509Certificate, cas: TrustedCas): Validity {
    const known = this.#found.get(cas) ?? new WeakMap<X509Certificate, Validity>();
    this.#found.set(cas, known);
    const before = known.get(certificate);
    if (before !== undefined) return before;
    const above = cas.above(certificate);
    const isThere = above.size > 0 && [...above].every((ca) => this.#now.has(ca));
    const found = isThere ? validityOf(above) : NEVER;
    known.set(certificate, found);
    return found;
  }
}

function validityOf(cas: ReadonlySet<X509Certificate>): Validity {
  const all = [...cas];
  return {
    from: Math.max(...all.map(({ validFrom }) => Date.parse(validFrom))),
    to: Math.min(...all.map(({ validTo }) => Date.parse(validTo))),
  };
}
