import { Agent, request } from 'undici';
import type { LogLine } from '../reader.ts';
import type { AuditLine } from '../record.ts';
import { codeOf, type Delivery, DeliveryError } from './delivery.ts';
import { each, severityOf, type ToMessage } from './message.ts';

export interface OtlpOptions {
  /** `https://collector:4318/v1/logs` */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly tls: {
    readonly ca?: Buffer;
    readonly cert?: Buffer;
    readonly key?: Buffer;
    readonly servername?: string;
  };
  /** Of this gateway. */
  readonly version: string;
}

/** An answer is a few bytes, or says why not. */
const MOST_ANSWER_BYTES = 65_536;

/**
 * OpenTelemetry logs over HTTP, JSON encoding (OTLP 1.x, https://opentelemetry.io/docs/specs/otlp/#otlphttp). A batch has
 * arrived when the answer is 2xx and rejects nothing. The specification would have a client forget what a receiver rejects;
 * an audit log can not, so it stops there and says so.
 */
export function otlpDelivery(options: OtlpOptions, toMessage: ToMessage): Delivery {
  const agent = new Agent({
    connections: 1,
    connect: { ...options.tls, minVersion: 'TLSv1.2', timeout: 10_000 },
  });
  return {
    limits: { lines: 512, bytes: 262_144 },
    open: async (signal) => ({
      write: async (lines) => {
        const records = await each(lines, (line) => logRecord(line, toMessage));
        const gateway = lines[0]?.link?.gateway ?? '';
        await send(JSON.stringify(exportRequest(records, gateway, options.version)), options, agent, signal);
      },
      commit: async () => {},
      abort: () => {},
    }),
    close: () => agent.destroy(),
  };
}

async function send(body: string, options: OtlpOptions, agent: Agent, closing: AbortSignal): Promise<void> {
  const { url, headers, timeoutMs } = options;
  let answer: Awaited<ReturnType<typeof request>>;
  let text: string;
  try {
    answer = await request(url, {
      dispatcher: agent,
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body,
      signal: AbortSignal.any([closing, AbortSignal.timeout(timeoutMs)]),
    });
    text = await readUpTo(answer.body, MOST_ANSWER_BYTES);
  } catch (error) {
    throw fault(url, `can not be reached (${codeOf(error)})`, { cause: error });
  }
  const { statusCode: status } = answer;
  if (status >= 200 && status < 300) return accepted(text, url);
  if (status === 429 || status >= 500) {
    const retryAfterMs = waitOf(answer.headers['retry-after'], Date.now());
    throw fault(url, `answers ${status}`, { retryAfterMs });
  }
  if (status === 413) throw fault(url, 'takes no request of that size (413)', { kind: 'too-large' });
  throw fault(url, `refuses the records (${status}); the sink stops here until that is put right`, {
    kind: 'never-like-this',
  });
}

/** @throws DeliveryError unless the receiver says that it took everything */
function accepted(text: string, url: string): void {
  if (text.trim() === '') return;
  let answer: { partialSuccess?: { rejectedLogRecords?: string | number } } | null;
  try {
    answer = JSON.parse(text);
  } catch {
    throw fault(url, 'gives an answer that is not that of OTLP; does the URL end in /v1/logs?', {
      kind: 'never-like-this',
    });
  }
  const rejected = Number(answer?.partialSuccess?.rejectedLogRecords ?? 0);
  if (rejected === 0) return;
  throw fault(url, `rejects ${rejected} of the records; the sink stops here until that is put right`, {
    kind: 'never-like-this',
  });
}

/** Milliseconds that `Retry-After` asks for: seconds, or a date (RFC 9110, section 10.2.3); 0 without one. */
export function waitOf(header: string | readonly string[] | undefined, now: number): number {
  const text = (typeof header === 'string' ? header : header?.[0])?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}

/** ExportLogsServiceRequest. */
function exportRequest(logRecords: readonly object[], gateway: string, version: string): object {
  return {
    resourceLogs: [
      {
        resource: {
          attributes: attributes([
            ['service.name', 'quaywarden'],
            ['service.version', version],
            ['service.instance.id', gateway],
          ]),
        },
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

type Attribute = readonly [name: string, value: string | number | null | undefined];

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

/** What has no value is left out. Whole numbers are texts, as 64 bits are more than JSON's numbers have. */
function attributes(all: readonly Attribute[]): object[] {
  const given: object[] = [];
  for (const [key, value] of all) {
    if (value === undefined || value === null || value === '') continue;
    given.push({
      key,
      value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
    });
  }
  return given;
}

/** Nanoseconds since 1970 of RFC 3339 with nine digits of a second. */
function nanoseconds(time: string): string {
  const seconds = Date.parse(`${time.slice(0, 19)}Z`) / 1_000;
  return Number.isNaN(seconds) ? '0' : `${seconds}${time.slice(20, 29)}`;
}

async function readUpTo(body: AsyncIterable<Buffer>, most: number): Promise<string> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size > most) break;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function fault(
  url: string,
  what: string,
  options: ConstructorParameters<typeof DeliveryError>[1],
): DeliveryError {
  const { origin, pathname } = new URL(url);
  return new DeliveryError(`the OTLP receiver at ${origin}${pathname} ${what}`, options);
}
