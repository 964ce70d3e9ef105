import { Refusal } from '../errors.ts';

/** What a client is told whose bytes Node's parser refused; undefined for one that has merely gone. */
export function malformed(error: NodeJS.ErrnoException): Refusal | undefined {
  // No TLS, or none that came to its end: there is nothing that an answer could be written on.
  if (/^ERR_(?:TLS|SSL)_/.test(error.code ?? '')) return undefined;
  switch (error.code) {
    case 'ECONNRESET':
    case 'EPIPE':
    case 'HPE_INVALID_EOF_STATE':
      return undefined;
    case 'HPE_HEADER_OVERFLOW':
      return new Refusal(
        431,
        'headers-too-large',
        'the request line and headers are larger than this gateway takes',
      );
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Refusal(408, 'headers-timeout', 'the request head did not arrive in time');
    default:
      return new Refusal(400, 'http-malformed', 'these bytes are not one well-formed HTTP/1.1 request', {
        cause: error,
      });
  }
}
