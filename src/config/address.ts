/** Splits a sound `host:port`; an IPv6 address loses its brackets. */
export function splitAddress(where: string): { readonly host: string; readonly port: number } {
  const split = where.lastIndexOf(':');
  return { host: where.slice(0, split).replace(/^\[|\]$/g, ''), port: Number(where.slice(split + 1)) };
}

/** The name in a Host header or a TLS handshake as it is compared: without port, brackets and the dot at its end, in lower case. */
export function hostNameOf(text: string): string {
  return text
    .replace(/:\d*$/, '')
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '')
    .toLowerCase();
}
