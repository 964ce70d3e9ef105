import type { OperationClass } from '../docker/types.ts';
import type { AuthenticationMethod } from '../identity/principal.ts';

/**
 * `decision` falls before anything is forwarded; `complete` when the exchange has ended; `refused` is the
 * only record of a request that was not forwarded.
 */
export type AuditStage = 'decision' | 'complete' | 'refused';

/** How an exchange ended, seen from the gateway. */
export type Ending = 'finished' | 'client-closed' | 'engine-closed' | 'engine-error' | 'shutdown';

/**
 * One line of the audit log, which the writer begins with `"schema": 1`. The audit record's one definition:
 * everything else refers to it.
 */
export interface AuditRecord {
  /** RFC 3339, UTC, milliseconds. */
  readonly time: string;
  /** The request's id, also sent as `Quaywarden-Request-Id`; equal in all records of one request. */
  readonly id: string;
  readonly stage: AuditStage;
  readonly principal: AuditPrincipal | null;
  readonly client: {
    readonly address: string;
    readonly port: number;
    readonly tls: string | null;
    readonly userAgent: string | null;
  };
  readonly request: {
    readonly method: string;
    /** As received, credentials removed, at most 2,048 characters. */
    readonly target: string;
    readonly operation: string | null;
    readonly class: OperationClass | null;
    /** `1.41`, the version it was judged as. */
    readonly apiVersion: string | null;
  };
  readonly resource: string | null;
  /** Further objects that the request names, each judged like the first: the source of a tag, the names of a save. */
  readonly involves: readonly string[];
  /** What the gateway changed of the request before it was judged, a sentence each. */
  readonly changes: readonly string[];
  readonly decision: {
    readonly effect: 'allow' | 'deny';
    readonly reason: string;
    /** The sentence the client read, on a refusal. */
    readonly message: string | null;
    readonly field: string | null;
    readonly grant: string | null;
    readonly policyVersion: string | null;
    /** Everything that kept a grant from allowing: check, field, and what it asks for, as the client read it. */
    readonly reasons: readonly AuditReason[];
  };
  /** Absent on `decision`; on `refused`, the answer that the client got. */
  readonly outcome?: AuditOutcome;
}

export interface AuditReason {
  readonly check: string;
  readonly field: string;
  readonly asks: string;
}

export interface AuditPrincipal {
  readonly name: string;
  readonly tenant: string;
  readonly roles: readonly string[];
  readonly method: AuthenticationMethod;
  readonly issuer: string;
  readonly tokenId: string | null;
  readonly certificateSerial: string | null;
  readonly certificateThumbprint: string | null;
  /** RFC 3339. */
  readonly expiresAt: string;
}

export interface AuditOutcome {
  /** Status the client received; 101 for a tunnel. Null when it received none. */
  readonly status: number | null;
  /** Body bytes from the client, and to it. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly durationMs: number;
  readonly ending: Ending;
}
