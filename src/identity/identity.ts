import type { Soon } from '../at-once.ts';
import type { Config } from '../config/schema.ts';
import { ConfigError, Refusal } from '../errors.ts';
import type { RequestHeaders } from '../listener/framing.ts';
import type { CertificateFacts } from './certificate.ts';
import { mapCertificate, type NamedParty, normalizeFingerprint } from './certificate-mapping.ts';
import type { TokenIdentity } from './claims.ts';
import type { ClientTrust } from './client-trust.ts';
import { formatDistinguishedName } from './distinguished-name.ts';
import { prepareIssuers } from './issuers.ts';
import type { IdentityLog } from './jwks.ts';
import { verifyToken } from './jwt.ts';
import { checkCertificate, type PeerCertificateInput } from './mtls.ts';
import type { CertificateIdentity, Principal } from './principal.ts';
import { RemoteKeys } from './remote-keys.ts';
import { TokenMemory } from './token-memory.ts';

/** What a request brings to show who sent it. */
export interface Credentials {
  /** See `peerOf`. */
  readonly peer: PeerCertificateInput;
  /** The one Authorization header; a request with two has been refused before. */
  readonly authorization: string | undefined;
}

/** And all that its head says besides. */
export interface RequestCredentials extends Credentials {
  /** Every header by lower-case name. */
  readonly headers: RequestHeaders['all'];
}

/** Says who calls, as far as the pipeline needs to know. */
export interface Caller {
  authenticate(credentials: RequestCredentials): Soon<Principal>;
}

/** Says who calls. */
export interface Identity extends Caller {
  /**
   * The principal of one request, at once where a certificate says it all. Throws a Refusal (401) whose reason docs/identity.md explains, or 503
   * `keys-unavailable`. Must be asked for every request: what was good at the handshake may have expired.
   */
  authenticate(credentials: Credentials): Soon<Principal>;
  /** Keys that are fetched. */
  readonly remote: RemoteKeys;
  /** Ends key fetches that are under way, but for those of a successor. */
  close(successor?: Identity): void;
}

interface CertifiedParty extends NamedParty {
  readonly facts: CertificateFacts;
  /** Who it is when no token says otherwise. */
  readonly principal: Principal;
}

type IdentityConfig = Config['identity'];
type CertificateMode = Config['tls']['clientCertificate'];

/**
 * Prepares the identity stage and loads every key file. `now` gives milliseconds since the epoch.
 * Throws a ConfigError with one fault for each setting that can not serve, so that start-up stops.
 */
export async function createIdentity(
  config: IdentityConfig,
  mode: CertificateMode,
  deps: {
    readonly now?: () => number;
    readonly log?: IdentityLog;
    /** The CAs of clients, when they may change. */
    readonly trust?: ClientTrust;
    /** The identity before this one, of which fetched keys are kept. */
    readonly before?: Identity;
  } = {},
): Promise<Identity> {
  const { now = Date.now, log = { warn: () => {} }, trust, before } = deps;
  const faults = configFaults(config, mode);
  const remote = new RemoteKeys(before?.remote);
  const issuers = prepareIssuers(config.jwt.issuers, faults, { now, log, remote });
  remote.settle();
  if (faults.length > 0) {
    remote.close(before?.remote);
    throw new ConfigError(faults);
  }
  const parties = new WeakMap<CertificateFacts, CertifiedParty>();
  const memory = new TokenMemory();
  const principals = new WeakMap<
    TokenIdentity,
    { readonly facts: CertificateFacts | undefined; readonly principal: Principal }
  >();

  /** What the configuration makes of a certificate never changes, and is found once; whether it holds is asked each time. */
  function certifiedParty(peer: PeerCertificateInput, instant: number): CertifiedParty | undefined {
    const facts = checkCertificate(peer, instant, trust);
    if (facts === undefined) return undefined;
    const known = parties.get(facts);
    if (known !== undefined) return known;
    const named = mapCertificate(facts, config.certificate);
    const party = { ...named, facts, principal: fromCertificate(named, facts) };
    parties.set(facts, party);
    return party;
  }

  function authenticate({ peer, authorization }: Credentials): Soon<Principal> {
    const instant = now();
    const certified = mode === 'none' ? undefined : certifiedParty(peer, instant);
    if (certified === undefined && mode === 'required') throw certificateMissing();
    if (authorization === undefined) {
      if (certified === undefined) throw mode === 'none' ? tokenMissing() : noIdentity();
      return certified.principal;
    }
    return verifyToken(authorization, issuers, instant, memory).then((token) => {
      checkBinding(token, certified, config.both);
      return principalOf(token, certified);
    });
  }

  /** One for as long as token and certificate are remembered. */
  function principalOf(token: TokenIdentity, certified: CertifiedParty | undefined): Principal {
    const known = principals.get(token);
    if (known !== undefined && known.facts === certified?.facts) return known.principal;
    const principal = fromToken(token, certified);
    principals.set(token, { facts: certified?.facts, principal });
    return principal;
  }

  return {
    authenticate,
    remote,
    close: (successor) => remote.close(successor?.remote),
  };
}

