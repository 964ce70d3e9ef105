import { randomBytes, type X509Certificate } from 'node:crypto';
import { respondersOf } from '../extensions.ts';
import { type EndpointFile, fetchOnce, withCa } from '../fetch.ts';
import type { Authority } from './authorities.ts';
import { askAbout, type OcspAnswer, OcspError, readAnswer } from './ocsp.ts';

/** Who is asked about a certificate, and how. */
export interface OcspEndpoint {
  /** Who is asked about every certificate; undefined: whom the certificate names. */
  readonly responder: URL | undefined;
  readonly caFile: string | undefined;
  readonly timeoutMs: number;
}

const MOST_BYTES = 64 * 1_024;
const NONCE_BYTES = 32; // RFC 9654, section 2.1

/**
 * Puts the question to a responder, once, and verifies its answer.
 *
 * @param isGone whether a responder's certificate is revoked, by what is known here
 * @returns the answer, and the bytes it was read from
 * @throws OcspError for an answer that can not be used; an Error that says why for none
 */
export async function askResponder(
  { certificate, issuer }: { readonly certificate: X509Certificate; readonly issuer: Authority },
  endpoint: OcspEndpoint,
  now: () => number,
  isGone: (certificate: X509Certificate) => boolean,
  abort: AbortSignal,
): Promise<{ readonly answer: OcspAnswer; readonly bytes: Buffer }> {
  const question = askAbout(certificate, issuer, randomBytes(NONCE_BYTES));
  const headers = { 'content-type': 'application/ocsp-request', accept: 'application/ocsp-response' };
  const { body } = await fetchOnce(
    await withCa(placeOf(certificate, endpoint)),
    { method: 'POST', headers, body: question.bytes, mostBytes: MOST_BYTES },
    abort,
  );
  return { answer: readAnswer(body, question, now(), isGone), bytes: body };
}

function placeOf(certificate: X509Certificate, { responder, caFile, timeoutMs }: OcspEndpoint): EndpointFile {
  const url = responder ?? responderOf(certificate);
  if (url === undefined) throw new OcspError('the certificate names no responder, and none is configured');
  return { url, caFile, timeoutMs };
}

/** The first responder that a certificate names and that can be asked. */
export function responderOf(certificate: X509Certificate): URL | undefined {
  return respondersOf(certificate.raw)
    .map((text) => (URL.canParse(text) ? new URL(text) : undefined))
    .find((each) => each?.protocol === 'http:' || each?.protocol === 'https:');
}
