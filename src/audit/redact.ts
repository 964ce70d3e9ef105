import { OPERATIONS } from '../docker/operations.ts';

/** Parameters whose values may carry secrets. */
const SECRET = new Set([
  'buildargs',
  'cachefrom',
  'changes',
  'comment',
  'fromSrc',
  'labels',
  'message',
  'outputs',
  'remote',
]);

/**
 * The parameters that are recorded with their values. All others are recorded as present: secret ones, ones no
 * operation has (a typo of a secret one), and ones that mean nothing to the Engine, under which dockerode sends
 * its whole options object, environments and payloads included.
 */
const SHOWN = new Set(
  OPERATIONS.flatMap(({ query }) => query)
    .filter(({ name, type }) => type !== 'ignored' && !SECRET.has(name))
    .map(({ name }) => name),
);
for (const { query } of OPERATIONS)
  for (const { name, type } of query) if (type === 'ignored') SHOWN.delete(name);

const TARGET_CHARACTERS = 2_048;

/**
 * Makes text of a client safe to write: control characters, line separators and everything outside ASCII are
 * shown as escapes, and what would be longer than `most` characters is cut and ends in `...`.
 */
export function printable(text: string, most: number): string {
  const escaped = text
    .slice(0, most + 1)
    .replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return escaped.length > most ? `${escaped.slice(0, most - 3)}...` : escaped;
}

/** The request target as received, with the values that may be secret replaced by `[redacted]`. */
export function redactTarget(target: string): string {
  const mark = target.indexOf('?');
  if (mark === -1) return printable(withoutUserinfo(target), TARGET_CHARACTERS);
  const query = target
    .slice(mark + 1)
    .split(/([&;])/)
    .map((part) => (part === '&' || part === ';' ? part : redactPair(part)))
    .join('');
  return printable(`${withoutUserinfo(target.slice(0, mark))}?${query}`, TARGET_CHARACTERS);
}

function redactPair(pair: string): string {
  const equals = pair.indexOf('=');
  // What has no name may be the rest of a value that held a separator.
  if (equals === -1) return pair === '' || SHOWN.has(pair) ? pair : '[redacted]';
  const name = pair.slice(0, equals);
  return SHOWN.has(name) ? pair : `${name}=[redacted]`;
}

/** A target with a host in it is refused, but its record must not keep the credentials before the host. */
function withoutUserinfo(path: string): string {
  return path.replace(/^((?:[a-z][a-z0-9+.-]*:)?\/\/|(?=[^/]))[^/]*@/i, '$1[redacted]@');
}
