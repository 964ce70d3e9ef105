/** Splits a sound `host:port`; an IPv6 address loses its brackets. */
export function splitAddress(where: string): { readonly host: string; readonly port: number } {
  const split = where.lastIndexOf(':');
  return { host: where.slice(0, split).replace(/^\[|\]$/g, ''), port: Number(where.slice(split + 1)) };
}
