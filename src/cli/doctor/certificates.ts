import { createPrivateKey, type X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { dirname, join } from 'node:path';
import { splitAddress } from '../../config/address.ts';
import { enginesOf } from '../../config/engines.ts';
import type { Config } from '../../config/schema.ts';
import { certificatesIn, readTrustBundle } from '../../identity/trust-bundle.ts';
import { NO_TICKETS } from '../../listener/ticket-keys.ts';
import { folderFinding, readCertificates, readText, secrecy, validity } from './files.ts';
import { about, type Finding } from './finding.ts';

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const RENEW_SERVER =
  'have it issued anew; if `quaywarden init` made it, move its folder away and run `quaywarden init` again';
const RENEW_CA = 'make a new CA, and new certificates for all clients; see certs/README.md';

/** The server's certificate and key. */
export function checkServer(config: Config): Finding[] {
  const { tls, listen } = config;
  const subject = 'server certificate';
  const chain = readCertificates(subject, tls.certificate);
  if ('level' in chain) return [chain];
  const [leaf] = chain;
  if (leaf === undefined) return [];
  return [
    validity(subject, leaf, RENEW_SERVER),
    ...checkNames(subject, leaf, listen),
    ...checkEngineNames(subject, leaf, config),
    ...checkUsage(subject, leaf),
    ...checkChain(subject, chain),
    checkKey(leaf, tls.key),
    ...secrecy('server key', tls.key),
    ...checkTickets(tls.sessionTickets),
  ];
}

/** Whether the key of session tickets can be kept; the gateway works without. */
function checkTickets(file: string): Finding[] {
  if (file === NO_TICKETS) return [];
  const subject = 'session tickets';
  const folder = folderFinding(subject, dirname(file), 'tls.sessionTickets');
  if (folder.level !== 'fail') return [];
  return [
    about(subject).warn(
      `their key can not be kept in ${dirname(file)}, so no TLS session is resumed after a restart`,
      "let the gateway's user write there, or name another file in tls.sessionTickets",
    ),
  ];
}

/** The CAs of client certificates. */
export function checkClientCa({ tls }: Config): Finding[] {
  const subject = 'client CA';
  if (tls.clientCa === undefined || tls.clientCertificate === 'none') {
    return [about(subject).ok('not asked for: clients come with tokens')];
  }
  const { fail } = about(subject);
  let all: readonly X509Certificate[];
  try {
    all = certificatesIn(readTrustBundle(tls.clientCa).toString());
  } catch (error) {
    const { message } = error as Error;
    return [
      fail(
        message,
        'put PEM certificates there, or a SPIFFE trust bundle; `quaywarden init` makes what is missing',
      ),
    ];
  }
  return [
    ...all.flatMap((ca) => [
      validity(subject, ca, RENEW_CA),
      ...(ca.ca
        ? []
        : [
            fail(
              `${nameOf(ca)} is no CA, so no client's chain can end at it`,
              "put the issuing CA's certificate there",
            ),
          ]),
    ]),
    ...secrecy('CA key', join(dirname(tls.clientCa), 'key.pem')),
  ];
}

function checkNames(subject: string, leaf: X509Certificate, listen: string): Finding[] {
  const { ok, fail, warn } = about(subject);
  if (leaf.subjectAltName === undefined) {
    return [fail('it has no subjectAltName, and clients look at no other name', RENEW_SERVER)];
  }
  const { host } = splitAddress(listen);
  const wanted = ['0.0.0.0', '::'].includes(host) ? 'localhost' : host;
  if (covers(leaf, wanted)) return [ok(`it names ${wanted}`)];
  const sentence = `it does not name ${wanted}; it names ${leaf.subjectAltName}`;
  const advice = `move certs/server away and run \`quaywarden init --host ${wanted}\`, or connect by a name it has`;
  return [wanted === host ? fail(sentence, advice) : warn(sentence, advice)];
}

/** Each name that leads to an Engine: who connects by it must find it in the certificate. */
function checkEngineNames(subject: string, leaf: X509Certificate, config: Config): Finding[] {
  return enginesOf(config).flatMap(({ name, hosts }) =>
    hosts
      .filter((host) => !covers(leaf, host))
      .map((host) =>
        about(subject).warn(
          `it does not name ${host}, by which clients reach the Engine ${name}; it names ${leaf.subjectAltName}`,
          `move certs/server away and run \`quaywarden init --host ${host}\`, with every other name that it has to have`,
        ),
      ),
  );
}

function covers(leaf: X509Certificate, host: string): boolean {
  return (isIP(host) === 0 ? leaf.checkHost(host) : leaf.checkIP(host)) !== undefined;
}

function checkUsage(subject: string, leaf: X509Certificate): Finding[] {
  const usages = leaf.keyUsage as readonly string[] | undefined;
  if (usages === undefined || usages.includes(SERVER_AUTH)) return [];
  return [about(subject).fail('it is not for servers: its extendedKeyUsage lacks serverAuth', RENEW_SERVER)];
}

/** Each certificate of the file must have been issued by the next one. */
function checkChain(subject: string, chain: readonly X509Certificate[]): Finding[] {
  const broken = chain.findIndex((certificate, index) => {
    const issuer = chain[index + 1];
    return issuer !== undefined && !(certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey));
  });
  if (broken === -1) return [];
  return [
    about(subject).fail(
      `certificate ${broken + 1} of the chain was not issued by the one after it`,
      "order the file: the server's certificate first, then each one's issuer",
    ),
  ];
}

function checkKey(leaf: X509Certificate, path: string): Finding {
  const subject = 'server key';
  const { ok, fail } = about(subject);
  const pem = readText(subject, path);
  if (typeof pem !== 'string') return pem;
  try {
    return leaf.checkPrivateKey(createPrivateKey(pem))
      ? ok('it belongs to the certificate')
      : fail(
          `${path} is the key of another certificate`,
          'name the pair that belongs together in tls.certificate and tls.key',
        );
  } catch {
    return fail(
      `${path} is not an unencrypted private key in PEM`,
      'convert it with `openssl pkey -in FILE`',
    );
  }
}

function nameOf(certificate: X509Certificate): string {
  return certificate.subject.replaceAll('\n', ', ');
}
