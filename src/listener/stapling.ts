import type { Server } from 'node:tls';
import type { IdentityLog } from '../identity/jwks.ts';
import type { OcspAnswer } from '../identity/revocation/ocsp.ts';
import { askResponder } from '../identity/revocation/ocsp-fetch.ts';
import type { StapleSubject } from './staple-subject.ts';

/** What an operator may want to know of the answer that is stapled. */
export interface StaplingState {
  /** Who is asked, without the query. */
  readonly responder: string;
  /** Of the answer that clients get; absent while they get none. */
  readonly status?: 'good' | 'revoked';
  /** RFC 3339. */
  readonly thisUpdate?: string;
  /** Until when it is stapled. */
  readonly until?: string;
  /** Why the last attempt to get one failed. */
  readonly fault?: string;
}

interface Staple {
  readonly answer: OcspAnswer;
  readonly bytes: Buffer;
  /** When it was asked for, and until when it may be shown, in milliseconds since the epoch. */
  readonly askedAt: number;
  readonly until: number;
}

/** How long an answer without a `nextUpdate` is shown. */
const OPEN_ENDED_MS = 600_000;
/** How long after a failure, and after an answer at least and at most, it is asked again. */
const RETRY_MS = 30_000;
const LEAST_MS = 1_000;
const MOST_MS = 3_600_000;

/**
 * Staples to handshakes what a responder says of the server's own certificate (RFC 6066, section 8), so that clients need not
 * ask. It is asked for in the background, verified, and asked for again in the middle of its life: no handshake waits, and
 * one without an answer, or with one that is out of date or says neither good nor revoked, goes on without.
 */
export class Stapling {
  readonly #servers: readonly Server[];
  readonly #log: IdentityLog;
  readonly #now: () => number;
  #subject: StapleSubject | undefined;
  #staple: Staple | undefined;
  #fault: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #abort = new AbortController();
  /** Until then there are handshakes that began with the certificate before. */
  #quietUntil = -Infinity;

  /** @param servers the listeners that have that certificate */
  constructor(
    servers: readonly Server[],
    { log, now = Date.now }: { readonly log: IdentityLog; readonly now?: () => number },
  ) {
    this.#servers = servers;
    this.#log = log;
    this.#now = now;
  }

  /**
   * Goes on with what the listener has in use from now on.
   *
   * @param handshakeMs how long a handshake may take: Node does not tell which certificate one began with, so after a
   *   change there are no staples for so long
   */
  use(subject: StapleSubject | undefined, handshakeMs: number): void {
    const before = this.#subject;
    const isSame = before !== undefined && subject?.certificate.raw.equals(before.certificate.raw) === true;
    this.#subject = subject;
    clearTimeout(this.#timer);
    this.#abort.abort();
    this.#abort = new AbortController();
    for (const server of this.#servers) server.off('OCSPRequest', this.#onRequest);
    if (!isSame) {
      this.#staple = undefined;
      if (before !== undefined) this.#quietUntil = this.#now() + handshakeMs;
    }
    this.#fault = undefined;
    if (subject === undefined) return;
    for (const server of this.#servers) server.on('OCSPRequest', this.#onRequest);
    void this.#ask(subject, this.#abort.signal);
  }

  /** @returns undefined where nothing is to be stapled */
  state(): StaplingState | undefined {
    if (this.#subject === undefined) return undefined;
    const { responder } = this.#subject.endpoint;
    const staple = this.#fresh();
    return {
      responder: `${responder?.origin}${responder?.pathname}`,
      ...(staple === undefined
        ? {}
        : {
            status: staple.answer.status === 'good' ? 'good' : 'revoked',
            thisUpdate: new Date(staple.answer.thisUpdate).toISOString(),
            until: new Date(staple.until).toISOString(),
          }),
      ...(this.#fault === undefined ? {} : { fault: this.#fault }),
    };
  }

  /** Until when there is a staple, in seconds since 1970: 0 while there is none, undefined where none is wanted. */
  expiry(): number | undefined {
    if (this.#subject === undefined) return undefined;
    return (this.#fresh()?.until ?? 0) / 1_000;
  }

  close(): void {
    this.use(undefined, 0);
  }

  /** Node tells of each handshake whose client asks; an answer about another certificate would break it. */
  readonly #onRequest = (
    certificate: Buffer,
    _issuer: Buffer,
    answer: (error: Error | null, response: Buffer | null) => void,
  ): void => {
    const staple = this.#now() < this.#quietUntil ? undefined : this.#fresh();
    const isAbout = this.#subject?.certificate.raw.equals(certificate) === true;
    answer(null, staple !== undefined && isAbout ? staple.bytes : null);
  };

  #fresh(): Staple | undefined {
    const staple = this.#staple;
    const now = this.#now();
    // A clock that was set back counts as time gone by.
    return staple !== undefined && now >= staple.askedAt && now < staple.until ? staple : undefined;
  }

  async #ask(subject: StapleSubject, abort: AbortSignal): Promise<void> {
    let again = RETRY_MS;
    const askedAt = this.#now();
    try {
      const { answer, bytes } = await askResponder(subject, subject.endpoint, this.#now, () => false, abort);
      if (abort.aborted) return;
      if (answer.status === 'unknown') throw new Error('the responder does not know the certificate');
      if (this.#staple !== undefined && answer.thisUpdate < this.#staple.answer.thisUpdate)
        throw new Error('the answer was issued before the one in use');
      const until = answer.nextUpdate ?? askedAt + OPEN_ENDED_MS;
      this.#staple = { answer, bytes, askedAt, until };
      again = Math.min(Math.max((until - this.#now()) / 2, LEAST_MS), MOST_MS);
      this.#tell(answer.status === 'revoked' ? 'the responder calls the certificate revoked' : undefined);
    } catch (error) {
      if (abort.aborted) return;
      this.#tell(error instanceof Error ? error.message : 'unknown');
    }
    this.#timer = setTimeout(() => void this.#ask(subject, abort), again).unref();
  }

  #tell(fault: string | undefined): void {
    if (fault !== undefined && fault !== this.#fault)
      this.#log.warn(
        { fault },
        'the OCSP answer about the certificate of the gateway is not as it should be',
      );
    this.#fault = fault;
  }
}
