import { Refusal } from '../errors.ts';
import type { ApiRequest, BodyKind, Operation } from './types.ts';

/** The headers that say how a request is shaped. */
export interface Shape {
  readonly contentType: string | undefined;
  readonly contentLength: number | undefined;
  readonly chunked: boolean;
  readonly upgrade: string | undefined;
  readonly origin: string | undefined;
}

/** Protocols the Engine is asked to switch to (semantics.md, "Hijacked and upgraded connections"). */
const PROTOCOLS = { hijack: 'tcp', websocket: 'websocket', h2c: 'h2c' } as const;

/** Media types under which clients send archives; the Engine looks at the bytes only. */
const TAR_TYPES = new Set([
  'application/x-tar',
  'application/tar',
  'application/octet-stream',
  'application/gzip',
  'application/x-gzip',
  'text/plain',
]);

/**
 * What a request may carry: the body of its operation. A pull reads none, although an import by the same operation
 * does; dockerode sends its options along.
 */
export function bodyKind({ operation, query }: Pick<ApiRequest, 'operation' | 'query'>): BodyKind {
  return operation.id === 'ImageCreate' && query['fromImage'] !== undefined ? 'none' : operation.body;
}

/**
 * Checks that a request has the body, the media type and the upgrade that its operation can have.
 *
 * @throws Refusal 400, 403, 411, 413 or 415
 */
export function checkShape(
  shape: Shape,
  api: Pick<ApiRequest, 'operation' | 'query'>,
  bodyBytes: number,
): void {
  const { operation } = api;
  const kind = bodyKind(api);
  checkUpgrade(shape, operation);
  const hasBody = shape.chunked || (shape.contentLength ?? 0) > 0;
  if (operation.connection !== 'plain' && operation.connection !== 'stream' && shape.chunked) {
    if (kind !== 'none') throw chunkedUpgrade();
  }
  switch (kind) {
    case 'json':
    case 'json-optional':
      // Judged without a body is forwarded without one, but then it can not be what was meant (CVE-2024-41110).
      if (!hasBody && kind === 'json') throw bodyMissing(operation);
      if (hasBody && shape.contentType !== 'application/json') {
        throw new Refusal(
          415,
          'content-type-unsupported',
          `${operation.id} takes a body of type application/json`,
          {
            field: 'content-type',
          },
        );
      }
      checkLength(shape, bodyBytes);
      return;
    case 'tar':
    case 'tar-optional':
      if (hasBody && shape.contentType !== undefined && !TAR_TYPES.has(shape.contentType)) {
        throw new Refusal(
          415,
          'content-type-unsupported',
          `${operation.id} takes an archive of type application/x-tar`,
          {
            field: 'content-type',
          },
        );
      }
      return;
    case 'none':
      // Clients send stray bodies here ("{}" or text); they are read, bounded, and go no further.
      checkLength(shape, bodyBytes);
      return;
  }
}

/** A request that becomes a stream may be chunked only when its operation has no body, and then has none. */
export function chunkedUpgrade(): Refusal {
  return new Refusal(
    411,
    'upgrade-chunked',
    'a request that becomes a stream needs a Content-Length, not chunks',
    { field: 'transfer-encoding' },
  );
}

/** An operation that takes JSON came without any; chunks can turn out to be none. */
export function bodyMissing({ id }: Pick<Operation, 'id'>): Refusal {
  return new Refusal(400, 'body-missing', `${id} needs a body of type application/json`);
}

function checkUpgrade(shape: Shape, operation: Operation): void {
  const { connection } = operation;
  if (connection === 'plain' || connection === 'stream') return;
  const wanted = PROTOCOLS[connection];
  if (shape.upgrade === undefined && connection !== 'hijack') {
    throw new Refusal(
      400,
      'upgrade-required',
      `${operation.id} needs an upgrade of the connection to ${wanted}`,
      {
        field: 'upgrade',
      },
    );
  }
  if (shape.upgrade !== undefined && shape.upgrade !== wanted) {
    throw new Refusal(400, 'upgrade-protocol', `${operation.id} upgrades to ${wanted} only`, {
      field: 'upgrade',
    });
  }
  // The Engine checks no Origin, so a page in a browser could write to a container's standard input.
  if (connection === 'websocket' && shape.origin !== undefined) {
    throw new Refusal(403, 'origin-forbidden', 'pages in a browser may not attach to containers', {
      field: 'origin',
    });
  }
}

function checkLength(shape: Shape, bodyBytes: number): void {
  if ((shape.contentLength ?? 0) > bodyBytes) {
    throw new Refusal(
      413,
      'body-too-large',
      `the body is larger than the ${bodyBytes} bytes this gateway judges`,
      {
        field: 'content-length',
      },
    );
  }
}
