import type { LogLine } from '../reader.ts';

/** A way out of the house. */
export interface Delivery {
  readonly limits: {
    /** What is handed over at once. */
    readonly lines: number;
    readonly bytes: number;
    /** When a session is committed, if what is handed over at once is not all of it. */
    readonly session?: { readonly ms: number; readonly bytes: number };
  };
  /** @throws DeliveryError when the receiver can not be reached */
  open(signal: AbortSignal): Promise<Session>;
  /** Gives up what is kept between sessions. */
  close(): Promise<void>;
}

/** What is sent to a receiver, and acknowledged as a whole. */
export interface Session {
  /** @throws DeliveryError */
  write(lines: readonly LogLine[]): Promise<void>;
  /** Resolves when the receiver has all that was written. @throws DeliveryError when that is not known */
  commit(): Promise<void>;
  /** Ends it without knowing. */
  abort(): void;
}

/** Why a receiver does not have what was sent. The sentence is shown, so it holds neither headers nor records. */
export class DeliveryError extends Error {
  override readonly name = 'DeliveryError';
  /** How long to wait at least, in milliseconds, as the receiver asks for. */
  readonly retryAfterMs: number;
  /**
   * `never-like-this`: it will be refused until somebody changes something, so it is tried slowly. `too-large` and
   * `too-slow`: less at once may do.
   */
  readonly kind: 'passing' | 'never-like-this' | 'too-large' | 'too-slow';

  constructor(
    sentence: string,
    options: { retryAfterMs?: number; kind?: DeliveryError['kind']; cause?: unknown } = {},
  ) {
    super(sentence, options.cause === undefined ? undefined : { cause: options.cause });
    this.retryAfterMs = options.retryAfterMs ?? 0;
    this.kind = options.kind ?? 'passing';
  }
}

/** What an error of the network is called in a sentence: its code, never its text. */
export function codeOf(error: unknown): string {
  const { code, name, cause } = (error ?? {}) as { code?: unknown; name?: unknown; cause?: unknown };
  if (typeof code === 'string') return code;
  if (cause !== undefined) return codeOf(cause);
  return typeof name === 'string' ? name : 'unknown';
}
