import { Refusal } from '../../errors.ts';
import type { Revoked } from './crl.ts';

/** How those are refused whose certificate, token or name is good no more. */

/** @param entry what its issuer says of it, where it was the issuer who revoked it */
export function certificateRevoked(entry: Revoked | undefined, isCa: boolean): Refusal {
  const what = isCa
    ? 'the certificate of the CA that issued the client certificate'
    : 'the client certificate';
  const when = entry === undefined ? '' : ` on ${new Date(entry.at).toISOString().slice(0, 10)}`;
  const why = entry?.reason === undefined ? '' : ` (${entry.reason})`;
  return new Refusal(
    401,
    'certificate-revoked',
    `${what} was revoked${when}${why}; ask for a new one, or ask the operator of this gateway why`,
  );
}

export function tokenRevoked(): Refusal {
  return new Refusal(401, 'token-revoked', 'the token was revoked; get a new one', {
    field: 'authorization',
  });
}

export function principalDenied(): Refusal {
  return new Refusal(
    401,
    'principal-denied',
    'whoever calls by this name is on the deny list of this gateway; ask its operator',
  );
}

export function revocationUnknown(cause?: unknown): Refusal {
  return new Refusal(
    401,
    'revocation-unknown',
    'whether the client certificate was revoked can not be told at the moment, so it is not taken; try again shortly, and tell the operator of this gateway if it lasts',
    { cause },
  );
}
