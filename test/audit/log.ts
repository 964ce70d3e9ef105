import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { GENESIS, type Head, link } from '../../src/audit/chain.ts';
import type { AuditRecord } from '../../src/audit/record.ts';
import { createSigner, nameOf } from '../../src/audit/signing.ts';
import type { VerifyOptions } from '../../src/audit/verify.ts';
import { type AuditLog, openAuditLog, type WriterOptions } from '../../src/audit/writer.ts';

/** A signing key of the tests, and what verifies it. */
export const PEM = generateKeyPairSync('ed25519')
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString();
export const SIGNER = createSigner(PEM, 'test.pem');

export function keys(pem = PEM): VerifyOptions['keys'] {
  const key = createPublicKey(pem);
  const { id, algorithm } = nameOf(key, 'test.pem');
  return new Map([[id, { key, algorithm }]]);
}

export function open(folder: string, options: Partial<WriterOptions> = {}): Promise<AuditLog> {
  return openAuditLog({
    folder,
    gateway: 'test',
    strict: true,
    segment: { bytes: 67_108_864, seconds: 86_400 },
    checkpoint: { records: 1_000, seconds: 60 },
    signer: SIGNER,
    start: { version: '0', policyVersion: 'p' },
    ...options,
  });
}

/** A record of a request, as they are. */
export function record(id: string): AuditRecord {
  return {
    type: 'request',
    time: '2026-11-21T00:00:00.000000000Z',
    id,
    stage: 'decision',
    level: 'Metadata',
    principal: {
      name: 'alice',
      tenant: 'red',
      roles: ['dev'],
      method: 'certificate',
      issuer: 'CN=CA',
      tokenId: null,
      certificateSerial: 'AB',
      certificateThumbprint: 'x5t',
      expiresAt: '2027-01-01T00:00:00.000Z',
    },
    client: { address: '127.0.0.1', port: 4711, tls: 'TLSv1.3', userAgent: 'test' },
    request: {
      method: 'GET',
      path: '/v1.41/containers/web/json',
      query: null,
      operation: 'ContainerInspect',
      class: 'read',
      apiVersion: '1.41',
      bodyDigest: null,
    },
    resource: { kind: 'container', tenant: '-', name: 'web', id: null },
    involves: [],
    facts: {},
    changes: [],
    decision: {
      effect: 'allow',
      reason: 'granted',
      message: null,
      field: null,
      grant: 'grants.csv:3',
      profile: null,
      policyVersion: 'p',
      reasons: [],
    },
  };
}

/** The segments of a log of so many lines in all, made in memory: sealed, signed, and stopped. */
export function makeLog(lines: number, segments: number): Buffer[] {
  const files: Buffer[] = [];
  let head: Head = GENESIS;
  const each = Math.floor(lines / segments);
  for (let segment = 1; segment <= segments; segment += 1) {
    const text: string[] = [];
    const put = (make: Parameters<typeof link>[0] | 'checkpoint'): void => {
      const place = {
        time: '2026-11-21T00:00:00.000000000Z',
        sequence: head.sequence + 1,
        gateway: 'test',
        previous: head.hash,
      };
      const entry =
        make === 'checkpoint'
          ? {
              time: place.time,
              type: 'checkpoint' as const,
              segment,
              key: SIGNER.key,
              signature: SIGNER.sign(place),
            }
          : make;
      const linked = link(entry, place);
      head = linked.head;
      text.push(linked.line);
    };
    put({ type: 'segment', segment, key: SIGNER.key });
    while (text.length < each - 2) {
      if (text.length % 500 === 499) put('checkpoint');
      else put(record(`r${head.sequence}`));
    }
    if (segment < segments) put({ type: 'seal', segment, records: text.length + 1, reason: 'size' });
    else put({ type: 'stop' });
    put('checkpoint');
    files.push(Buffer.from(text.join(''), 'latin1'));
  }
  return files;
}
