import * as z from 'zod';

/**
 * One line of the audit log. This is the record's one definition: the types are inferred from it, and
 * docs/audit-record.schema.json and the tables of docs/audit-record.md are made of it (`npm run docs:audit`).
 *
 * Every line is a link of the chain: `sequence`, `previous` and `hash` are given to it when it is written.
 */

/** RFC 3339 in UTC with nine digits of a second. */
const time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().min(0);
const text = z.string();

/** What every line begins with. */
const head = {
  schema: z.literal(2).describe('version of this schema'),
  time: time.describe('RFC 3339, UTC: when the record was made; the last digits as far as the clock tells'),
  sequence: count.describe('the number of the line in the chain, from 1 on, without a gap'),
  gateway: text.describe('the instance that wrote it (`audit.instance`), one chain each'),
};

/** And what it ends with. */
const links = {
  previous: sha256.describe('`hash` of the line before, zeros on the first'),
  hash: sha256.describe('SHA-256 over the bytes of the line without this last member'),
};

export const AUDIT_STAGES = ['decision', 'stream-start', 'stream-end', 'complete', 'refused'] as const;
export const AUDIT_LEVELS = ['None', 'Metadata', 'Request', 'RequestResponse'] as const;
export const ENDINGS = [
  'finished',
  'client-closed',
  'engine-closed',
  'engine-error',
  'shutdown',
  'idle-limit',
  'time-limit',
  'identity-expired',
  'ended-by-operator',
  'recording-failed',
  'audit-unavailable',
  'revoked',
] as const;

const principal = z.strictObject({
  name: text.describe('from the token or the certificate, see identity.md'),
  tenant: text.describe('its tenant'),
  roles: z.array(text).describe('its roles'),
  method: z.enum(['certificate', 'jwt', 'both', 'listener']).describe('how it was authenticated'),
  issuer: text.describe(
    "the token's `iss`, the distinguished name of the CA, or the address of a local listener",
  ),
  tokenId: text.nullable().describe("the token's `jti`; the token itself is never written"),
  certificateSerial: text.nullable().describe('serial number, hexadecimal'),
  certificateThumbprint: text
    .nullable()
    .describe('the fingerprint: SHA-256 of the certificate, base64url (RFC 8705 `x5t#S256`)'),
  expiresAt: text
    .nullable()
    .describe('until when this identity holds, RFC 3339; null on a local listener: for ever'),
});

const client = z.strictObject({
  address: text.describe("the peer's address; empty on a unix socket"),
  port: count.describe("the peer's port; 0 on a unix socket"),
  tls: text.nullable().describe('`TLSv1.3` or `TLSv1.2`; null on a local listener'),
  userAgent: text.nullable().describe('as sent, control characters escaped, at most 256 characters'),
});

const request = z.strictObject({
  method: text.describe('as received; empty when the bytes were not HTTP'),
  path: text.describe('as received, at most 2,048 characters, control characters escaped'),
  query: text
    .nullable()
    .describe('as received, likewise; values that may be secret stand as `hmac-sha256:...`'),
  operation: text.nullable().describe("the Engine API's operationId; null when it was not understood"),
  class: text.nullable().describe('its class, see policies.md'),
  apiVersion: text.nullable().describe('the API version it was judged and forwarded as'),
  reason: text
    .optional()
    .describe('why the client said it asks (the header `Quaywarden-Reason`), where it said so'),
  bodyDigest: text
    .nullable()
    .describe(
      'HMAC-SHA256 over the JSON body that is forwarded; null without one, and for archives and streams',
    ),
  body: z
    .unknown()
    .optional()
    .describe(
      'levels Request and RequestResponse: the JSON body as it is forwarded, secrets as `hmac-sha256:...`; `"[too large]"` beyond 65,536 characters',
    ),
});

const resource = z.strictObject({
  kind: text.describe('`container`, `image`, `engine`, ...'),
  tenant: text
    .nullable()
    .describe('whose it is, `-` for nobody; null for what has no owner, images and the Engine'),
  name: text
    .nullable()
    .describe('its name; of an image its full reference; null where the request names none'),
  id: text
    .nullable()
    .describe('the full id, where the gateway knows it: of what tenants own, and of what was made'),
});

