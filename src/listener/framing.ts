import { Refusal } from '../errors.ts';

/** What arrived on the wire, before anything of it was understood. */
export interface RawHead {
  readonly method: string;
  /** The request target exactly as the client wrote it. */
  readonly target: string;
  /** `1.0` or `1.1`. */
  readonly httpVersion: string;
  /** Node's rawHeaders: name, value, name, value, in the client's order and case. */
  readonly rawHeaders: readonly string[];
}

/** The headers of a request that can be read in one way only. Names are lower case. */
export interface RequestHeaders {
  readonly authorization: string | undefined;
  readonly userAgent: string | undefined;
  /** Media type without parameters, lower case; undefined when the header is absent. */
  readonly contentType: string | undefined;
  /** Declared body length in bytes; undefined when none was declared. */
  readonly contentLength: number | undefined;
  readonly chunked: boolean;
  /** Whether the client waits for `100 Continue` before it sends the body. */
  readonly expectsContinue: boolean;
  /** Lower-case protocol of an upgrade that both `Upgrade` and `Connection` ask for; else undefined. */
  readonly upgrade: string | undefined;
  readonly origin: string | undefined;
  /** Why the client says it asks, for grants that want to be told; undefined when it does not say. */
  readonly statedReason: string | undefined;
  /** Every header by lower-case name, with its values in order. */
  readonly all: ReadonlyMap<string, readonly string[]>;
}

/** Headers that mean something to us or to the Engine, and so may occur once only (RFC 9110, section 5.3). */
const SINGLE = new Set([
  'authorization',
  'content-length',
  'content-type',
  'content-encoding',
  'expect',
  'host',
  'origin',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'quaywarden-reason',
  'x-registry-auth',
  'x-registry-config',
  'sec-websocket-key',
  'sec-websocket-version',
]);

/** A `Connection` header may name nothing else: whatever it lists, a proxy would strip (CVE-2026-33805). */
const CONNECTION_OPTIONS = new Set(['close', 'keep-alive', 'upgrade', 'te']);

/** Bodies that Go's ParseForm reads with precedence over the query (semantics.md, "Queries and forms"). */
const FORM_TYPES = new Set(['application/x-www-form-urlencoded', 'multipart/form-data']);

/** Says why somebody does what they do. It is judged and recorded here, and never forwarded. */
export const REASON_HEADER = 'quaywarden-reason';
/** Longest reason, in characters. */
const LONGEST_REASON = 256;

