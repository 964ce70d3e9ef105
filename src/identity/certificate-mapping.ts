import type { Config } from '../config/schema.ts';
import { Refusal } from '../errors.ts';
import type { CertificateFacts } from './certificate.ts';
import { attributeValues, commonName, organization, organizationalUnit } from './distinguished-name.ts';
import { isPrincipalName, isWord } from './names.ts';

type CertificateConfig = Config['identity']['certificate'];
type Rule = CertificateConfig['rules'][number];

/** Whom a certificate names, and in which tenant and roles. */
export interface NamedParty {
  readonly name: string;
  readonly tenant: string;
  readonly roles: readonly string[];
}

/** One value of the certificate, none, or a reason why there is no single one. */
type Found = { readonly value: string } | { readonly fault: Refusal };

const sources = {
  cn: 'commonName (CN)',
  uri: 'URI in its subjectAltName',
  dns: 'DNS name in its subjectAltName',
  email: 'email address in its subjectAltName',
  o: 'organization (O)',
  ou: 'organizational unit (OU)',
};

/**
 * Maps a checked certificate to a principal by `identity.certificate`. The first rule that matches gives name,
 * tenant and roles; what it leaves out, and everything when none matches, comes from the certificate.
 * Throws a Refusal (401): `certificate-not-mapped`, `certificate-name-missing`, `certificate-name-ambiguous`,
 * `certificate-name-invalid`, `certificate-tenant-invalid` or `certificate-role-invalid`.
 */
export function mapCertificate(facts: CertificateFacts, config: CertificateConfig): NamedParty {
  const name = nameOf(facts, config.name);
  const rule = config.rules.find((candidate) => matches(candidate, facts, name));
  if (rule === undefined && config.onlyRules) {
    throw new Refusal(
      401,
      'certificate-not-mapped',
      'the client certificate is valid, but no rule of this gateway names its holder; ask its operator for one',
    );
  }
  return {
    name: rule?.name ?? single(name),
    tenant: rule?.tenant ?? tenantOf(facts, config),
    roles: rule?.roles ?? rolesOf(facts, config.roles),
  };
}

/** Hexadecimal SHA-256 in the form rules are compared in, or undefined when it is none. */
export function normalizeFingerprint(text: string): string | undefined {
  const digits = text.replaceAll(':', '').toLowerCase();
  return /^[0-9a-f]{64}$/.test(digits) ? digits : undefined;
}

function matches({ match }: Rule, facts: CertificateFacts, name: Found): boolean {
  const { fingerprint, issuer, uri } = match;
  const issuers = attributeValues(facts.issuer, commonName);
  return (
    (match.name === undefined || ('value' in name && name.value === match.name)) &&
    (uri === undefined || (facts.names.uri.length === 1 && facts.names.uri[0] === uri)) &&
    (fingerprint === undefined || facts.fingerprints.includes(normalizeFingerprint(fingerprint) ?? '')) &&
    (issuer === undefined || (issuers.length === 1 && issuers[0] === issuer))
  );
}

function nameOf(facts: CertificateFacts, source: CertificateConfig['name']): Found {
  const values = source === 'cn' ? attributeValues(facts.subject, commonName) : facts.names[source];
  const [value] = values;
  const what = sources[source];
  if (values.length === 0) {
    return fault(
      'certificate-name-missing',
      `the client certificate has no ${what}, which names its holder here`,
    );
  }
  if (values.length > 1) {
    return fault(
      'certificate-name-ambiguous',
      `the client certificate has more than one ${what}; use one that has exactly one`,
    );
  }
  if (!isPrincipalName(value)) {
    return fault(
      'certificate-name-invalid',
      `the client certificate's ${what} can not be a name here; it must be 1 to 256 visible characters`,
    );
  }
  return { value };
}

function tenantOf(facts: CertificateFacts, { tenant: source, defaultTenant }: CertificateConfig): string {
  if (source === 'none') return defaultTenant;
  const values = unitsOf(facts, source);
  const [value] = values;
  if (values.length === 0) return defaultTenant;
  if (values.length > 1 || !isWord(value)) {
    throw new Refusal(
      401,
      'certificate-tenant-invalid',
      `the client certificate's ${sources[source]} can not name a tenant; it must be one value of letters, digits and ._@:+-`,
    );
  }
  return value;
}

function rolesOf(facts: CertificateFacts, source: CertificateConfig['roles']): readonly string[] {
  if (source === 'none') return [];
  const roles = unitsOf(facts, source);
  if (!roles.every(isWord)) {
    throw new Refusal(
      401,
      'certificate-role-invalid',
      `the client certificate's ${sources[source]} can not name a role; each value must be of letters, digits and ._@:+-`,
    );
  }
  return [...new Set(roles)];
}

function unitsOf(facts: CertificateFacts, source: 'o' | 'ou'): readonly (string | undefined)[] {
  return attributeValues(facts.subject, source === 'o' ? organization : organizationalUnit);
}

function fault(reason: string, sentence: string): Found {
  return { fault: new Refusal(401, reason, sentence) };
}

function single(found: Found): string {
  if ('fault' in found) throw found.fault;
  return found.value;
}
