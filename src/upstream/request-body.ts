import type { IncomingMessage, ServerResponse } from 'node:http';
import { bodyKind } from '../docker/shape.ts';
import type { Judged } from '../exchange.ts';
import { type BodyLimits, readBody } from '../listener/body.ts';

const NOTHING = Buffer.alloc(0);

/**
 * Reads the body of a judged request whole, unless it is an archive, which is streamed. Only now, with the
 * verdict fallen, is a client that waits for `100 Continue` told to send it.
 *
 * @returns the body to be forwarded, empty where the operation has none; undefined when it is to be streamed
 * @throws Refusal 400, 408 or 413
 */
export async function takeBody(
  { headers, api }: Judged,
  request: IncomingMessage,
  response: ServerResponse,
  limits: BodyLimits,
): Promise<Buffer | undefined> {
  const declared = headers.chunked || (headers.contentLength ?? 0) > 0;
  if (declared && headers.expectsContinue) response.writeContinue();
  const kind = bodyKind(api);
  if (kind === 'tar' || kind === 'tar-optional') return declared ? undefined : NOTHING;
  const body = declared ? await readBody(request, limits) : NOTHING;
  return kind === 'none' ? NOTHING : body;
}
