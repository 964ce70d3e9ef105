import type { X509Certificate } from 'node:crypto';
import { type CertificateFacts, readCertificate } from '../certificate.ts';
import { normalizeSerial } from '../der-values.ts';
import { formatDistinguishedName } from '../distinguished-name.ts';
import { crlPointsOf } from '../extensions.ts';
import type { Authorities, Authority } from './authorities.ts';
import type { Revoked } from './crl.ts';
import type { IssuedCrl } from './crl-source.ts';
import { type Denied, isSerialDenied } from './deny-list.ts';

/** What lists say of one certificate: nothing bad, or nothing that counts, as no list in date is for it. */
export type Coverage = 'good' | 'stale' | 'uncovered';

/** What the lists say of a client's certificate and of the CAs above it. */
export interface Findings {
  /** Who issued it; undefined when that is no CA in `tls.clientCa`, but one that the client sent along. */
  readonly issuer: Authority | undefined;
  /** Why it is revoked, or a CA above it; undefined when no list says so. */
  readonly revoked:
    | { readonly by: 'crl' | 'deny list'; readonly entry: Revoked | undefined; readonly isCa: boolean }
    | undefined;
  readonly leaf: Coverage;
  /** The worst of the CAs below the root. */
  readonly above: Coverage;
  /** Until when nothing of this changes by itself, milliseconds since the epoch. */
  readonly until: number;
}

/** The lists in force. */
export interface Lists {
  readonly authorities: Authorities;
  /** By `Authority.id`. */
  readonly crls: ReadonlyMap<string, readonly IssuedCrl[]>;
  readonly denied: Denied;
}

/** How many CAs there are above a certificate at most; chains are shorter. */
const MOST_ABOVE = 8;

const worse: readonly Coverage[] = ['good', 'stale', 'uncovered'];

/** Looks a certificate and the CAs above it up in all lists. Throws a DerError for one that can not be read. */
export function lookUp(certificate: X509Certificate, lists: Lists, now: number): Findings {
  const { authorities, crls, denied } = lists;
  const issuer = authorities.issuerOf(certificate);
  let revoked: Findings['revoked'];
  let until = Number.POSITIVE_INFINITY;
  let above: Coverage = 'good';

  const look = (each: X509Certificate, by: Authority | undefined, isCa: boolean): Coverage => {
    const facts = readCertificate(each);
    if (isDenied(denied, facts)) revoked ??= { by: 'deny list', entry: undefined, isCa };
    let coverage: Coverage = 'uncovered';
    for (const { crl } of by === undefined ? [] : (crls.get(by.id) ?? [])) {
      const entry = crl.revoked.get(normalizeSerial(facts.serial));
      // Whatever a list is for, and however old it is: what it names is revoked.
      if (entry !== undefined) revoked ??= { by: 'crl', entry, isCa };
      const { users, authorities: cas, points } = crl.scope;
      const isFor = isCa ? cas : users;
      if (!isFor || (points !== undefined && !crlPointsOf(each.raw).some((point) => points.includes(point))))
        continue;
      if (now > crl.nextUpdate) {
        if (coverage === 'uncovered') coverage = 'stale';
      } else {
        coverage = 'good';
        until = Math.min(until, crl.nextUpdate);
      }
    }
    return coverage;
  };

  const leaf = look(certificate, issuer, false);
  // All certificates of a CA are of one key: whichever of them is denied or revoked, what the key has signed is.
  const chain = new Set(issuer === undefined ? [] : [issuer]);
  for (const authority of chain) {
    for (const ca of authority.certificates) {
      // Nobody above a root could revoke it; the operator can deny it.
      const next = authority.isRoot ? undefined : authorities.issuerOf(ca);
      const coverage = look(ca, next, true);
      if (authority.isRoot) continue;
      if (worse.indexOf(coverage) > worse.indexOf(above)) above = coverage;
      if (next !== undefined && chain.size < MOST_ABOVE) chain.add(next);
    }
  }
  return { issuer, revoked, leaf, above, until };
}

function isDenied(denied: Denied, facts: CertificateFacts): boolean {
  return (
    facts.fingerprints.some((each) => denied.fingerprints.has(each)) ||
    (denied.serials.size > 0 &&
      isSerialDenied(denied, normalizeSerial(facts.serial), formatDistinguishedName(facts.issuer)))
  );
}
