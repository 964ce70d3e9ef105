import type { Readable } from 'node:stream';
import { andThen, type Soon } from '../at-once.ts';
import type { Dockerfile } from '../docker/archive/build.ts';
import { type Content, readContent } from '../docker/content.ts';
import { bodyKind, bodyMissing } from '../docker/shape.ts';
import type { ApiRequest } from '../docker/types.ts';
import { type BodySource, isDeclared } from './body.ts';
import type { RequestHeaders } from './framing.ts';

/** What a request carries besides its head. */
export type Payload =
  | { readonly kind: 'none' }
  | { readonly kind: 'json'; readonly content: Content }
  | Archive;

/** A body that is streamed to the Engine: as it comes, or from the disk where it was read. */
export interface Archive {
  readonly kind: 'archive';
  /** Bytes; undefined when the client sends chunks. */
  readonly length: number | undefined;
  /** Bytes of it that the client has sent so far; absent while it is still to come. */
  readonly received?: number;
  /** That of a build, where it was read. */
  readonly dockerfile?: Dockerfile | undefined;
  /** Why it can not be told what a build starts from: a clause for a refusal. */
  readonly untold?: string | undefined;
  open(): Readable;
  /** Gives up what was kept of one that is not forwarded. */
  discard?(): Promise<void>;
}

/** A payload, and how many bytes of it the client has sent so far. */
export interface Received {
  readonly payload: Payload;
  readonly bytes: number;
}

/**
 * Takes the body of a request by what its operation takes: JSON is read whole and understood; an archive is left
 * on the connection; what no operation reads is read, bounded, and thrown away.
 *
 * @throws Refusal 400, 408 or 413; see `readBody`, `bodyMissing` and `readContent`
 */
export function receive(api: ApiRequest, headers: RequestHeaders, source: BodySource): Soon<Received> {
  const kind = bodyKind(api);
  if (kind === 'tar' || kind === 'tar-optional') {
    if (!isDeclared(headers)) return { payload: { kind: 'none' }, bytes: 0 };
    const open = (): Readable => source.stream(headers);
    return { payload: { kind: 'archive', length: headers.contentLength, open }, bytes: 0 };
  }
  return andThen(source.whole(headers), (bytes): Received => {
    if (kind === 'json' && bytes.length === 0) throw bodyMissing(api.operation);
    if (kind === 'none' || bytes.length === 0) return { payload: { kind: 'none' }, bytes: bytes.length };
    return { payload: { kind: 'json', content: readContent(api, bytes) }, bytes: bytes.length };
  });
}
