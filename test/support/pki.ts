import 'reflect-metadata';
import { webcrypto, X509Certificate } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { otherSpellings } from '../../src/identity/signature-spellings.ts';

/**
 * Makes certificates for tests, good ones and every kind of bad one: ECDSA P-256, signed by webcrypto.
 * Times default to a day ago and thirty days from now.
 */

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const day = 86_400_000;

export const clientAuth = '1.3.6.1.5.5.7.3.2';
export const serverAuth = '1.3.6.1.5.5.7.3.1';

export interface CertificateOptions {
  /** One CN, or several; left out when undefined. Any text, control characters included. */
  readonly cn?: string | readonly string[] | undefined;
  readonly o?: string | readonly string[] | undefined;
  readonly ou?: string | readonly string[] | undefined;
  /** Takes the place of cn, o and ou. A value that starts with `#` is a raw DER value in hexadecimal. */
  readonly subject?: x509.JsonNameParams | undefined;
  readonly san?: x509.JsonGeneralNames | undefined;
  /** Extended Key Usage; null leaves the extension out. Default: clientAuth (server certificates: serverAuth). */
  readonly usages?: readonly string[] | null | undefined;
  /** basicConstraints CA flag; null leaves the extension out. Default: false. */
  readonly ca?: boolean | null | undefined;
  /** Whether a CA's key usage lets it sign CRLs. Default: true. */
  readonly crlSign?: boolean | undefined;
  readonly notBefore?: Date | undefined;
  readonly notAfter?: Date | undefined;
  readonly extensions?: readonly x509.Extension[] | undefined;
  /** Whether the certificate names its own key and its CA's by digest, as those of real CAs do. Default: true. */
  readonly keyIdentifiers?: boolean | undefined;
}

/** A certificate and its private key as PEM. An intermediate's leaf carries the chain in `certificate`. */
export interface Issued {
  readonly certificate: string;
  readonly key: string;
  /** Node's view of the leaf. */
  readonly x509: X509Certificate;
}

export interface Authority extends Issued {
  /** Issues a client certificate, or whatever the options make of it. */
  issue(options?: CertificateOptions): Promise<Issued>;
  /** Issues a server certificate for localhost, 127.0.0.1 and ::1. */
  issueServer(options?: CertificateOptions): Promise<Issued>;
  /** Makes a CA below this one. */
  intermediate(options?: CertificateOptions): Promise<Authority>;
  /** Makes another certificate of the same name and key for a CA below this one. */
  renew(below: Authority, options?: CertificateOptions): Promise<Issued>;
}

/** Makes a self-signed CA. */
export async function createCa(options: CertificateOptions = {}): Promise<Authority> {
  const keys = await makeKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    ...(await common({ cn: 'Test CA', ca: true, usages: null, ...options }, keys, keys)),
    publicKey: keys.publicKey,
    signingKey: keys.privateKey,
    issuer: subjectOf({ cn: 'Test CA', ...options }),
  });
  return authority(certificate, keys, '');
}

/** A certificate signed with its own key, that no CA vouches for. */
export async function createSelfSigned(options: CertificateOptions = {}): Promise<Issued> {
  const keys = await makeKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    ...(await common({ cn: 'alice', usages: [clientAuth], ...options }, keys, keys)),
    publicKey: keys.publicKey,
    signingKey: keys.privateKey,
    issuer: subjectOf({ cn: 'alice', ...options }),
  });
  return issued(certificate, keys, '');
}

/** A certificate of the CA in its other spelling, as whoever has it can make it. */
export function spelledOtherwise({ x509: of }: Issued, ca: Issued): X509Certificate {
  const other = otherSpellings(of.raw)
    .map((der) => new X509Certificate(der))
    .find((each) => each.verify(ca.x509.publicKey));
  if (other === undefined) throw new Error('there is no other spelling');
  return other;
}

/** Writes the layout that DOCKER_CERT_PATH wants (ca.pem, cert.pem, key.pem mode 0600) and returns the folder. */
export function writeCertDir(dir: string, ca: Pick<Issued, 'certificate'>, client: Issued): string {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'ca.pem'), ca.certificate);
  writeFileSync(join(dir, 'cert.pem'), client.certificate);
  writeFileSync(join(dir, 'key.pem'), client.key, { mode: 0o600 });
  return dir;
}

