import { Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { lookAtCertificate } from '../identity/tls-session.ts';

/** The part of Node's internal handle of a TLS connection that is used here. */
interface TlsHandle {
  getSession?(): Buffer | undefined;
  getPeerCertificate?(detailed: boolean): object | undefined;
  getPeerX509Certificate?(): unknown;
}

/**
 * Keeps Node from leaking the certificates that a client sends along with its own: 5 KB a connection for one CA, and
 * up to 100 KB for a client that sends as many as OpenSSL takes.
 *
 * Node 24.21 and 26.8 (nodejs/node#64677) ask every connection to a TLS server whether it showed a certificate, by
 * `getPeerX509Certificate`, and that call takes the chain out of OpenSSL's hands without ever freeing it. The
 * question comes before any public event that hands out the connection, so it is answered on the handles' prototype,
 * for this whole process, in a way that leaks nothing. Nothing here may need the certificate
 * that the call gives otherwise; see `peerOf`. A Node whose handles have no such method is left as it is.
 */
export function freePeerChains(): void {
  const socket = new TLSSocket(new Socket(), {
    isServer: true,
    secureContext: createSecureContext({ ca: [] }), // without it Node reads all its root certificates
  });
  const handle = (socket as TLSSocket & { readonly _handle?: object | null })._handle;
  socket.destroy();
  if (handle === undefined || handle === null) return;
  const prototype = Object.getPrototypeOf(handle) as TlsHandle;
  if (prototype.getPeerX509Certificate === undefined || prototype.getPeerCertificate === undefined) return;
  prototype.getPeerX509Certificate = function showedCertificate(this: TlsHandle): true | undefined {
    return lookAtCertificate(this, (der) => (der === undefined ? undefined : true));
  };
}
