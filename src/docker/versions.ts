import { Refusal } from '../errors.ts';
import { encodeJson, type JsonObject, type JsonValue, parseJson } from './strict-json.ts';

/** Oldest API version this gateway understands, as the minor of `1.N`. Below it, start takes a HostConfig. */
export const FLOOR = 24;

/** Newest API version the catalogue knows. */
export const CEILING = 56;

/** Oldest and newest API version accepted, as minors of `1.N`. */
export interface VersionRange {
  readonly floor: number;
  readonly ceiling: number;
}

const VERSION = /^1\.(0|[1-9][0-9]{0,2})$/;

/**
 * The minor of `1.N`.
 *
 * @throws RangeError on anything else
 */
export function minorOf(version: string): number {
  const minor = VERSION.exec(version)?.[1];
  if (minor === undefined)
    throw new RangeError(`${JSON.stringify(version)} is not an API version of the form 1.N`);
  return Number(minor);
}

/**
 * Whether a path's first segment is meant as a version: the Engine takes `v` and digits and dots, in any number
 * and order (`/v1.24.9.9/`), so whatever begins so is either a version of exactly one form or refused.
 */
export function isVersionSegment(segment: string): boolean {
  return /^[vV][0-9.]/.test(segment);
}

/**
 * Reads the version segment of a path.
 *
 * @param segment as sent, e.g. `v1.41`
 * @returns the minor
 * @throws Refusal 400 `version-malformed`
 */
export function parseVersion(segment: string): number {
  const minor = segment.startsWith('v') ? VERSION.exec(segment.slice(1))?.[1] : undefined;
  if (minor === undefined) {
    throw new Refusal(
      400,
      'version-malformed',
      'the API version in the path must have the form v1.N, as in /v1.41/info',
      {
        field: 'version',
      },
    );
  }
  return Number(minor);
}

/**
 * Checks a version against the range, in the Engine's own words (moby, api/server/middleware/version.go).
 *
 * @throws Refusal 403 `version-below-floor`, 400 `version-above-ceiling`
 */
export function checkVersion(minor: number, { floor, ceiling }: VersionRange): void {
  if (minor < floor) {
    throw new Refusal(
      403,
      'version-below-floor',
      `client version 1.${minor} is too old. Minimum supported API version is 1.${floor}, please upgrade your client to a newer version`,
      { field: 'version' },
    );
  }
  if (minor > ceiling) {
    throw new Refusal(
      400,
      'version-above-ceiling',
      `client version 1.${minor} is too new. Maximum supported API version is 1.${ceiling}; set DOCKER_API_VERSION=1.${ceiling} or let the client negotiate`,
      { field: 'version' },
    );
  }
}

/** The `Api-Version` header of a reply to `/_ping`, lowered to the ceiling; anything unreadable stays as it is. */
export function capApiVersion(version: string, { ceiling }: Pick<VersionRange, 'ceiling'>): string {
  const minor = VERSION.exec(version)?.[1];
  return minor !== undefined && Number(minor) > ceiling ? `1.${ceiling}` : version;
}

/**
 * The reply to `/version` with its API versions brought into the range: `ApiVersion` lowered to the ceiling and
 * `MinAPIVersion` raised to the floor, at the top and in the details of the Engine's component.
 *
 * @returns the bytes given when there is nothing to change or they can not be read
 */
export function capVersionBody(body: Buffer, range: VersionRange): Buffer {
  let document: JsonValue;
  try {
    document = parseJson(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return body;
  }
  if (!(document instanceof Map)) return body;
  let changed = capFields(document, range);
  const components = document.get('Components');
  for (const component of Array.isArray(components) ? components : []) {
    const details =
      component instanceof Map && component.get('Name') === 'Engine' ? component.get('Details') : undefined;
    if (details instanceof Map) changed = capFields(details, range) || changed;
  }
  return changed ? Buffer.from(`${encodeJson(document)}\n`) : body;
}

function capFields(object: JsonObject, { floor, ceiling }: VersionRange): boolean {
  const cap = (key: string, bring: (minor: number) => number): boolean => {
    const version = object.get(key);
    const minor = typeof version === 'string' ? VERSION.exec(version)?.[1] : undefined;
    if (minor === undefined || bring(Number(minor)) === Number(minor)) return false;
    object.set(key, `1.${bring(Number(minor))}`);
    return true;
  };
  const lowered = cap('ApiVersion', (minor) => Math.min(minor, ceiling));
  return cap('MinAPIVersion', (minor) => Math.max(minor, floor)) || lowered;
}