const MEDIA_TYPE = /^([a-z0-9!#$&^_.+-]+\/[a-z0-9!#$&^_.+-]+)(?: *; *charset=(?:"utf-8"|utf-8))?$/i;
const HOST = /^[A-Za-z0-9._~%!$&'()*+,;=:[\]/-]{0,512}$/;

/**
 * Reads the head of a request so that it has one meaning for us, for Node and for Go's net/http, or refuses it.
 *
 * @throws Refusal 400, 415 or 417
 */
export function readHeaders(head: RawHead): RequestHeaders {
  if (head.httpVersion !== '1.1' && head.httpVersion !== '1.0') {
    throw new Refusal(400, 'http-version', 'only HTTP/1.1 and HTTP/1.0 are spoken here');
  }
  const all = collect(head.rawHeaders);
  for (const name of SINGLE) {
    if ((all.get(name)?.length ?? 0) > 1) {
      throw new Refusal(400, 'header-duplicate', `the header ${name} was sent more than once`, {
        field: name,
      });
    }
  }
  const one = (name: string): string | undefined => all.get(name)?.[0];

  checkHost(head.httpVersion, one('host'));
  const connection = connectionOptions(all.get('connection') ?? []);
  const chunked = isChunked(head.httpVersion, one('transfer-encoding'));
  const contentLength = readLength(one('content-length'));
  if (chunked && contentLength !== undefined) {
    throw new Refusal(400, 'framing-ambiguous', 'Content-Length and Transfer-Encoding exclude each other', {
      field: 'transfer-encoding',
    });
  }
  const upgrade = one('upgrade')?.toLowerCase();
  return {
    authorization: one('authorization'),
    userAgent: one('user-agent'),
    contentType: readMediaType(one('content-type')),
    contentLength,
    chunked,
    expectsContinue: readExpect(one('expect')),
    upgrade: connection.has('upgrade') && upgrade !== undefined ? upgrade : undefined,
    origin: one('origin'),
    statedReason: readReason(one(REASON_HEADER)),
    all,
  };
}

function collect(raw: readonly string[]): Map<string, string[]> {
  const all = new Map<string, string[]>();
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase();
    const value = raw[i + 1] as string;
    const values = all.get(name);
    if (values === undefined) all.set(name, [value]);
    else values.push(value);
  }
  return all;
}

/** RFC 9112, section 3.2: HTTP/1.1 has exactly one Host. Its value means nothing to us and goes nowhere. */
function checkHost(httpVersion: string, host: string | undefined): void {
  if (host === undefined) {
    if (httpVersion === '1.0') return;
    throw new Refusal(400, 'host-missing', 'an HTTP/1.1 request needs a Host header', { field: 'host' });
  }
  if (!HOST.test(host))
    throw new Refusal(400, 'host-malformed', 'the Host header is malformed', { field: 'host' });
}

const NO_OPTIONS: ReadonlySet<string> = new Set();

function connectionOptions(values: readonly string[]): ReadonlySet<string> {
  if (values.length === 0) return NO_OPTIONS;
  const options = new Set<string>();
  for (const option of values.join(',').split(',')) {
    const word = option.trim().toLowerCase();
    if (word === '') continue;
    if (!CONNECTION_OPTIONS.has(word)) {
      throw new Refusal(
        400,
        'connection-option',
        'the Connection header may list close, keep-alive and upgrade only',
        {
          field: 'connection',
        },
      );
    }
    options.add(word);
  }
  return options;
}

/** Go ignores Transfer-Encoding on HTTP/1.0 and Node does not; Node takes `gzip, chunked` and Go does not. */
function isChunked(httpVersion: string, value: string | undefined): boolean {
  if (value === undefined) return false;
  if (httpVersion === '1.0') {
    throw new Refusal(400, 'framing-ambiguous', 'HTTP/1.0 knows no Transfer-Encoding', {
      field: 'transfer-encoding',
    });
  }
  if (value.toLowerCase() !== 'chunked') {
    throw new Refusal(400, 'framing-ambiguous', 'the only Transfer-Encoding taken is chunked', {
      field: 'transfer-encoding',
    });
  }
  return true;
}

function readLength(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const length = /^(0|[1-9][0-9]{0,14})$/.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(length)) {
    throw new Refusal(400, 'framing-ambiguous', 'Content-Length must be one decimal number', {
      field: 'content-length',
    });
  }
  return length;
}

function readExpect(value: string | undefined): boolean {
  if (value === undefined) return false;
  if (value.toLowerCase() === '100-continue') return true;
  throw new Refusal(417, 'expect-unknown', 'the only Expect taken is 100-continue', { field: 'expect' });
}

/** What is recorded is what was judged, so it is neither cut nor escaped: visible ASCII and spaces, or refused. */
function readReason(value: string | undefined): string | undefined {
  if (value === undefined || value === '') return undefined;
  if (value.length <= LONGEST_REASON && /^[\x20-\x7e]*$/.test(value)) return value;
  throw new Refusal(
    400,
    'header-malformed',
    `the header Quaywarden-Reason takes up to ${LONGEST_REASON} characters of ASCII`,
    { field: REASON_HEADER },
  );
}

function readMediaType(value: string | undefined): string | undefined {
  if (value === undefined || value === '') return undefined;
  // Go matches the essence of the type and ignores parameters, multipart boundaries included.
  const essence = (value.split(';', 1)[0] as string).trim().toLowerCase();
  if (FORM_TYPES.has(essence)) {
    throw new Refusal(
      415,
      'form-body',
      `a ${essence} body is refused everywhere, since its values would override the query; ` +
        'send JSON as application/json, archives as application/x-tar (with curl: -H "Content-Type: ...")',
      { field: 'content-type' },
    );
  }
  const type = MEDIA_TYPE.exec(value)?.[1];
  if (type === undefined) {
    throw new Refusal(
      415,
      'content-type-malformed',
      'the Content-Type must be a media type, with charset=utf-8 at most',
      {
        field: 'content-type',
      },
    );
  }
  return type.toLowerCase();
}
