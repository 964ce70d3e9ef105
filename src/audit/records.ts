import { randomUUID } from 'node:crypto';
import type { ApiRequest } from '../docker/types.ts';
import type { Refusal } from '../errors.ts';
import type { Principal } from '../identity/principal.ts';
import type { Decision } from '../policy/decision.ts';
import type { AuditOutcome, AuditPrincipal, AuditReason, AuditRecord, AuditStage } from './record.ts';
import { printable, redactTarget } from './redact.ts';

/** What is known of a request when one of its records is written. */
export interface Pieces {
  readonly id: string;
  readonly client: { readonly address: string; readonly port: number; readonly tls: string | null };
  readonly userAgent: string | null;
  readonly method: string;
  readonly target: string;
  readonly principal: Principal | null;
  readonly api: ApiRequest | null;
  /** What the request acts on first, then further objects that it names. */
  readonly resources: readonly string[];
  /** What the gateway changed of the request. */
  readonly changes: readonly string[];
  readonly decision: Decision | null;
}

/** @returns an id that no other request has: a random UUID (RFC 9562, version 4) */
export function newRequestId(): string {
  return randomUUID();
}

/** The record of a request that is about to be forwarded. */
export function decisionRecord(pieces: Pieces): AuditRecord {
  return record('decision', pieces);
}

/** The record of how a forwarded request ended. */
export function completeRecord(pieces: Pieces & { readonly outcome: AuditOutcome }): AuditRecord {
  return { ...record('complete', pieces), outcome: pieces.outcome };
}

/** The only record of a request that was not forwarded. */
export function refusedRecord(
  pieces: Pieces & { readonly refusal: Refusal; readonly outcome: AuditOutcome },
): AuditRecord {
  const { refusal, decision } = pieces;
  return {
    ...record('refused', pieces),
    decision: {
      effect: 'deny',
      reason: refusal.reason,
      message: printable(refusal.message, 1_024),
      field: refusal.field === undefined ? null : printable(refusal.field, 256),
      grant: decision?.effect === 'deny' ? (decision.grant ?? null) : null,
      policyVersion: decision?.policyVersion ?? null,
      reasons: reasonsOf(decision),
    },
    outcome: pieces.outcome,
  };
}

/** How many further objects a record names; a save of more is told by its target. */
const MOST_INVOLVED = 32;

/** How many reasons a record names: a body may offend in each of its thousand mounts. */
const MOST_REASONS = 64;

function record(stage: AuditStage, pieces: Pieces): AuditRecord {
  const { api, decision } = pieces;
  const [acted, ...involved] = pieces.resources;
  return {
    time: new Date().toISOString(),
    id: pieces.id,
    stage,
    principal: pieces.principal === null ? null : principalOf(pieces.principal),
    client: {
      ...pieces.client,
      userAgent: pieces.userAgent === null ? null : printable(pieces.userAgent, 256),
    },
    request: {
      method: printable(pieces.method, 32),
      target: redactTarget(pieces.target),
      operation: api?.operation.id ?? null,
      class: api?.operation.class ?? null,
      apiVersion: api === null ? null : `1.${api.version}`,
    },
    resource: acted === undefined ? null : printable(acted, 1_024),
    involves: involved.slice(0, MOST_INVOLVED).map((name) => printable(name, 1_024)),
    changes: pieces.changes.map((change) => printable(change, 512)),
    decision: {
      effect: decision?.effect ?? 'deny',
      reason: decision?.reason ?? 'not-judged',
      message: null,
      field: null,
      grant: decision?.grant ?? null,
      policyVersion: decision?.policyVersion ?? null,
      reasons: reasonsOf(decision),
    },
  };
}

function reasonsOf(decision: Decision | null): AuditReason[] {
  return (decision?.reasons ?? []).slice(0, MOST_REASONS).map(({ check, field, asks }) => ({
    check,
    field: printable(field, 256),
    asks: printable(asks, 256),
  }));
}

function principalOf(principal: Principal): AuditPrincipal {
  return {
    name: principal.name,
    tenant: principal.tenant,
    roles: principal.roles,
    method: principal.method,
    issuer: printable(principal.issuer, 256),
    tokenId: principal.tokenId === undefined ? null : printable(principal.tokenId, 256),
    certificateSerial: principal.certificate?.serial ?? null,
    certificateThumbprint: principal.certificate?.thumbprint ?? null,
    expiresAt: new Date(principal.expiresAt).toISOString(),
  };
}