async function authority(
  certificate: x509.X509Certificate,
  keys: webcrypto.CryptoKeyPair,
  chain: string,
): Promise<Authority> {
  const own = await issued(certificate, keys, chain);
  const sign = async (options: CertificateOptions) => {
    const subjectKeys = await makeKeys();
    const made = await x509.X509CertificateGenerator.create({
      ...(await common(options, subjectKeys, keys)),
      publicKey: subjectKeys.publicKey,
      signingKey: keys.privateKey,
      issuer: certificate.subjectName,
    });
    return { made, subjectKeys };
  };
  const below = chain === '' && certificate.subject === certificate.issuer ? '' : own.certificate;
  return {
    ...own,
    issue: async (options = {}) => {
      const { made, subjectKeys } = await sign({ cn: 'alice', usages: [clientAuth], ...options });
      return issued(made, subjectKeys, below);
    },
    issueServer: async (options = {}) => {
      const { made, subjectKeys } = await sign({
        cn: 'localhost',
        san: localNames,
        usages: [serverAuth],
        ...options,
      });
      return issued(made, subjectKeys, below);
    },
    intermediate: async (options = {}) => {
      const { made, subjectKeys } = await sign({
        cn: 'Test Intermediate',
        ca: true,
        usages: null,
        ...options,
      });
      return authority(made, subjectKeys, below);
    },
    renew: async (other, options = {}) => {
      const before = new x509.X509Certificate(other.x509.raw);
      const publicKey = await before.publicKey.export();
      const made = await x509.X509CertificateGenerator.create({
        ...(await common({ ca: true, usages: null, keyIdentifiers: false, ...options }, keys, keys)),
        subject: before.subjectName,
        publicKey,
        signingKey: keys.privateKey,
        issuer: certificate.subjectName,
      });
      return issued(made, keys, '');
    },
  };
}

/** With digitalSignature, so that OpenSSL lets a CA's certificate pass for a client's. */
const caUsage = x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature;

const localNames: x509.JsonGeneralNames = [
  { type: 'dns', value: 'localhost' },
  { type: 'ip', value: '127.0.0.1' },
  { type: 'ip', value: '::1' },
];

async function common(
  options: CertificateOptions,
  own: webcrypto.CryptoKeyPair,
  signer: webcrypto.CryptoKeyPair,
) {
  const { ca = false, usages = null, san, extensions = [], notBefore, notAfter } = options;
  const list: x509.Extension[] = [];
  if (options.keyIdentifiers !== false) {
    list.push(await x509.SubjectKeyIdentifierExtension.create(own.publicKey));
    list.push(await x509.AuthorityKeyIdentifierExtension.create(signer.publicKey));
  }
  if (ca !== null) list.push(new x509.BasicConstraintsExtension(ca, undefined, true));
  if (ca === true) {
    const crls = options.crlSign === false ? 0 : x509.KeyUsageFlags.cRLSign;
    list.push(new x509.KeyUsagesExtension(caUsage | crls, true));
  }
  if (usages !== null) list.push(new x509.ExtendedKeyUsageExtension([...usages]));
  if (san !== undefined) list.push(new x509.SubjectAlternativeNameExtension(san));
  return {
    subject: subjectOf(options),
    notBefore: notBefore ?? new Date(Date.now() - day),
    notAfter: notAfter ?? new Date(Date.now() + 30 * day),
    signingAlgorithm: algorithm,
    extensions: [...list, ...extensions],
  };
}

function subjectOf({ cn, o, ou, subject }: CertificateOptions): x509.Name {
  if (subject !== undefined) return new x509.Name(subject);
  return new x509.Name(
    Object.entries({ O: o, OU: ou, CN: cn }).flatMap(([type, values]) =>
      (values === undefined ? [] : [values].flat()).map((value) => ({ [type]: [{ utf8String: value }] })),
    ),
  );
}

async function makeKeys(): Promise<webcrypto.CryptoKeyPair> {
  return (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
}

async function issued(
  certificate: x509.X509Certificate,
  keys: webcrypto.CryptoKeyPair,
  chain: string,
): Promise<Issued> {
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  const pem = `${certificate.toString('pem')}\n`;
  return {
    certificate: `${pem}${chain}`,
    key: `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n`,
    x509: new X509Certificate(pem),
  };
}
