import type { X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { Refusal } from '../errors.ts';
import { type CertificateFacts, openCertificate, readCertificate } from './certificate.ts';
import type { ClientTrust, TrustedCas } from './client-trust.ts';
import { lookAtCertificate } from './tls-session.ts';

/** What a connection's handshake left about the client's certificate. */
export interface PeerCertificateInput {
  /** The certificate the client proved it holds; undefined when it sent none. */
  readonly certificate: X509Certificate | undefined;
  /** Whether it sent one that can not be taken into use; it counts as none that anybody could be named by. */
  readonly isUnreadable?: true;
  /** Whether OpenSSL built a chain to `tls.clientCa`. True says nothing while `certificate` is undefined. */
  readonly authorized: boolean;
  /** OpenSSL's code for the fault it found, e.g. `CERT_HAS_EXPIRED`. */
  readonly error: string | undefined;
  /** Whether it came without TLS, on a local listener. */
  readonly isLocal?: true;
  /** What it was verified against; see `ClientTrust`. */
  readonly cas?: TrustedCas;
}

const clientAuth = '1.3.6.1.5.5.7.3.2';
const peers = new WeakMap<Socket, PeerCertificateInput>();

/** Who comes without TLS shows no certificate. */
const NOBODY: PeerCertificateInput = Object.freeze({
  certificate: undefined,
  authorized: false,
  error: undefined,
  isLocal: true,
});

const untrusted =
  'the client certificate was not issued by a CA this gateway trusts; use the certificate and key made for this gateway';

const chainFaults: ReadonlyMap<string, readonly [reason: string, sentence: string]> = new Map([
  ['CERT_HAS_EXPIRED', ['certificate-expired', expired(' or a CA above it')]],
  ['CERT_NOT_YET_VALID', ['certificate-not-yet-valid', notYetValid(' or a CA above it')]],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', ['certificate-untrusted', untrusted]],
  ['UNABLE_TO_GET_ISSUER_CERT', ['certificate-untrusted', untrusted]],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', ['certificate-untrusted', untrusted]],
  ['SELF_SIGNED_CERT_IN_CHAIN', ['certificate-untrusted', untrusted]],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', ['certificate-untrusted', untrusted]],
  ['CERT_SIGNATURE_FAILURE', ['certificate-untrusted', untrusted]],
  ['CERT_UNTRUSTED', ['certificate-untrusted', untrusted]],
  ['CERT_REJECTED', ['certificate-untrusted', untrusted]],
  ['INVALID_CA', ['certificate-untrusted', untrusted]],
  ['INVALID_PURPOSE', ['certificate-wrong-usage', wrongUsage(' or a CA above it')]],
]);

/**
 * What `socket` says of its client's certificate; read once for each connection. The server must run with
 * `requestCert: true` and `rejectUnauthorized: false`, so that a faulty certificate gets an answer that says
 * what is wrong in place of a TLS alert, and with its own `ca`, never the system's roots.
 */
export function peerOf(socket: Socket, trust?: ClientTrust): PeerCertificateInput {
  const before = peers.get(socket);
  if (before !== undefined) return before;
  if (!(socket instanceof TLSSocket)) return NOBODY;
  // Node types authorizationError as an Error; on servers it is OpenSSL's code.
  const error: unknown = socket.authorizationError;
  const peer: PeerCertificateInput = Object.freeze({
    ...certificateOf(socket),
    authorized: socket.authorized,
    error: error instanceof Error ? error.message : typeof error === 'string' ? error : undefined,
    ...(trust === undefined ? {} : { cas: trust.verifiedBy(socket) }),
  });
  peers.set(socket, peer);
  return peer;
}

/** By way of its bytes: Node 20's getPeerX509Certificate never frees the 6 KB that each call takes. */
function certificateOf(socket: TLSSocket): Pick<PeerCertificateInput, 'certificate' | 'isUnreadable'> {
  // Node 20 asks OpenSSL for the session even where that has been freed, which it does not survive.
  if (socket.destroyed) return { certificate: undefined };
  try {
    return lookAtCertificate(socket, (der) => ({
      certificate: der === undefined ? undefined : openCertificate(der, socket.authorized),
    }));
  } catch {
    // Who asks is told; here, where a connection comes in, nobody would catch it.
    return { certificate: undefined, isUnreadable: true };
  }
}

/**
 * The facts of a certificate that may identify a client now, or undefined when none was sent. Asked again at
 * every request, because a resumed session or a long connection outlives what the handshake found.
 * Throws a Refusal (401): `certificate-expired`, `certificate-not-yet-valid`, `certificate-untrusted`,
 * `certificate-wrong-usage` or `certificate-invalid`.
 */
export function checkCertificate(
  peer: PeerCertificateInput,
  now: number,
  trust?: ClientTrust,
): CertificateFacts | undefined {
  if (peer.isUnreadable === true) throw unreadable();
  if (peer.certificate === undefined) return undefined; // TLS 1.3 calls a resumed session without one authorized
  if (!peer.authorized) throw chainRefusal(peer.error);
  if (trust?.outlives(peer.certificate, peer.cas, now) === true) throw otherCas();
  const facts = readFacts(peer.certificate);
  if (now < facts.notBefore) throw new Refusal(401, 'certificate-not-yet-valid', notYetValid());
  if (now > facts.notAfter) throw new Refusal(401, 'certificate-expired', expired());
  if (facts.isCa) {
    throw new Refusal(
      401,
      'certificate-wrong-usage',
      'the client certificate is that of a CA; use a certificate issued to a client (basicConstraints CA:FALSE)',
    );
  }
  if (!facts.usages.includes(clientAuth)) throw new Refusal(401, 'certificate-wrong-usage', wrongUsage());
  return facts;
}

function otherCas(): Refusal {
  return new Refusal(
    401,
    'certificate-untrusted',
    'the CAs that this gateway trusts have changed since this connection was made; connect again, and if that is refused ask for a new certificate',
  );
}

function readFacts(certificate: X509Certificate): CertificateFacts {
  try {
    return readCertificate(certificate);
  } catch (cause) {
    throw unreadable(cause);
  }
}

function unreadable(cause?: unknown): Refusal {
  return new Refusal(
    401,
    'certificate-invalid',
    'the client certificate can not be read; have it issued again in strict DER (RFC 5280)',
    { cause },
  );
}

function chainRefusal(code: string | undefined): Refusal {
  const [reason, sentence] = chainFaults.get(code ?? '') ?? [
    'certificate-invalid',
    'the client certificate did not verify; check it with `openssl verify -purpose sslclient -CAfile ca.pem cert.pem`',
  ];
  return new Refusal(401, reason, sentence, { cause: code });
}

function expired(alternative = ''): string {
  return `the client certificate${alternative} has expired; ask for a new one, or check it with \`openssl x509 -enddate -noout -in cert.pem\``;
}

function notYetValid(alternative = ''): string {
  return `the client certificate${alternative} is not valid yet; check the clocks of both machines and \`openssl x509 -startdate -noout -in cert.pem\``;
}

function wrongUsage(alternative = ''): string {
  return `the client certificate${alternative} is not for client authentication; use one whose extendedKeyUsage holds clientAuth`;
}
