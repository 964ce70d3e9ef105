import type { X509Certificate } from 'node:crypto';
import { readCertificate } from '../certificate.ts';
import { formatDistinguishedName } from '../distinguished-name.ts';
import type { IdentityLog } from '../jwks.ts';
import type { Authority } from './authorities.ts';
import { type OcspAnswer, OcspError } from './ocsp.ts';
import { askResponder, type OcspEndpoint } from './ocsp-fetch.ts';

/** What is known of a certificate; `unreachable`: nobody could be asked, or the answer was not to be trusted. */
export type Standing = Pick<OcspAnswer, 'entry'> & { readonly status: OcspAnswer['status'] | 'unreachable' };

export interface OcspOptions extends OcspEndpoint {
  readonly cacheMs: number;
  readonly now: () => number;
  readonly log: IdentityLog;
  /** Whether a responder's certificate is revoked, by the lists. */
  isGone(certificate: X509Certificate): boolean;
  /** Is told when an answer is worse than the one before. */
  onWorse(): void;
}

/** What was heard of one certificate. */
interface Heard {
  answer?: OcspAnswer;
  /** When it was asked for, milliseconds since the epoch. */
  askedAt: number;
  failedAt: number;
  pending?: Promise<void>;
}

/** After a failure nobody is asked about the same certificate for so long, in milliseconds. */
const RETRY_MS = 5_000;

const UNREACHABLE: Standing = { status: 'unreachable', entry: undefined };

/**
 * Asks OCSP responders, once for all who want to know of the same certificate, and remembers what they say for `cacheMs`.
 * In the second half of that it asks again in the background, so that requests seldom wait. When nobody can be asked, an
 * answer holds until its own `nextUpdate`; that a certificate is revoked, until something else is heard.
 */
export class OcspClient {
  readonly #options: OcspOptions;
  readonly #heard: WeakMap<X509Certificate, Heard>;
  readonly #abort = new AbortController();
  #fault: string | undefined;
  /** That somebody came about whom nobody can be asked; stays, as only other CAs can mend it. */
  #issuerFault: string | undefined;

  /** @param before of which is kept what was heard */
  constructor(options: OcspOptions, before?: OcspClient) {
    this.#options = options;
    this.#heard = before === undefined ? new WeakMap() : before.#heard;
  }

  /** Why the last question got no answer, or none can be put: a sentence, or undefined when all is well. */
  get fault(): string | undefined {
    return this.#fault ?? this.#issuerFault;
  }

  /** @returns at once what is remembered, or a promise while it has to be asked for */
  standing(certificate: X509Certificate, issuer: Authority | undefined): Standing | Promise<Standing> {
    if (issuer === undefined) {
      this.#tellIssuer(certificate);
      return UNREACHABLE;
    }
    const { cacheMs, now } = this.#options;
    const heard = this.#heard.get(certificate) ?? { askedAt: -Infinity, failedAt: -Infinity };
    this.#heard.set(certificate, heard);
    const age = now() - heard.askedAt;
    const failing = now() - heard.failedAt;
    // A clock that was set back counts as time gone by.
    const isFresh = age >= 0 && age < cacheMs && this.#holds(heard);
    const isBackingOff = failing >= 0 && failing < RETRY_MS;
    if (heard.pending === undefined && !isBackingOff && !(isFresh && age < cacheMs / 2)) {
      heard.pending = this.#ask(certificate, issuer, heard).finally(() => {
        delete heard.pending;
      });
    }
    if (isFresh || heard.pending === undefined) return this.#standingOf(heard);
    return heard.pending.then(() => this.#standingOf(heard));
  }

  close(): void {
    this.#abort.abort();
  }

  #tellIssuer(certificate: X509Certificate): void {
    if (this.#issuerFault !== undefined) return;
    const issuer = formatDistinguishedName(readCertificate(certificate).issuer);
    this.#issuerFault = `nobody can be asked about certificates of ${issuer}, which is no CA in tls.clientCa; add that CA's certificate there, also if it is an intermediate one`;
    this.#options.log.warn({ fault: this.#issuerFault }, 'an OCSP responder could not be asked');
  }

  #standingOf(heard: Heard): Standing {
    const { answer } = heard;
    if (answer === undefined) return UNREACHABLE;
    return answer.status === 'revoked' || this.#holds(heard) ? answer : UNREACHABLE;
  }

  /** Without a `nextUpdate` an answer is good for as long as it is remembered, and no longer. */
  #holds({ answer, askedAt }: Heard): boolean {
    if (answer === undefined) return false;
    const { now, cacheMs } = this.#options;
    if (answer.nextUpdate !== undefined) return now() <= answer.nextUpdate;
    const age = now() - askedAt;
    return age >= 0 && age < cacheMs;
  }

  async #ask(certificate: X509Certificate, issuer: Authority, heard: Heard): Promise<void> {
    const { now, log, isGone, onWorse } = this.#options;
    const askedAt = now();
    try {
      const asked = { certificate, issuer };
      const { answer } = await askResponder(asked, this.#options, now, isGone, this.#abort.signal);
      const before = heard.answer;
      // Whoever can play an old answer could take a revocation back; not every responder takes our nonce.
      if (before !== undefined && answer.thisUpdate < before.thisUpdate)
        throw new OcspError('it was issued before the one in use');
      heard.answer = answer;
      heard.askedAt = askedAt;
      heard.failedAt = -Infinity;
      this.#fault = undefined;
      if (before?.status === 'good' && answer.status !== 'good') onWorse();
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      heard.failedAt = now();
      const fault = error instanceof Error ? error.message : 'unknown';
      if (fault !== this.#fault) log.warn({ fault }, 'an OCSP responder could not be asked');
      this.#fault = fault;
    }
  }
}
