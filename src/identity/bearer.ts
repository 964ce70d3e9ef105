import { Refusal } from '../errors.ts';

/** A compact JWS (RFC 7515, section 7.1) whose header was judged; nothing in it is verified yet. */
export interface UnverifiedToken {
  readonly compact: string;
  readonly algorithm: string;
  /** The `iss` it claims, which picks the keys it is then verified with. */
  readonly issuer: string;
}

const longest = 16 * 1024;
const types = /^(application\/)?(at\+)?jwt$/i;

/** Headers by which a token brings its own key, needs an extension, or is no plain JWS. */
const forbidden = ['crit', 'jku', 'jwk', 'x5u', 'x5c', 'b64', 'enc', 'zip'];

/**
 * Reads the value of an Authorization header: `Bearer`, one space, a JWT in compact form (RFC 6750).
 * Throws a Refusal (401): `authorization-scheme`, `token-too-long`, `token-malformed`,
 * `token-header-forbidden`, `token-claim-missing` or `token-wrong-type`.
 */
export function readBearer(authorization: string): UnverifiedToken {
  if (!/^Bearer(?![^ ])/i.test(authorization)) {
    throw refuse(
      'authorization-scheme',
      'only the Bearer scheme is accepted; send Authorization: Bearer <token>',
    );
  }
  if (authorization.length > longest) {
    throw refuse(
      'token-too-long',
      `the bearer token is longer than ${longest} bytes; ask its issuer for fewer claims`,
    );
  }
  const match = /^Bearer (([\w-]+)\.([\w-]+)\.([\w-]*))$/i.exec(authorization);
  const [, compact, header, payload, signature] = match ?? [];
  if (compact === undefined || header === undefined || payload === undefined || signature === undefined) {
    throw malformed('is not a signed JWT in compact form: three base64url parts with dots between');
  }
  decode(signature);
  return { compact, algorithm: judgeHeader(parse(header)), issuer: issuerOf(parse(payload)) };
}

function judgeHeader(header: Readonly<Record<string, unknown>>): string {
  const found = forbidden.find((member) => Object.hasOwn(header, member));
  if (found !== undefined) {
    throw refuse(
      'token-header-forbidden',
      `the token's header holds "${found}", which is not accepted here; have its issuer leave it out`,
    );
  }
  const { alg, kid, typ } = header;
  if (typeof alg !== 'string') throw malformed('has no "alg" in its header');
  if (kid !== undefined && (typeof kid !== 'string' || kid.length > 256))
    throw malformed('has an unusable "kid"');
  if (typ !== undefined && (typeof typ !== 'string' || !types.test(typ))) {
    throw refuse(
      'token-wrong-type',
      'the token\'s "typ" is not that of an access token; use one of type JWT or at+jwt',
    );
  }
  return alg;
}

function issuerOf(payload: Readonly<Record<string, unknown>>): string {
  const { iss } = payload;
  if (iss === undefined) {
    throw refuse('token-claim-missing', 'the token has no "iss" claim; have its issuer put its name in');
  }
  if (typeof iss !== 'string') throw malformed('has an "iss" claim that is not a string');
  return iss;
}

function parse(part: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(decode(part)));
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw malformed('has a part that is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw malformed('has a part that is not a JSON object');
  }
  return value as Record<string, unknown>;
}

/** Base64url in its one spelling: Node would take trailing bits that change nothing. */
function decode(part: string): Buffer {
  const bytes = Buffer.from(part, 'base64url');
  if (bytes.toString('base64url') !== part) throw malformed('has a part that is not canonical base64url');
  return bytes;
}

/** A refusal about the Authorization header. Sentences hold nothing of the token but names of members. */
export function refuse(reason: string, sentence: string): Refusal {
  return new Refusal(401, reason, sentence, { field: 'authorization' });
}

function malformed(what: string): Refusal {
  return refuse('token-malformed', `the bearer token ${what}; get a new one and send it unchanged`);
}
