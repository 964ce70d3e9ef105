import { constants } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { TlsOptions } from 'node:tls';
import { createSecureContext } from 'node:tls';
import type { Config } from '../config/schema.ts';
import { ConfigError } from '../errors.ts';
import { readTrustBundle } from '../identity/trust-bundle.ts';
import { type StapleSubject, stapleSubject } from './staple-subject.ts';
import { NO_TICKETS, TICKET_SECONDS } from './ticket-keys.ts';

/** What the files of `tls` hold, read once so that all who need them have the same. */
export interface TlsFiles {
  readonly certificate: Buffer;
  readonly key: Buffer;
  /** PEM certificates, whatever the form of the file. */
  readonly clientCa: Buffer | undefined;
  /** Undefined where nothing is stapled. */
  readonly staple: StapleSubject | undefined;
}

/**
 * Reads the files, and finds out whether a listener can use them.
 *
 * @throws ConfigError when one can not be read, or they do not belong together
 */
export function readTlsFiles(tls: Config['tls']): TlsFiles {
  try {
    const certificate = readFileSync(tls.certificate);
    const files = {
      certificate,
      key: readFileSync(tls.key),
      clientCa: tls.clientCa === undefined ? undefined : readTrustBundle(tls.clientCa),
      staple: stapleSubject(tls, certificate),
    };
    createSecureContext(secureContextOptions(tls, files));
    return files;
  } catch (error) {
    throw new ConfigError([`tls: ${(error as Error).message}; run "quaywarden doctor" to find the fault`]);
  }
}

/** What OpenSSL is told for each handshake. */
export function secureContextOptions(
  tls: Config['tls'],
  { certificate, key, clientCa }: TlsFiles,
): Pick<
  TlsOptions,
  'cert' | 'key' | 'ca' | 'secureOptions' | 'sessionTimeout' | 'sessionIdContext' | 'minVersion'
> {
  return {
    cert: certificate,
    key,
    ...(clientCa === undefined ? {} : { ca: clientCa }),
    // Who the peer is, is read once a connection: it may not change afterwards.
    secureOptions:
      constants.SSL_OP_NO_RENEGOTIATION |
      (tls.sessionTickets === NO_TICKETS ? constants.SSL_OP_NO_TICKET : 0),
    sessionTimeout: TICKET_SECONDS,
    // By itself Node takes a digest of the command line, and the same gateway is started in many ways.
    sessionIdContext: 'quaywarden',
    minVersion: tls.minVersion === '1.2' ? 'TLSv1.2' : 'TLSv1.3',
  };
}
