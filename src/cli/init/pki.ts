import 'reflect-metadata';
import { createPrivateKey, webcrypto, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';

const KEY = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
const CA_DAYS = 3_652;
/** Clocks of clients differ; a certificate that begins a little early is no worse. */
const EARLY_MS = 5 * 60_000;

/** A certificate and its private key (PKCS #8), both PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** Parts of a subject's name; each organizational unit becomes a part of its own. */
export interface Subject {
  readonly commonName: string;
  readonly organization?: string;
  readonly units?: readonly string[];
}

/** What a leaf certificate is for: a server's names, or none for a client. */
export interface Leaf {
  readonly subject: Subject;
  /** DNS names and IP addresses of a server; absent for a client. */
  readonly hosts?: readonly string[];
  /** Cut short where the CA ends earlier. */
  readonly days: number;
}

/** A CA that can sign. */
export interface Authority {
  /** PEM. */
  readonly certificate: string;
  readonly expires: Date;
  issue(leaf: Leaf): Promise<KeyPair>;
}

/** Makes a CA for ten years that can sign leaf certificates only (pathLen 0). */
export async function createAuthority(): Promise<KeyPair> {
  const keys = await generateKeys();
  const now = Date.now();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomSerial(),
    name: nameOf({ commonName: 'Quaywarden CA', organization: 'Quaywarden' }),
    notBefore: new Date(now - EARLY_MS),
    notAfter: new Date(now + CA_DAYS * DAY_MS),
    signingAlgorithm: SIGNATURE,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: pem(certificate), key: await exportKey(keys.privateKey) };
}

/**
 * Takes a CA made by `createAuthority`, or one like it, into use.
 *
 * @throws Error whose message says what is wrong with the pair
 */
export async function openAuthority({ certificate, key }: KeyPair): Promise<Authority> {
  const parsed = new X509Certificate(certificate);
  const privateKey = createPrivateKey(key);
  if (!parsed.ca) throw new Error('the certificate is not that of a CA');
  if (!parsed.checkPrivateKey(privateKey)) throw new Error('the key does not belong to the certificate');
  if (privateKey.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw new Error('the key is not ECDSA P-256; issue certificates with the tool that made this CA');
  }
  const issuer = new x509.X509Certificate(certificate);
  if (issuer.notAfter.getTime() <= Date.now())
    throw new Error('the CA has expired; move certs/ away to begin anew');
  const signingKey = await webcrypto.subtle.importKey(
    'pkcs8',
    privateKey.export({ type: 'pkcs8', format: 'der' }),
    KEY,
    false,
    ['sign'],
  );
  return {
    certificate: certificate.endsWith('\n') ? certificate : `${certificate}\n`,
    expires: issuer.notAfter,
    issue: (leaf) => issue(leaf, issuer, signingKey),
  };
}

async function issue(
  leaf: Leaf,
  issuer: x509.X509Certificate,
  signingKey: webcrypto.CryptoKey,
): Promise<KeyPair> {
  const keys = await generateKeys();
  const now = Date.now();
  const usage =
    leaf.hosts === undefined ? x509.ExtendedKeyUsage.clientAuth : x509.ExtendedKeyUsage.serverAuth;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: randomSerial(),
    subject: nameOf(leaf.subject),
    issuer: issuer.subjectName,
    notBefore: new Date(now - EARLY_MS),
    notAfter: new Date(Math.min(now + leaf.days * DAY_MS, issuer.notAfter.getTime())),
    signingAlgorithm: SIGNATURE,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([usage]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
      ...(leaf.hosts === undefined
        ? []
        : [new x509.SubjectAlternativeNameExtension(leaf.hosts.map(generalName))]),
    ],
  });
  return { certificate: pem(certificate), key: await exportKey(keys.privateKey) };
}

function generateKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(KEY, true, ['sign', 'verify']);
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key));
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    .export({ type: 'pkcs8', format: 'pem' })
    .toString();
}

/** As a structure and never as text, in which a value could pose as further parts. */
function nameOf({ commonName, organization, units = [] }: Subject): x509.Name {
  return new x509.Name([
    ...(organization === undefined ? [] : [{ O: [{ utf8String: organization }] }]),
    ...units.map((unit) => ({ OU: [{ utf8String: unit }] })),
    { CN: [{ utf8String: commonName }] },
  ]);
}

function generalName(host: string): x509.JsonGeneralName {
  return { type: isIP(host) === 0 ? 'dns' : 'ip', value: host };
}

/** 126 random bits under a leading 01: positive, and never shortened in DER (RFC 5280, section 4.1.2.2). */
function randomSerial(): string {
  const bytes = Buffer.from(webcrypto.getRandomValues(new Uint8Array(16)));
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}

function pem(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem').trim()}\n`;
}