const reasons = z
  .array(
    z.strictObject({
      check: text.describe('the check or function'),
      field: text.describe('the field that offended'),
      asks: text.describe('what it asks for'),
    }),
  )
  .describe('everything that kept a grant from allowing, as the client read it');

const decision = z.strictObject({
  effect: z.enum(['allow', 'deny']).describe('what was decided'),
  reason: text.describe('stable reason id: `granted`, `not-granted`, `no-identity`, ...'),
  message: text.nullable().describe('the sentence the client read, on a refusal'),
  field: text.nullable().describe('the header, parameter, field or part of the path that offended'),
  grant: text.nullable().describe('the grant that decided, `grants.csv:12`'),
  profile: text.nullable().describe("the profile that this grant's condition asks for"),
  policyVersion: text.nullable().describe('digest over model, grants and profiles'),
  reasons,
  observed: z
    .strictObject({
      reason: text.describe('the reason id that it would have been refused with'),
      resource: text.describe('the object that it would have been refused on, `kind/tenant/name`'),
      field: text.nullable().describe('the field that offended'),
      grant: text.nullable().describe('the grant that would have decided'),
      profile: text.nullable().describe("the profile that this grant's condition asks for"),
      reasons,
    })
    .optional()
    .describe(
      'reason `observed` only: the refusal that the policy asked for, where it is only tried out (learning.md)',
    ),
});

const session = z.strictObject({
  id: text.describe("the session's id: the request's"),
  kind: z.enum(['exec', 'attach', 'build']).describe('what kind of stream it is'),
  container: text.nullable().describe('the full id of the container'),
  command: z.array(text).nullable().describe('the command line that is run; null for attach and build'),
  user: text.nullable().describe('as whom it runs, as asked for; empty when that is left to the image'),
  tty: z.boolean().nullable().describe('whether there is a terminal'),
  recording: z
    .strictObject({
      file: text.describe('name of the asciicast file in `sessions.folder`'),
      sha256: sha256.nullable().describe('digest of the file; on `stream-end`'),
      bytes: count.nullable().describe('its size'),
      events: count.nullable().describe('how many events it has'),
      durationMs: z.number().nullable().describe('how long the session lasted, in milliseconds'),
      failed: z.boolean().describe('whether the recorder failed before the session ended'),
    })
    .nullable()
    .describe('null when the session is not recorded'),
});

const outcome = z.strictObject({
  status: z
    .number()
    .int()
    .nullable()
    .describe('status the client received; 101 for a tunnel; null when it received none'),
  bytesIn: count.describe('body bytes from the client'),
  bytesOut: count.describe('body bytes to the client'),
  durationMs: z.number().describe('from the arrival of the request to its end, in milliseconds'),
  ending: z.enum(ENDINGS).describe('how the exchange ended'),
  error: text.nullable().describe("the Engine's error text, secrets taken out, at most 1,024 characters"),
  body: z
    .unknown()
    .optional()
    .describe(
      'level RequestResponse: a JSON answer, secrets as `hmac-sha256:...`; `"[too large]"` beyond 65,536 bytes',
    ),
});

const requestMembers = {
  type: z.literal('request').describe('what the line tells of'),
  id: text.describe("the request's id, sent as `Quaywarden-Request-Id`; the same in all its records"),
  stage: z
    .enum(AUDIT_STAGES)
    .describe(
      '`decision` before anything is forwarded, `complete` at its end; `refused` is the only one of a request that is not forwarded; a session has `stream-start` and `stream-end` in between',
    ),
  traceId: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .optional()
    .describe('the id of the trace that the request is part of (W3C Trace Context), where there is one'),
  engine: text.optional().describe('which Engine the request is for, where there are several (engines.md)'),
  level: z.enum(AUDIT_LEVELS).describe('how much is recorded, see the rules'),
  principal: principal.nullable().describe('null when nobody could be named'),
  client,
  request,
  resource: resource.nullable().describe('what it acts on'),
  involves: z
    .array(text)
    .describe(
      'further objects that it names, `kind/tenant/name`, each judged likewise; beyond 131,072 characters the last says `and N more...`',
    ),
  facts: z
    .record(text, z.unknown())
    .describe('what it asks for, see facts.md; what it does not ask for is left out'),
  changes: z
    .array(text)
    .describe(
      'what the gateway changed of it, a sentence each; of a build by a tenant, which images its names stood for',
    ),
  decision,
  session: session.optional().describe('of a request that opens a stream into a container'),
  outcome: outcome
    .optional()
    .describe('absent on `decision` and `stream-start`; on `refused`, the answer that the client got'),
  repeated: count
    .optional()
    .describe(
      'how many others this refusal by a limit stands for: of the same principal or address, for the same reason, within the second before; they have no record of their own (limits.md)',
    ),
};

