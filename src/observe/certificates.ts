import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Config } from '../config/schema.ts';
import type { TlsFiles } from '../listener/tls-files.ts';
import type { Sample } from './metrics.ts';
import type { Condition } from './readiness.ts';

/** What a certificate is there for. */
type Use = 'server' | 'client-ca' | 'engine-client' | 'engine-ca';

interface Known {
  readonly use: Use;
  readonly subject: string;
  readonly serial: string;
  /** Milliseconds since 1970. */
  readonly notAfter: number;
}

/** The certificates that the gateway has in use, as it read them: a file that was replaced since is not in use yet. */
export class Certificates {
  readonly #ofEngine: readonly Known[];
  #ofListener: readonly Known[] = [];

  /** Reads the files of the Engines. What can not be read is left out: whoever uses it says so. */
  constructor(engines: readonly Pick<Config['engine'], 'tls'>[]) {
    this.#ofEngine = engines.flatMap(({ tls }) => [
      ...inFile('engine-client', tls?.certificate),
      ...inFile('engine-ca', tls?.ca),
    ]);
  }

  /** Tells what the listener has in use from now on. */
  use({ certificate, clientCa }: Pick<TlsFiles, 'certificate' | 'clientCa'>): void {
    this.#ofListener = [...inBytes('server', certificate), ...inBytes('client-ca', clientCa)];
  }

  /** When each of them expires, in seconds since 1970. */
  expiries(): Sample[] {
    return [...this.#ofListener, ...this.#ofEngine].map(({ use, subject, serial, notAfter }) => ({
      labels: { use, subject, serial },
      value: notAfter / 1_000,
    }));
  }

  /** Whether clients can still believe the gateway's own. */
  condition(now = Date.now()): Condition {
    const expired = this.#ofListener.find(({ use, notAfter }) => use === 'server' && notAfter <= now);
    if (expired === undefined) return { ok: true };
    const since = new Date(expired.notAfter).toISOString();
    return {
      ok: false,
      reason: `the certificate of the gateway (${expired.subject}) has expired, see tls.certificate`,
      since,
    };
  }
}

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const MOST_SUBJECT = 200;

function inFile(use: Use, path: string | undefined): Known[] {
  if (path === undefined) return [];
  try {
    return inBytes(use, readFileSync(path));
  } catch {
    return [];
  }
}

function inBytes(use: Use, bytes: Buffer | undefined): Known[] {
  try {
    return (bytes?.toString('latin1').match(PEM) ?? []).map((pem) => {
      const { subject, serialNumber: serial, validTo } = new X509Certificate(pem);
      const name = (subject ?? '').replaceAll('\n', ', ').slice(0, MOST_SUBJECT);
      return { use, subject: name, serial, notAfter: Date.parse(validTo) };
    });
  } catch {
    return [];
  }
}
