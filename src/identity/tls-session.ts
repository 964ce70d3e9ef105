import { DerError, placeOf } from './der.ts';

const SEQUENCE = 0x30;
/** `peer [3] EXPLICIT Certificate` (OpenSSL, ssl/ssl_asn1.c, SSL_SESSION_ASN1). */
const PEER = 0xa3;

/**
 * The certificate that the other end showed, out of a TLS session as OpenSSL writes one (i2d_SSL_SESSION). The same bytes as
 * `getPeerCertificate` gives, which has OpenSSL decode the public key and print every name on the way: a tenth of what a resumed
 * connection costs.
 *
 * @param session what `TLSSocket.getSession` gives
 * @returns the DER encoding, which lies within `session`; undefined where there is none, or where the session is written otherwise
 */
export function certificateIn(session: Uint8Array): Uint8Array | undefined {
  try {
    const whole = placeOf(session, 0);
    if (whole.tag !== SEQUENCE || whole.end !== session.length) return undefined;
    for (let at = whole.start; at < whole.end; ) {
      const { tag, start, end } = placeOf(session, at, whole.end);
      if (tag === PEER) return isOne(session, start, end) ? session.subarray(start, end) : undefined;
      at = end;
    }
    return undefined;
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

/** Whether what stands there is one SEQUENCE, as a certificate is. */
function isOne(bytes: Uint8Array, start: number, limit: number): boolean {
  const { tag, end } = placeOf(bytes, start, limit);
  return tag === SEQUENCE && end === limit;
}

/** A TLS connection, or Node's handle of one. */
interface Showing {
  getSession?(): Buffer | null | undefined;
  getPeerCertificate?(detailed: boolean): { readonly raw?: Buffer } | object | null | undefined;
}

/**
 * Looks at the certificate that the other end showed, in DER; undefined where it showed none and where the connection is gone. The
 * session that it lies in is overwritten when `look` returns, for its secrets lie beside it: `look` keeps nothing of those bytes.
 */
export function lookAtCertificate<T>(connection: Showing, look: (der: Uint8Array | undefined) => T): T {
  const session = connection.getSession?.() ?? undefined;
  try {
    return look((session && certificateIn(session)) ?? askedFor(connection));
  } finally {
    session?.fill(0);
  }
}

function askedFor(connection: Showing): Uint8Array | undefined {
  const told = connection.getPeerCertificate?.(false);
  return told !== undefined && told !== null && 'raw' in told ? told.raw : undefined;
}
