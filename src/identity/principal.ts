/**
 * How a principal proved who it is. `both` means a certificate and a token, and the token names it; `listener`, that it
 * reached a local listener, which is that principal's.
 */
export type AuthenticationMethod = 'certificate' | 'jwt' | 'both' | 'listener';

/** The certificate a connection presented, after its chain, validity and usage were checked. */
export interface CertificateIdentity {
  /** Hexadecimal serial number, as OpenSSL prints it. */
  readonly serial: string;
  /** SHA-256 of the DER encoding, base64url: the value of `cnf.x5t#S256` (RFC 8705, section 3.1). */
  readonly thumbprint: string;
  /** RFC 2253 subject, for the audit record. */
  readonly subject: string;
}

/** Who calls. Frozen; made by `identity/` and by nobody else. */
export interface Principal {
  readonly name: string;
  readonly tenant: string;
  readonly roles: readonly string[];
  readonly method: AuthenticationMethod;
  /** The token's issuer (`iss`), the certificate issuer's distinguished name, or the local listener's address. */
  readonly issuer: string;
  /** The token's `jti`, where it has one. */
  readonly tokenId?: string;
  readonly certificate?: CertificateIdentity;
  /** Until when this identity holds: the earlier of token expiry and certificate expiry, ms since the epoch; Infinity on a local listener. */
  readonly expiresAt: number;
}
