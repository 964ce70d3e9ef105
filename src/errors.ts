/**
 * Every refusal the gateway can utter. The public half (`message`) is for the client, the audit record and
 * the metrics alike; the private half (`cause`) is for the log only and must carry no secret either.
 */

/** HTTP status codes in the Engine's own manner (docs/audit-record.md lists what each reason means). */
export type RefusalStatus =
  | 400
  | 401
  | 403
  | 404
  | 408
  | 409
  | 411
  | 413
  | 415
  | 417
  | 421
  | 429
  | 431
  | 500
  | 502
  | 503;

/**
 * A request the gateway does not forward. Thrown by any stage of the pipeline; caught in one place, which
 * answers `{"message": "quaywarden: <sentence> [<reason>]"}` and writes the audit record.
 */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  /** Stable id, kebab-case, of bounded cardinality: a label in metrics. */
  readonly reason: string;
  readonly status: RefusalStatus;
  /** The header, query parameter, body field or path part that offended, where one did. */
  readonly field: string | undefined;
  /** Whether the sentence is the Engine's, and the client is told nothing else: that an object is not there. */
  readonly verbatim: boolean;
  /** After how many seconds the same request may do better (RFC 9110, section 10.2.3). */
  readonly retryAfter: number | undefined;
  /**
   * Whoever is refused by a limit, and may be so many times a second: the principal or the address. Such refusals are
   * recorded together, and answered after a pause (docs/limits.md).
   */
  readonly flood: string | undefined;

  constructor(
    status: RefusalStatus,
    reason: string,
    sentence: string,
    options: {
      field?: string;
      cause?: unknown;
      verbatim?: boolean;
      retryAfter?: number;
      flood?: string;
    } = {},
  ) {
    super(sentence, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = status;
    this.reason = reason;
    this.field = options.field;
    this.verbatim = options.verbatim ?? false;
    this.retryAfter = options.retryAfter ?? (status === 503 ? 1 : undefined);
    this.flood = options.flood;
  }

  /** What the client reads, and what the docker CLI prints after "Error response from daemon:". */
  get publicMessage(): string {
    return this.verbatim ? this.message : `quaywarden: ${this.message} [${this.reason}]`;
  }
}

/** A client that left before its request was forwarded: nobody reads this but the audit record's reader. */
export function clientGone(): Refusal {
  return new Refusal(400, 'client-gone', 'the client left before its request was forwarded');
}

/** What is about to be sent differs from what was judged: a fault of the gateway. Nothing, or nothing more, is sent. */
export function notJudged(): Refusal {
  return new Refusal(500, 'internal-error', 'the request to be forwarded is not the one that was judged');
}

/** A request that came to a road which its operation does not have: a fault of the gateway, and nothing is forwarded. */
export function wrongRoad(): Refusal {
  return new Refusal(500, 'internal-error', 'the request took a road that its operation does not have');
}

/** Turns whatever was thrown into a Refusal: an unexpected error is a 500 that names nothing internal. */
export function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  return new Refusal(500, 'internal-error', 'the gateway failed on this request and did not forward it', {
    cause: error,
  });
}

/** Unusable input on the operator's side: configuration, policy, certificates. The process exits with 2. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  /** Each fault on its own, as `file:line: sentence` where a line is known. */
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.faults = faults;
  }
}
