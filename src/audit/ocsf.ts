import { findOperation } from '../docker/operations.ts';
import { resourceText } from './query/names.ts';
import type { AuditLine, AuditOutcome, AuditResource, RequestLine } from './record.ts';

/**
 * The log in the words of the Open Cybersecurity Schema Framework, version 1.5.0 (https://schema.ocsf.io/1.5.0):
 * records of requests as API Activity (6003) with the profile `security_control`, starts and stops and what else happens
 * to the gateway as Application Lifecycle (6002). docs/audit-sinks.md has the table; tests hold every event against the
 * framework's own schema.
 */

const OCSF_VERSION = '1.5.0';

/** An event: members of the class that `class_uid` names. */
export type OcsfEvent = Readonly<Record<string, unknown>> & {
  readonly class_uid: number;
  readonly severity_id: number;
  readonly message: string;
};

const CATEGORY = { uid: 6, name: 'Application Activity' };
const API = { uid: 6003, name: 'API Activity' };
const LIFECYCLE = { uid: 6002, name: 'Application Lifecycle' };
const ACTIVITIES = { 0: 'Unknown', 1: 'Create', 2: 'Read', 3: 'Update', 4: 'Delete', 99: 'Other' } as const;
const STATUSES = { 0: 'Unknown', 1: 'Success', 2: 'Failure' } as const;
const SEVERITIES = { 1: 'Informational', 2: 'Low', 3: 'Medium', 4: 'High' } as const;
/** Those that the schema of `http_request.http_method` lists. */
const METHODS = new Set(['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'TRACE']);

/**
 * @param product the version of this gateway
 * @returns undefined for lines that only hold the log together (`segment`, `checkpoint`, `seal`): their worth is in their
 *   bytes, so they are passed on as they are
 */
export function toOcsf(line: AuditLine, product: string): OcsfEvent | undefined {
  switch (line.type) {
    case 'request':
      return requestEvent(line, product);
    case 'start':
      return lifecycle(line, product, 3, 'Start', 1, `gateway ${line.gateway} started`);
    case 'stop':
      return lifecycle(line, product, 4, 'Stop', 1, `gateway ${line.gateway} stopped`);
    case 'reload':
      return lifecycle(line, product, 99, 'Policy change', 1, `policy ${line.policyVersion} is in force`);
    case 'gap':
      return lifecycle(line, product, 99, 'Records lost', 4, `${line.lost} records lost: ${line.error}`);
    case 'recovery':
      return lifecycle(
        line,
        product,
        99,
        'Log recovered',
        3,
        `the audit log was cut in the middle of a line`,
      );
    default:
      return undefined;
  }
}

type ActivityId = keyof typeof ACTIVITIES;

/** What an operation does to what it acts on. */
export function activityOf(operationId: string | null): ActivityId {
  const operation = operationId === null ? undefined : findOperation(operationId);
  if (operation === undefined) return 0;
  const { id, method } = operation;
  if (method === 'DELETE' || /(?:Prune|Leave)$/.test(id)) return 4;
  if (OTHER.has(id)) return 99;
  if (method === 'GET' || method === 'HEAD') return 2;
  return /(?:Create|Build|Pull|Load|Commit|Tag|Init|Join)$/.test(id) ? 1 : 3;
}

/** What neither creates, reads, changes nor deletes: streams into containers, waiting, sending away, logging in. */
const OTHER = new Set([
  'ContainerAttach',
  'ContainerAttachWebsocket',
  'ContainerExec',
  'ContainerResize',
  'ContainerWait',
  'ExecResize',
  'ExecStart',
  'Grpc',
  'ImagePush',
  'PluginPush',
  'Session',
  'SystemAuth',
]);

/** Members that are undefined are none: JSON leaves them out. Each is written out, as spreading takes four times as long. */
function requestEvent(line: RequestLine, product: string): OcsfEvent {
  const { principal, client, request, resource, decision, outcome } = line;
  const activity = activityOf(request.operation);
  const isDenied = decision.effect === 'deny';
  const isFailed = isDenied || (outcome !== undefined && (outcome.status === null || outcome.status >= 400));
  const severity = isDenied ? 2 : 1;
  const status = isFailed ? 2 : outcome === undefined ? 0 : 1;
  const time = milliseconds(line.time);
  const duration = outcome === undefined ? undefined : Math.round(outcome.durationMs);
  return {
    category_uid: CATEGORY.uid,
    category_name: CATEGORY.name,
    class_uid: API.uid,
    class_name: API.name,
    activity_id: activity,
    activity_name: ACTIVITIES[activity],
    type_uid: API.uid * 100 + activity,
    type_name: `${API.name}: ${ACTIVITIES[activity]}`,
    time,
    count: line.repeated === undefined ? undefined : line.repeated + 1,
    duration,
    start_time: duration === undefined ? undefined : time - duration,
    end_time: duration === undefined ? undefined : time,
    severity_id: severity,
    severity: SEVERITIES[severity],
    status_id: status,
    status: STATUSES[status],
    status_code: outcome?.status?.toString(),
    status_detail: decision.reason,
    message: decision.message ?? sentence(line),
    action_id: isDenied ? 2 : 1,
    action: isDenied ? 'Denied' : 'Allowed',
    disposition_id: isDenied ? 2 : 1,
    disposition: isDenied ? 'Blocked' : 'Allowed',
    policy: policy(decision),
    actor: actor(principal),
    api: {
      operation: request.operation ?? 'unknown',
      version: request.apiVersion ?? undefined,
      service: { name: 'Docker Engine API' },
      request: { uid: line.id },
      response: outcome === undefined ? undefined : answer(line, outcome),
    },
    src_endpoint: client.address === '' ? { name: 'unknown' } : { ip: client.address, port: client.port },
    http_request: {
      uid: line.id,
      http_method: METHODS.has(request.method) ? request.method : undefined,
      url: request.path === '' ? undefined : { path: request.path, query_string: request.query ?? undefined },
      user_agent: client.userAgent ?? undefined,
    },
    http_response:
      outcome === undefined || outcome.status === null
        ? undefined
        : { code: outcome.status, body_length: outcome.bytesOut },
    resources: [...(resource === null ? [] : [resourceOf(resource)]), ...line.involves.map(involved)],
    metadata: metadata(line, product, line.stage, line.id, principal?.tenant),
    unmapped: rest(line),
  };
}

function answer({ decision }: RequestLine, outcome: AuditOutcome): object {
  return {
    code: outcome.status ?? undefined,
    error: decision.effect === 'deny' ? decision.reason : undefined,
    error_message: outcome.error ?? decision.message ?? undefined,
  };
}

/** What the class has no place for. */
function rest(line: RequestLine): object {
  const { principal, client, request, decision, outcome } = line;
  return {
    stage: line.stage,
    engine: line.engine,
    level: line.level,
    authentication: principal?.method ?? null,
    certificate_thumbprint: principal?.certificateThumbprint ?? null,
    tls: client.tls,
    method: METHODS.has(request.method) ? undefined : request.method,
    operation_class: request.class,
    reason: request.reason,
    body_digest: request.bodyDigest,
    body: request.body,
    facts: line.facts,
    changes: line.changes,
    field: decision.field,
    profile: decision.profile,
    reasons: decision.reasons,
    session: line.session,
    bytes_in: outcome?.bytesIn,
    bytes_out: outcome?.bytesOut,
    ending: outcome?.ending,
    answer: outcome?.body,
    previous: line.previous,
    hash: line.hash,
  };
}

function lifecycle(
  line: Exclude<AuditLine, RequestLine>,
  product: string,
  activity: number,
  name: string,
  severity: keyof typeof SEVERITIES,
  message: string,
): OcsfEvent {
  const { schema, time, sequence, gateway, type, ...unmapped } = line;
  const status = severity === 1 ? 1 : 2;
  return {
    category_uid: CATEGORY.uid,
    category_name: CATEGORY.name,
    class_uid: LIFECYCLE.uid,
    class_name: LIFECYCLE.name,
    activity_id: activity,
    activity_name: name,
    type_uid: LIFECYCLE.uid * 100 + activity,
    type_name: `${LIFECYCLE.name}: ${activity === 99 ? 'Other' : name}`,
    time: milliseconds(time),
    severity_id: severity,
    severity: SEVERITIES[severity],
    status_id: status,
    status: STATUSES[status],
    message,
    app: productOf('version' in unmapped ? unmapped.version : product),
    metadata: metadata(line, product, type),
    unmapped,
  };
}

/** What ties an event to the line of the log, and so to its signatures, are its `sequence` and `hash`. */
function metadata(line: AuditLine, product: string, code: string, id?: string, tenant?: string): object {
  return {
    version: OCSF_VERSION,
    profiles: ['security_control'],
    product: productOf(product),
    uid: `${line.gateway}/${line.sequence}`,
    sequence: line.sequence,
    correlation_uid: id,
    event_code: code,
    tenant_uid: tenant,
    log_name: 'audit',
    log_provider: line.gateway,
    log_version: String(line.schema),
    original_time: line.time,
  };
}

function productOf(version: string): object {
  return { name: 'Quaywarden', vendor_name: 'Quaywarden', version };
}

function actor(principal: RequestLine['principal']): object {
  if (principal === null) return { user: { name: 'unknown', type_id: 0 } };
  const { name, tenant, roles, issuer, tokenId, certificateSerial, expiresAt } = principal;
  const credential = tokenId ?? certificateSerial;
  return {
    user: {
      name,
      type_id: 0,
      org: { name: tenant },
      groups: roles.map((role) => ({ name: role })),
      credential_uid: credential ?? undefined,
    },
    session: {
      issuer,
      credential_uid: credential ?? undefined,
      expiration_time: expiresAt === null ? undefined : milliseconds(expiresAt),
    },
  };
}

function policy({ grant, policyVersion }: RequestLine['decision']): object | undefined {
  if (grant === null && policyVersion === null) return undefined;
  return { name: grant ?? 'grants', version: policyVersion ?? undefined };
}

function resourceOf(resource: AuditResource): object {
  return {
    type: resource.kind,
    name: resource.name ?? resource.kind,
    namespace: resource.tenant ?? undefined,
    uid: resource.id ?? undefined,
  };
}

function involved(text: string): object {
  return { type: text.split('/', 1)[0], name: text };
}

function sentence({ principal, request, resource, decision }: RequestLine): string {
  const what = request.operation ?? 'a request';
  const where = resource === null ? '' : ` on ${resourceText(resource)}`;
  return `${principal?.name ?? 'unknown'}: ${what}${where}: ${decision.effect} (${decision.reason})`;
}

/** OCSF's timestamp_t: milliseconds since 1970. */
function milliseconds(time: string): number {
  const parsed = Date.parse(time);
  return Number.isNaN(parsed) ? 0 : parsed;
}
