import type { LogLine } from '../reader.ts';
import type { AuditLine } from '../record.ts';
import type { Delivery } from './delivery.ts';
import { each, severityOf, type ToMessage } from './message.ts';
import { type Attribute, attributes, OtlpPost, type OtlpReceiver, resource } from './otlp-post.ts';

export interface OtlpOptions extends OtlpReceiver {
  /** Of this gateway. */
  readonly version: string;
}

/**
 * OpenTelemetry logs over HTTP, JSON encoding (OTLP 1.x, https://opentelemetry.io/docs/specs/otlp/#otlphttp). A batch has
 * arrived when the answer is 2xx and rejects nothing. The specification would have a client forget what a receiver rejects;
 * an audit log can not, so it stops there and says so.
 */
export function otlpDelivery(options: OtlpOptions, toMessage: ToMessage): Delivery {
  const post = new OtlpPost(options, {
    path: '/v1/logs',
    what: 'the records',
    consequence: 'the sink stops here',
  });
  return {
    limits: { lines: 512, bytes: 262_144 },
    open: async (signal) => ({
      write: async (lines) => {
        const records = await each(lines, (line) => logRecord(line, toMessage));
        const gateway = lines[0]?.link?.gateway ?? '';
        await post.send(exportRequest(records, gateway, options.version), signal);
      },
      commit: async () => {},
      abort: () => {},
    }),
    close: () => post.close(),
  };
}

/** ExportLogsServiceRequest. */
function exportRequest(logRecords: readonly object[], gateway: string, version: string): object {
  return {
    resourceLogs: [
      {
        resource: resource(version, gateway),
        scopeLogs: [{ scope: { name: 'quaywarden.audit' }, logRecords }],
      },
    ],
  };
}

/** SeverityNumber and SeverityText of OTLP by the severities of syslog. */
const SEVERITIES = { 3: [17, 'ERROR'], 4: [13, 'WARN'], 5: [10, 'INFO2'], 6: [9, 'INFO'] } as const;

function logRecord(line: LogLine, toMessage: ToMessage): object {
  const { text, line: said } = toMessage(line);
  const [severityNumber, severityText] = SEVERITIES[severityOf(said)];
  const time = line.link === undefined ? '0' : nanoseconds(line.link.time);
  return {
    timeUnixNano: time,
    observedTimeUnixNano: time,
    severityNumber,
    severityText,
    eventName: said === undefined ? 'quaywarden.audit' : `quaywarden.audit.${said.type}`,
    body: { stringValue: text },
    attributes: attributes([
      ['quaywarden.sequence', line.link?.sequence],
      ['quaywarden.type', line.link?.type],
      ...requestAttributes(said),
    ]),
  };
}

/** By the semantic conventions of OpenTelemetry where they have a name for it. */
function requestAttributes(line: AuditLine | undefined): readonly Attribute[] {
  if (line?.type !== 'request') return [];
  const { principal, client, request, resource, decision, outcome } = line;
  return [
    ['quaywarden.request.id', line.id],
    ['quaywarden.stage', line.stage],
    ['quaywarden.tenant', principal?.tenant],
    ['quaywarden.operation', request.operation],
    ['quaywarden.resource.kind', resource?.kind],
    ['quaywarden.resource.name', resource?.name],
    ['quaywarden.effect', decision.effect],
    ['quaywarden.reason', decision.reason],
    ['user.name', principal?.name],
    ['client.address', client.address],
    ['client.port', client.port],
    ['http.request.method', request.method],
    ['http.response.status_code', outcome?.status],
    ['url.path', request.path],
    ['user_agent.original', client.userAgent],
  ];
}

/** Nanoseconds since 1970 of RFC 3339 with nine digits of a second. */
function nanoseconds(time: string): string {
  const seconds = Date.parse(`${time.slice(0, 19)}Z`) / 1_000;
  return Number.isNaN(seconds) ? '0' : `${seconds}${time.slice(20, 29)}`;
}