const key = z.strictObject({
  id: sha256.describe('SHA-256 of the public key (SPKI, DER)'),
  algorithm: z
    .enum(['Ed25519', 'ECDSA', 'RSA'])
    .describe('how checkpoints are signed: Ed25519, or with SHA-256'),
});

/** What a line says besides what makes it a link of the chain. */
const bodies = {
  request: requestMembers,
  segment: {
    type: z.literal('segment').describe('the first line of each file'),
    segment: z.number().int().min(1).describe('the number of the file'),
    key: key.describe('with which checkpoints in it are signed'),
  },
  start: {
    type: z.literal('start').describe('the gateway started'),
    version: text.describe('its version'),
    policyVersion: text.describe('digest of the policy that it starts with'),
    strict: z.boolean().describe('whether nothing is forwarded without a durable record'),
  },
  reload: {
    type: z.literal('reload').describe('what the gateway decides and records by was read anew'),
    policyVersion: text.describe('digest of the policy that is in force from here on'),
    changed: z
      .array(text)
      .describe('files that hold something else than before, and the new version of a policy in a database'),
  },
  stop: { type: z.literal('stop').describe('the gateway stopped in an orderly way') },
  recovery: {
    type: z
      .literal('recovery')
      .describe('the end of the file was cut in the middle of a line, by a crash or a full disk'),
    file: text.describe('where the piece of a line is kept'),
    bytes: count.describe('how long it is'),
    sha256: sha256.describe('its digest'),
  },
  gap: {
    type: z
      .literal('gap')
      .describe('records could not be written and are lost; never one of a `decision` when `strict`'),
    lost: count.describe('how many'),
    since: time.describe('when the first of them was made'),
    error: text.describe('why'),
  },
  checkpoint: {
    type: z.literal('checkpoint').describe('signs the line before it, and so all lines'),
    segment: count.describe('the file it stands in'),
    key: key.describe('whose signature it is'),
    signature: text.describe(
      'base64, over `quaywarden-audit-checkpoint-v1`, `gateway`, `sequence`, `previous` and `time` of this line, each ended by a line feed',
    ),
  },
  seal: {
    type: z.literal('seal').describe('the file is complete; one checkpoint follows'),
    segment: count.describe('the file it stands in'),
    records: count.describe('how many lines it has up to here'),
    reason: z.enum(['size', 'age']).describe('why the next file begins'),
  },
} as const;

const line = <T extends z.core.$ZodShape>(body: T) => z.strictObject({ ...head, ...body, ...links });

/** Every line there can be. */
export const auditLine = z.discriminatedUnion('type', [
  line(bodies.request),
  line(bodies.segment),
  line(bodies.start),
  line(bodies.reload),
  line(bodies.stop),
  line(bodies.recovery),
  line(bodies.gap),
  line(bodies.checkpoint),
  line(bodies.seal),
]);

/** Members that the writer adds. */
type Added = keyof typeof head | keyof typeof links;
type Body<T> = T extends unknown ? Omit<T, Added> : never;

/** A line as it stands in the log. */
export type AuditLine = z.output<typeof auditLine>;
/** A line before it has its place: what the writer is given. */
export type AuditEntry = { readonly time?: string } & Body<AuditLine>;
/** A record of a request as it stands in the log. */
export type RequestLine = Extract<AuditLine, { type: 'request' }>;
/** A record of a request before it has its place in the log. */
export type AuditRecord = Omit<RequestLine, Exclude<Added, 'time'>>;
export type AuditStage = (typeof AUDIT_STAGES)[number];
export type AuditLevel = (typeof AUDIT_LEVELS)[number];
/** How an exchange ended, seen from the gateway. */
export type Ending = (typeof ENDINGS)[number];
export type AuditPrincipal = z.output<typeof principal>;
export type AuditReason = z.output<typeof decision>['reasons'][number];
export type AuditResource = z.output<typeof resource>;
export type AuditOutcome = z.output<typeof outcome>;
export type AuditSession = z.output<typeof session>;
