import { findOperation } from '../docker/operations.ts';
import { resourceText } from './query/filter.ts';
import type { AuditLine, AuditResource, RequestLine } from './record.ts';

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

const CATEGORY = { category_uid: 6, category_name: 'Application Activity' };
const API = { class_uid: 6003, class_name: 'API Activity' };
const LIFECYCLE = { class_uid: 6002, class_name: 'Application Lifecycle' };
const ACTIVITIES = { 0: 'Unknown', 1: 'Create', 2: 'Read', 3: 'Update', 4: 'Delete', 99: 'Other' } as const;
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
    case 'policy':
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

function requestEvent(line: RequestLine, product: string): OcsfEvent {
  const { principal, client, request, resource, decision, outcome, facts, changes, session } = line;
  const activity = activityOf(request.operation);
  const isDenied = decision.effect === 'deny';
  const isFailed = isDenied || (outcome !== undefined && (outcome.status === null || outcome.status >= 400));
  const isKnownMethod = METHODS.has(request.method);
  const time = milliseconds(line.time);
  return {
    ...CATEGORY,
    ...API,
    activity_id: activity,
    activity_name: ACTIVITIES[activity],
    type_uid: API.class_uid * 100 + activity,
    type_name: `${API.class_name}: ${ACTIVITIES[activity]}`,
    time,
    ...(outcome === undefined
      ? {}
      : {
          duration: Math.round(outcome.durationMs),
          start_time: time - Math.round(outcome.durationMs),
          end_time: time,
        }),
    ...severity(isDenied ? 2 : 1),
    ...status(isFailed ? 2 : outcome === undefined ? 0 : 1),
    ...(outcome?.status == null ? {} : { status_code: String(outcome.status) }),
    status_detail: decision.reason,
    message: decision.message ?? sentence(line),
    action_id: isDenied ? 2 : 1,
    action: isDenied ? 'Denied' : 'Allowed',
    disposition_id: isDenied ? 2 : 1,
    disposition: isDenied ? 'Blocked' : 'Allowed',
    ...policy(decision),
    actor: actor(principal),
    api: {
      operation: request.operation ?? 'unknown',
      ...optional('version', request.apiVersion),
      service: { name: 'Docker Engine API' },
      request: { uid: line.id },
      ...(outcome === undefined
        ? {}
        : {
            response: {
              ...optional('code', outcome.status),
              ...(isDenied ? { error: decision.reason } : {}),
              ...optional('error_message', outcome.error ?? decision.message),
            },
          }),
    },
    src_endpoint: client.address === '' ? { name: 'unknown' } : { ip: client.address, port: client.port },
    http_request: {
      uid: line.id,
      ...(isKnownMethod ? { http_method: request.method } : {}),
      ...(request.path === ''
        ? {}
        : { url: { path: request.path, ...optional('query_string', request.query) } }),
      ...optional('user_agent', client.userAgent),
    },
    ...(outcome?.status == null
      ? {}
      : { http_response: { code: outcome.status, body_length: outcome.bytesOut } }),
    resources: [...(resource === null ? [] : [resourceOf(resource)]), ...line.involves.map(involved)],
    metadata: {
      ...metadata(line, product),
      correlation_uid: line.id,
      event_code: line.stage,
      ...(principal === null ? {} : { tenant_uid: principal.tenant }),
    },
    unmapped: {
      stage: line.stage,
      level: line.level,
      authentication: principal?.method ?? null,
      certificate_thumbprint: principal?.certificateThumbprint ?? null,
      tls: client.tls,
      ...(isKnownMethod ? {} : { method: request.method }),
      operation_class: request.class,
      body_digest: request.bodyDigest,
      ...optional('body', request.body),
      facts,
      changes,
      field: decision.field,
      profile: decision.profile,
      reasons: decision.reasons,
      ...optional('session', session),
      ...(outcome === undefined
        ? {}
        : {
            bytes_in: outcome.bytesIn,
            bytes_out: outcome.bytesOut,
            ending: outcome.ending,
            ...optional('answer', outcome.body),
          }),
      ...links(line),
    },
  };
}

function lifecycle(
  line: Exclude<AuditLine, RequestLine>,
  product: string,
  activity: number,
  name: string,
  level: keyof typeof SEVERITIES,
  message: string,
): OcsfEvent {
  const { schema, time, sequence, gateway, type, previous, hash, ...said } = line;
  return {
    ...CATEGORY,
    ...LIFECYCLE,
    activity_id: activity,
    activity_name: name,
    type_uid: LIFECYCLE.class_uid * 100 + activity,
    type_name: `${LIFECYCLE.class_name}: ${activity === 99 ? 'Other' : name}`,
    time: milliseconds(time),
    ...severity(level),
    ...status(level === 1 ? 1 : 2),
    message,
    app: productOf('version' in said ? said.version : product),
    metadata: { ...metadata(line, product), event_code: type },
    unmapped: { ...said, ...links(line) },
  };
}

function metadata(line: AuditLine, product: string): object {
  return {
    version: OCSF_VERSION,
    profiles: ['security_control'],
    product: productOf(product),
    uid: `${line.gateway}/${line.sequence}`,
    sequence: line.sequence,
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
      ...optional('credential_uid', credential),
    },
    session: { issuer, ...optional('credential_uid', credential), expiration_time: milliseconds(expiresAt) },
  };
}

function policy({ grant, policyVersion }: RequestLine['decision']): object {
  if (grant === null && policyVersion === null) return {};
  return { policy: { name: grant ?? 'grants', ...optional('version', policyVersion), is_applied: true } };
}

function resourceOf(resource: AuditResource): object {
  return {
    type: resource.kind,
    name: resource.name ?? resource.kind,
    ...optional('namespace', resource.tenant),
    ...optional('uid', resource.id),
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

function severity(id: keyof typeof SEVERITIES): { severity_id: number; severity: string } {
  return { severity_id: id, severity: SEVERITIES[id] };
}

function status(id: 0 | 1 | 2): object {
  return { status_id: id, status: { 0: 'Unknown', 1: 'Success', 2: 'Failure' }[id] };
}

/** What ties an event to the line of the log, and so to its signatures. */
function links({ previous, hash }: AuditLine): object {
  return { previous, hash };
}

/** Members that say nothing are left out. */
function optional(key: string, value: unknown): object {
  return value === null || value === undefined ? {} : { [key]: value };
}

/** OCSF's timestamp_t: milliseconds since 1970. */
function milliseconds(time: string): number {
  const parsed = Date.parse(time);
  return Number.isNaN(parsed) ? 0 : parsed;
}
