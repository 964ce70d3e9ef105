import { normalizeFingerprint } from '../certificate-mapping.ts';
import { normalizeSerial } from '../der-values.ts';
import { isFormattedName } from '../distinguished-name.ts';
import { isPrincipalName } from '../names.ts';

/** What a client shows, as far as it can be denied. */
export interface Denied {
  /** SHA-256 of certificates, see `normalizeFingerprint`. */
  readonly fingerprints: ReadonlySet<string>;
  /** Serial numbers of certificates, see `normalizeSerial`: of one issuer (by RFC 4514), or, with '', of any. */
  readonly serials: ReadonlyMap<string, ReadonlySet<string>>;
  /** `jti` of tokens. */
  readonly tokens: ReadonlySet<string>;
  /** Names of principals. */
  readonly subjects: ReadonlySet<string>;
}

/** A list, and what is wrong with it: a sentence for each line that says nothing. */
export interface ReadDenyList {
  readonly denied: Denied;
  /** How many lines deny something. */
  readonly entries: number;
  readonly faults: readonly string[];
}

const ANY_ISSUER = '';

/**
 * Reads a deny list: a line each of `serial:HEX [ISSUER]`, `fingerprint:SHA256`, `token:JTI` or `subject:NAME`. What
 * follows a blank and `#` is a remark, and so is a line that begins with `#`.
 *
 * @param before what is denied in any case
 */
export function readDenyList(text: string, before?: Denied): ReadDenyList {
  const fingerprints = new Set(before?.fingerprints);
  const serials = new Map([...(before?.serials ?? [])].map(([serial, of]) => [serial, new Set(of)] as const));
  const tokens = new Set(before?.tokens);
  const subjects = new Set(before?.subjects);
  const faults: string[] = [];
  let entries = 0;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const said = line.replace(/(^|\s)#.*$/, '').trim();
    if (said === '') continue;
    const [, kind = '', value = ''] = /^([a-z]+):\s*(.*)$/.exec(said) ?? [];
    const fault = enter(kind, value);
    if (fault === undefined) entries += 1;
    // Without the line's own text: a token that was pasted here by mistake has no place in a log.
    else faults.push(`line ${index + 1}: ${fault}`);
  }
  return { denied: { fingerprints, serials, tokens, subjects }, entries, faults };

  function enter(kind: string, value: string): string | undefined {
    switch (kind) {
      case 'serial': {
        const [, hex = '', issuer = ''] = /^([0-9a-f]+(?::[0-9a-f]+)*)(?:\s+(.+))?$/i.exec(value) ?? [];
        if (hex === '')
          return 'a serial number is hexadecimal; see `openssl x509 -serial -noout -in cert.pem`';
        if (issuer !== '' && !isFormattedName(issuer))
          return 'an issuer is written as in audit records (principal.issuer, by RFC 4514): CN=Client CA,O=Example, without blanks around commas and =';
        const serial = normalizeSerial(hex.replaceAll(':', ''));
        serials.set(serial, new Set(serials.get(serial)).add(issuer === '' ? ANY_ISSUER : issuer));
        return undefined;
      }
      case 'fingerprint': {
        const fingerprint = normalizeFingerprint(value) ?? fromThumbprint(value);
        if (fingerprint === undefined)
          return 'a fingerprint has 64 hexadecimal digits; see `openssl x509 -fingerprint -sha256 -noout -in cert.pem`';
        fingerprints.add(fingerprint);
        return undefined;
      }
      case 'token':
        if (!isPrincipalName(value)) return 'a token is named by its "jti", of 1 to 256 visible characters';
        tokens.add(value);
        return undefined;
      case 'subject':
        if (!isPrincipalName(value))
          return 'a subject is the name of a principal, of 1 to 256 visible characters';
        subjects.add(value);
        return undefined;
      default:
        return 'it must begin with serial:, fingerprint:, token: or subject:';
    }
  }
}

/** The same digest as audit records show it (`certificateThumbprint`), in base64url. */
function fromThumbprint(text: string): string | undefined {
  return /^[\w-]{43}$/.test(text) ? Buffer.from(text, 'base64url').toString('hex') : undefined;
}

/** Whether a list denies a certificate of that serial number and issuer. */
export function isSerialDenied({ serials }: Denied, serial: string, issuer: string): boolean {
  const issuers = serials.get(serial);
  return issuers !== undefined && (issuers.has(ANY_ISSUER) || issuers.has(issuer));
}
