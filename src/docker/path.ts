import { Refusal } from '../errors.ts';
import { decodePercent, hasControl } from './text.ts';
import { isVersionSegment, parseVersion } from './versions.ts';

/** Longest request target, in bytes. Real clients reach 60 kB with build arguments in the query. */
const TARGET_BYTES = 65_536;

/** Most that the names in a path may take together, in bytes of UTF-8. */
const NAME_BYTES = 4_096;

/** pchar of RFC 3986, section 3.3, and the slash; everything else has to come encoded. */
const RAW = /^[A-Za-z0-9\-._~!$&'()*+,;=:@%/]*$/;

/** A path in which nothing is encoded and nothing has to be: as nearly all come. */
const PLAIN = /^\/[A-Za-z0-9\-._~!$&'()*+,;=:@/]*$/;

/** What encodeName leaves as it is. */
const ENCODED = /^[A-Za-z0-9\-._~!'()*:@/]*$/;

/** One part of a path between slashes. */
export interface Segment {
  readonly text: string;
  /** Whether the slash before it came as `%2F`: right inside an image's name and nowhere else. */
  readonly encodedSlash: boolean;
}

/** A request target in its one spelling, taken apart. */
export interface Target {
  /** Minor of the API version in the path, null when it names none. */
  readonly version: number | null;
  /** What follows the version, decoded. */
  readonly segments: readonly Segment[];
  /** What follows the first `?`, undecoded; empty without one. */
  readonly query: string;
}

/**
 * Reads a request target (RFC 9112, section 3.2.1, origin-form only) so strictly that Go's router can not read
 * it differently: the Engine matches the decoded path, cleans `//` and dot segments, and routes absolute-form.
 *
 * @param target as received
 * @throws Refusal 400: `target-too-long`, `path-form`, `path-control`, `path-backslash`, `path-encoding`,
 *   `path-segments`, `path-name-too-long` or `version-malformed`
 */
export function parseTarget(target: string): Target {
  if (target.length > TARGET_BYTES) {
    throw refuse('target-too-long', `the request target is longer than ${TARGET_BYTES} bytes`);
  }
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  const query = mark === -1 ? '' : target.slice(mark + 1);
  const isPlain = PLAIN.test(path);
  if (!isPlain) {
    checkForm(path);
    checkCharacters(path);
  }
  const raw = path.slice(1).split('/');
  const [first = ''] = raw;
  const version = isVersionSegment(first) ? parseVersion(first) : null;
  const named = version === null ? raw : raw.slice(1);
  const segments = isPlain ? named.map(plainSegment) : named.flatMap(decodeSegment);
  checkNames(segments);
  return { version, segments, query };
}

/** Writes a name into a path in its one spelling: everything encoded but unreserved characters, `/`, `:` and `@`. */
export function encodeName(name: string): string {
  if (ENCODED.test(name)) return name;
  return encodeURIComponent(name).replaceAll('%2F', '/').replaceAll('%3A', ':').replaceAll('%40', '@');
}

function checkForm(path: string): void {
  if (!path.startsWith('/')) {
    throw refuse(
      'path-form',
      'the request target must be a path that starts with a slash, without scheme or host',
    );
  }
  if (path.includes('#')) throw refuse('path-form', 'a fragment (#) has no place in a request target');
}

function checkCharacters(path: string): void {
  if (hasControl(path)) throw refuse('path-control', 'the path holds a control character');
  if (path.includes('\\') || path.includes('%5C') || path.includes('%5c')) {
    throw refuse('path-backslash', 'the path holds a backslash');
  }
  if (!RAW.test(path)) {
    throw refuse('path-encoding', 'the path holds a character that must be percent-encoded as UTF-8');
  }
  if (/%(?![0-9A-F]{2})/.test(path)) {
    throw refuse(
      'path-encoding',
      'a percent sign in the path must be followed by two digits or capitals A to F',
    );
  }
  // A to Z, a to z, 0 to 9, and - . _ ~ (RFC 3986, section 2.3)
  if (/%(?:2[DE]|3[0-9]|4[1-9A-F]|5[0-9AF]|6[1-9A-F]|7[0-9AE])/.test(path)) {
    throw refuse('path-encoding', 'letters, digits and - . _ ~ must not be percent-encoded in the path');
  }
}

function plainSegment(text: string): Segment {
  return { text, encodedSlash: false };
}

function decodeSegment(raw: string): Segment[] {
  return raw.split('%2F').map((part, index) => {
    const text = decodePercent(part);
    if (text === null) throw refuse('path-encoding', 'the path is not UTF-8 once it is decoded');
    return { text, encodedSlash: index > 0 };
  });
}

function checkNames(segments: readonly Segment[]): void {
  let bytes = 0;
  for (const { text } of segments) {
    if (text === '')
      throw refuse('path-segments', 'the path holds an empty part: no double slash and no slash at the end');
    if (text === '.' || text === '..') throw refuse('path-segments', 'the path holds a dot segment');
    if (hasControl(text)) throw refuse('path-control', 'the path holds an encoded control character');
    bytes += Buffer.byteLength(text) + 1;
  }
  if (bytes > NAME_BYTES)
    throw refuse('path-name-too-long', `the names in the path are longer than ${NAME_BYTES} bytes`);
}

function refuse(reason: string, sentence: string): Refusal {
  return new Refusal(400, reason, sentence, { field: 'path' });
}
