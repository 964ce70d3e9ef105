import { Refusal } from '../errors.ts';
import { AUTH_CONFIG } from './body/models/registry-auth.ts';
import { readBodyAs } from './body/read.ts';
import { type BodyType, map } from './body/types.ts';
import { writeBody } from './body/write.ts';
import { DEFAULT_REGISTRY } from './image-reference.ts';
import { foldKey, JsonError, type JsonValue, parseJsonBytes } from './strict-json.ts';
import { CEILING } from './versions.ts';

/** The headers in which clients send credentials for registries, and what is in each (API 1.24 to 1.56). */
const HEADERS = {
  'x-registry-auth': AUTH_CONFIG,
  'x-registry-config': map(AUTH_CONFIG),
} as const;

/** RFC 4648, with either alphabet; the Engine takes the one for URLs only, and passes over what it can not read. */
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

const NAMES = new Map(Object.keys(AUTH_CONFIG.fields).map((name) => [foldKey(name), name]));

/**
 * Reads credentials out of a header and writes them anew, in base64 for URLs. Field names are taken in any case, as
 * docker-py writes them with a credential store, and come out in the API's.
 *
 * @returns undefined when the header carries none (`null`, nothing)
 * @throws Refusal 400 `registry-credentials`; its sentence repeats nothing of what was sent
 */
export function rewriteCredentials(header: keyof typeof HEADERS, text: string): string | undefined {
  if (text === '') return undefined;
  if (!BASE64.test(text)) throw refuse(header, 'it is not base64');
  let value: JsonValue;
  try {
    value = parseJsonBytes(Buffer.from(text, 'base64'));
  } catch (error) {
    if (error instanceof JsonError) throw refuse(header, 'it is not JSON that has one reading');
    throw error;
  }
  if (value === null) return undefined;
  const type: BodyType = HEADERS[header];
  try {
    const named = header === 'x-registry-auth' ? inApiCase(value) : inApiCaseEach(value);
    const { value: read, unknown } = readBodyAs(type, named, CEILING);
    if (unknown.length > 0) throw refuse(header, 'it holds a field that the API does not have');
    return encoded(writeBody(type, read));
  } catch (error) {
    if (error instanceof JsonError || (error instanceof Refusal && error.reason !== 'registry-credentials')) {
      throw refuse(header, 'it holds a field that is given twice or is of the wrong type');
    }
    throw error;
  }
}

/** What Docker calls its own registry where it keeps credentials (moby, registry/config.go). */
const OFFICIAL = 'https://index.docker.io/v1/';

/**
 * Of the credentials for many registries, as `rewriteCredentials` wrote them, those for one, as `X-Registry-Auth` carries them
 * (moby, registry/auth.go, ResolveAuthConfig).
 *
 * @param config a value of `X-Registry-Config`
 * @param registry as an image's full name has it, `docker.io` for Docker's own
 * @returns undefined where there are none for it
 */
export function credentialsFor(config: string, registry: string): string | undefined {
  const all = JSON.parse(Buffer.from(config, 'base64url').toString()) as Readonly<Record<string, unknown>>;
  const key = registry === DEFAULT_REGISTRY ? OFFICIAL : registry;
  const hosted = Object.keys(all).find((name) => hostOf(name) === key);
  const found = Object.hasOwn(all, key) ? all[key] : hosted === undefined ? undefined : all[hosted];
  return found === undefined ? undefined : encoded(JSON.stringify(found));
}

function encoded(json: string): string {
  return Buffer.from(json).toString('base64url').replace(/$/, padding);
}

/** `https://registry.example.com/v1/` is kept for `registry.example.com` too. */
function hostOf(name: string): string {
  return name.replace(/^https?:\/\//, '').replace(/\/.*$/, '');
}

/** Go's base64.URLEncoding wants the padding that `base64url` leaves out. */
function padding(_: string, length: number): string {
  return '='.repeat((4 - (length % 4)) % 4);
}

function inApiCaseEach(value: JsonValue): JsonValue {
  return value instanceof Map ? new Map([...value].map(([key, each]) => [key, inApiCase(each)])) : value;
}

function inApiCase(value: JsonValue): JsonValue {
  if (!(value instanceof Map)) return value;
  const named = new Map([...value].map(([key, each]) => [NAMES.get(foldKey(key)) ?? key, each]));
  if (named.size < value.size) throw new JsonError('a field is given twice');
  return named;
}

function refuse(header: string, what: string): Refusal {
  return new Refusal(400, 'registry-credentials', `the header ${header} does not hold credentials: ${what}`, {
    field: header,
  });
}
