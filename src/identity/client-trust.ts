import { createHash, type X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { isIssuedBy } from './certificate.ts';
import { certificatesIn } from './trust-bundle.ts';

/**
 * The CAs that client certificates must chain to, as they are now. OpenSSL verifies a chain once, in the handshake; a
 * connection may outlive the CA that it was made under, and is asked again at its next request.
 */
export class ClientTrust {
  readonly #handshakes = new WeakMap<object, number>();
  #edition = 0;
  #digest = '';
  #cas: readonly X509Certificate[] = [];
  #verdicts = new WeakMap<X509Certificate, boolean>();

  /** Goes on with another set. @returns whether it is another one */
  use(pem: Buffer | undefined): boolean {
    const digest = createHash('sha256')
      .update(pem ?? '')
      .digest('hex');
    if (digest === this.#digest) return false;
    this.#digest = digest;
    this.#edition += 1;
    this.#cas = certificatesIn(pem?.toString('latin1') ?? '');
    this.#verdicts = new WeakMap();
    return true;
  }

  /** Notes what the handshake on a connection will verify against. */
  connected(connection: Socket): void {
    this.#handshakes.set(connection, this.#edition);
  }

  /** What a connection was verified against; of one that nobody knows it counts as another set than that of now. */
  editionOf(socket: TLSSocket): number {
    // The connection under the TLS socket, which Node does not name in its types.
    const { _parent: connection } = socket as TLSSocket & { readonly _parent?: Socket | null };
    return (connection && this.#handshakes.get(connection)) ?? -1;
  }

  /** Whether a connection was made under the CAs of now. */
  isCurrent(edition: number | undefined): boolean {
    return edition === undefined || edition === this.#edition;
  }

  /**
   * Whether a certificate that was verified under other CAs would still be: one of now has issued it and is valid. The
   * certificates between are gone with the handshake: who has any must connect again.
   *
   * @param now milliseconds since the epoch
   */
  stillHolds(certificate: X509Certificate, now: number): boolean {
    const before = this.#verdicts.get(certificate);
    if (before !== undefined) return before;
    const holds = this.#cas.some(
      (ca) =>
        ca.ca &&
        now >= Date.parse(ca.validFrom) &&
        now <= Date.parse(ca.validTo) &&
        isIssuedBy(certificate, ca),
    );
    this.#verdicts.set(certificate, holds);
    return holds;
  }
}