function configFaults(config: IdentityConfig, mode: CertificateMode): string[] {
  const faults = config.certificate.rules.flatMap(({ match: { fingerprint } }, index) =>
    fingerprint === undefined || normalizeFingerprint(fingerprint) !== undefined
      ? []
      : [
          `identity.certificate.rules[${index}].match.fingerprint: give the SHA-256 of the certificate, 64 hex digits`,
        ],
  );
  if (mode === 'none' && config.jwt.issuers.length === 0) {
    faults.push(
      'identity.jwt.issuers: without client certificates (tls.clientCertificate: none) name an issuer',
    );
  }
  return faults;
}

/** Two identities on one request are one only if something ties them together (RFC 8705, section 3). */
function checkBinding(
  token: TokenIdentity,
  certified: CertifiedParty | undefined,
  both: IdentityConfig['both'],
): void {
  if (token.boundTo !== undefined) {
    if (token.boundTo === certified?.facts.thumbprint) return;
    throw new Refusal(
      401,
      'token-bound-to-other-certificate',
      'the token is bound to a client certificate that this connection does not use; connect with that certificate',
      { field: 'authorization' },
    );
  }
  if (certified === undefined || both === 'token-names' || certified.name === token.name) return;
  throw new Refusal(
    401,
    'identity-conflict',
    'the client certificate and the token name two different principals; use a pair that names one, or a token bound to the certificate',
    { field: 'authorization' },
  );
}

function fromCertificate({ name, tenant, roles }: NamedParty, facts: CertificateFacts): Principal {
  return freeze({
    name,
    tenant,
    roles,
    method: 'certificate',
    issuer: formatDistinguishedName(facts.issuer),
    certificate: certificateIdentity(facts),
    expiresAt: facts.notAfter,
  });
}

function fromToken(token: TokenIdentity, certified: CertifiedParty | undefined): Principal {
  const { name, tenant, roles, issuer, tokenId, expiresAt } = token;
  return freeze({
    name,
    tenant,
    roles,
    method: certified === undefined ? 'jwt' : 'both',
    issuer,
    ...(tokenId === undefined ? {} : { tokenId }),
    ...(certified === undefined ? {} : { certificate: certificateIdentity(certified.facts) }),
    expiresAt: Math.min(expiresAt, certified?.facts.notAfter ?? expiresAt),
  });
}

function certificateIdentity({ serial, thumbprint, subject }: CertificateFacts): CertificateIdentity {
  return Object.freeze({ serial, thumbprint, subject: formatDistinguishedName(subject) });
}

function freeze(principal: Principal): Principal {
  return Object.freeze({ ...principal, roles: Object.freeze([...principal.roles]) });
}

function certificateMissing(): Refusal {
  return new Refusal(
    401,
    'certificate-missing',
    'a client certificate is needed and none was sent; set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH to the folder with ca.pem, cert.pem and key.pem',
  );
}

function noIdentity(): Refusal {
  return new Refusal(
    401,
    'no-identity',
    'neither a client certificate nor a token was sent; set DOCKER_CERT_PATH to the folder with ca.pem, cert.pem and key.pem, or send Authorization: Bearer <token>',
  );
}

function tokenMissing(): Refusal {
  return new Refusal(401, 'token-missing', 'no token was sent; send Authorization: Bearer <token>', {
    field: 'authorization',
  });
}
