import { appendFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { GENESIS, type Head, link } from '../../src/audit/chain.ts';
import type { AuditEntry, AuditRecord } from '../../src/audit/record.ts';
import { segmentFile } from '../../src/audit/segments.ts';

/** Writes logs as a gateway does, without one: for whatever reads them. */

const DIGEST = 'a'.repeat(64);
const KEY = { id: DIGEST, algorithm: 'Ed25519' as const };

/** Parts of a record of a request that tests care about. */
export interface Sample {
  readonly id?: string;
  readonly stage?: AuditRecord['stage'];
  readonly principal?: string | null;
  readonly tenant?: string;
  readonly roles?: readonly string[];
  readonly method?: string;
  readonly operation?: string | null;
  readonly class?: string;
  readonly resource?: Partial<NonNullable<AuditRecord['resource']>> | null;
  readonly involves?: readonly string[];
  readonly effect?: 'allow' | 'deny';
  readonly reason?: string;
  readonly status?: number | null;
  readonly durationMs?: number;
  readonly session?: AuditRecord['session'];
  readonly time?: string;
  readonly body?: unknown;
  /** What it would have been refused with, where the policy is only tried out. */
  readonly observed?: string;
  readonly observedChecks?: readonly string[];
  readonly statedReason?: string;
}

/** A record of a request; `alice` of `team-a` stops the container `web` where nothing else is said. */
export function sample(of: Sample = {}): AuditEntry {
  const stage = of.stage ?? 'decision';
  const isEnd = stage === 'complete' || stage === 'refused' || stage === 'stream-end';
  const effect = of.effect ?? (stage === 'refused' ? 'deny' : 'allow');
  return {
    ...(of.time === undefined ? {} : { time: of.time }),
    type: 'request',
    id: of.id ?? '5b0a1d8e-4d0e-4c38-9a53-1f6c2f9f0b11',
    stage,
    level: 'Metadata',
    principal:
      of.principal === null
        ? null
        : {
            name: of.principal ?? 'alice',
            tenant: of.tenant ?? 'team-a',
            roles: [...(of.roles ?? ['developer'])],
            method: 'certificate',
            issuer: 'CN=Quaywarden CA',
            tokenId: null,
            certificateSerial: '5F0C9A',
            certificateThumbprint: 'mJ1mX0u6h3V0pM8y1kq4m1c9T3n5wq0b7JtW2yq8rXc',
            expiresAt: '2027-11-21T08:00:00.000Z',
          },
    client: { address: '10.0.0.7', port: 50_122, tls: 'TLSv1.3', userAgent: 'Docker-Client/28.2.2 (linux)' },
    request: {
      method: of.method ?? 'POST',
      path: '/v1.51/containers/web/stop',
      query: 't=10',
      operation: of.operation === undefined ? 'ContainerStop' : of.operation,
      class: of.class ?? 'lifecycle',
      apiVersion: '1.51',
      bodyDigest: null,
      ...(of.body === undefined ? {} : { body: of.body }),
      ...(of.statedReason === undefined ? {} : { reason: of.statedReason }),
    },
    resource:
      of.resource === null
        ? null
        : {
            kind: 'container',
            tenant: of.tenant ?? 'team-a',
            name: 'web',
            id: 'c'.repeat(64),
            ...of.resource,
          },
    involves: [...(of.involves ?? [])],
    facts: {},
    changes: [],
    decision: {
      effect,
      reason:
        of.reason ??
        (of.observed !== undefined ? 'observed' : effect === 'allow' ? 'granted' : 'not-granted'),
      message: effect === 'allow' ? null : 'alice may not do that: no grant allows it',
      field: null,
      grant: effect === 'allow' ? 'grants.csv:23' : null,
      profile: null,
      policyVersion: '3f1c0a9b7e52',
      reasons: [],
      ...(of.observed === undefined
        ? {}
        : {
            observed: {
              ...{
                reason: of.observed,
                resource: 'container/team-a/web',
                field: null,
                grant: null,
                profile: null,
              },
              reasons: (of.observedChecks ?? []).map((check) => ({
                check,
                field: 'HostConfig',
                asks: 'less',
              })),
            },
          }),
    },
    ...(of.session === undefined ? {} : { session: of.session }),
    ...(isEnd
      ? {
          outcome: {
            status: of.status === undefined ? (effect === 'allow' ? 204 : 403) : of.status,
            bytesIn: 0,
            bytesOut: 0,
            durationMs: of.durationMs ?? 12.5,
            ending: 'finished' as const,
            error: null,
          },
        }
      : {}),
  };
}

/** A log that grows. */
export class SampleLog {
  readonly folder: string;
  readonly gateway: string;
  head: Head = GENESIS;
  #segment = 0;
  #clock = Date.parse('2026-11-26T14:00:00Z');

  constructor(folder: string, gateway = 'gw-1') {
    this.folder = folder;
    this.gateway = gateway;
    mkdirSync(folder, { recursive: true });
    this.nextSegment();
  }

  /** Appends lines, a second apart unless they say when. @returns them, with their line feeds */
  append(...entries: readonly AuditEntry[]): string[] {
    const lines = entries.map((entry) => this.#link(entry));
    appendFileSync(segmentFile(this.folder, this.#segment), lines.join(''));
    return lines;
  }

  /** Bytes that are no whole line. */
  tear(bytes: string): void {
    appendFileSync(segmentFile(this.folder, this.#segment), bytes);
  }

  /** @param time when it begins, where the lines before it say when they were made */
  nextSegment(time?: string): void {
    if (this.#segment > 0) {
      this.append({ type: 'seal', segment: this.#segment, records: this.head.sequence, reason: 'size' });
      this.append(this.checkpoint());
    }
    this.#segment += 1;
    this.append({
      ...(time === undefined ? {} : { time }),
      type: 'segment',
      segment: this.#segment,
      key: KEY,
    });
  }

  checkpoint(): AuditEntry {
    return { type: 'checkpoint', segment: this.#segment, key: KEY, signature: 'c2lnbmF0dXJl' };
  }

  #link(entry: AuditEntry): string {
    this.#clock += 1_000;
    const { line, head } = link(entry, {
      time: new Date(this.#clock).toISOString().replace('Z', '000000Z'),
      sequence: this.head.sequence + 1,
      gateway: this.gateway,
      previous: this.head.hash,
    });
    this.head = head;
    return line;
  }
}

/** All lines of a log, without their line feeds. */
export function linesOf(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => /^segment-\d+\.jsonl$/.test(name))
    .sort()
    .flatMap((name) => readFileSync(`${folder}/${name}`, 'latin1').split('\n').slice(0, -1));
}
