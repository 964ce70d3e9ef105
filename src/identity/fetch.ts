import { readFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** Where something is fetched from. */
export interface Endpoint {
  readonly url: URL;
  /** PEM CAs in place of the system's. */
  readonly ca: string | undefined;
  readonly timeoutMs: number;
}

/** The same, with the CA in a file that is read each time, so that it may change. */
export interface EndpointFile extends Omit<Endpoint, 'ca'> {
  readonly caFile: string | undefined;
}

export interface FetchOptions {
  /** Default: GET. */
  readonly method?: 'GET' | 'POST';
  readonly headers: OutgoingHttpHeaders;
  readonly body?: Uint8Array;
  /** Of the answer's body. */
  readonly mostBytes: number;
}

/** An answer of status 200, or, where the request was conditional, 304. */
export interface Fetched {
  readonly status: 200 | 304;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/**
 * Fetches once: no redirects, no compression, at most `mostBytes`, the whole within `timeoutMs`. Throws an Error whose
 * message says what went wrong and holds nothing of the answer.
 */
export async function fetchOnce(
  endpoint: Endpoint,
  options: FetchOptions,
  abort: AbortSignal,
): Promise<Fetched> {
  const timeout = AbortSignal.timeout(endpoint.timeoutMs);
  try {
    const response = await send(endpoint, options, AbortSignal.any([timeout, abort]));
    return await read(response, options);
  } catch (error) {
    if (timeout.aborted) throw new Error(`no full answer within ${endpoint.timeoutMs} ms`);
    throw error;
  }
}

/** @throws what reading the file throws */
export async function withCa({ url, caFile, timeoutMs }: EndpointFile): Promise<Endpoint> {
  return { url, timeoutMs, ca: caFile === undefined ? undefined : await readFile(caFile, 'utf8') };
}

function send({ url, ca }: Endpoint, options: FetchOptions, signal: AbortSignal): Promise<IncomingMessage> {
  const { method = 'GET', body } = options;
  const headers = {
    'accept-encoding': 'identity',
    ...options.headers,
    ...(body === undefined ? {} : { 'content-length': body.length }),
  };
  const settings = { method, signal, agent: false, headers };
  return new Promise((resolve, reject) => {
    const outgoing =
      url.protocol === 'https:'
        ? httpsRequest(url, ca === undefined ? settings : { ...settings, ca }, resolve)
        : httpRequest(url, settings, resolve);
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function read(response: IncomingMessage, { headers, mostBytes }: FetchOptions): Promise<Fetched> {
  const refuse = (message: string) => {
    response.destroy();
    return new Error(message);
  };
  const status = response.statusCode ?? 0;
  const isConditional = 'if-none-match' in headers || 'if-modified-since' in headers;
  if (status !== 200 && !(status === 304 && isConditional)) {
    const redirected = status >= 300 && status < 400;
    throw refuse(`status ${status}${redirected ? '; redirects are not followed' : ''}`);
  }
  if ((response.headers['content-encoding'] ?? 'identity') !== 'identity')
    throw refuse('a compressed answer');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostBytes) throw refuse(`more than ${mostBytes} bytes`);
    chunks.push(chunk);
  }
  return { status, headers: response.headers, body: Buffer.concat(chunks) };
}
