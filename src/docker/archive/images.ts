import { tagFact } from '../facts/image.ts';
import type { ImageFact } from '../facts/types.ts';
import { foldKey, JsonError, type JsonObject, type JsonValue, parseJsonBytes } from '../strict-json.ts';
import { badArchive } from './fault.ts';

/** What stands for an image that gets no name, as the docker CLI shows it. */
export const UNNAMED = '<none>';

const IMAGE_NAME = 'io.containerd.image.name';
const REF_NAME = 'org.opencontainers.image.ref.name';

/** The fact of an image that is loaded without a name: no pattern of names matches it. */
export function unnamed(field: string): ImageFact {
  return { field, reference: UNNAMED, name: null };
}

/**
 * What `manifest.json` names: an array of `{Config, RepoTags, Layers}` (moby, image/tarexport).
 *
 * @throws Refusal 400 `archive-json`
 */
export function imagesOfManifest(file: string, bytes: Uint8Array): ImageFact[] {
  return arrayOf(file, read(file, bytes)).flatMap((item, index) => {
    const at = `${file}[${index}]`;
    const tags = arrayOf(`${at}.RepoTags`, member(item, 'RepoTags', at));
    if (tags.length === 0) return [unnamed(at)];
    return tags.map((tag, number) => {
      const field = `${at}.RepoTags[${number}]`;
      return tagFact(field, textOf(field, tag));
    });
  });
}

/**
 * What `repositories` names: repository to tag to id (before Docker 1.10).
 *
 * @returns the images, and the ids that have a name
 * @throws Refusal 400 `archive-json`
 */
export function imagesOfRepositories(
  file: string,
  bytes: Uint8Array,
): { readonly images: readonly ImageFact[]; readonly ids: ReadonlySet<string> } {
  const images: ImageFact[] = [];
  const ids = new Set<string>();
  for (const [repository, tags] of objectOf(file, read(file, bytes))) {
    for (const [tag, id] of objectOf(file, tags)) {
      images.push(tagFact(file, `${repository}:${tag}`));
      ids.add(textOf(file, id));
    }
  }
  return { images, ids };
}

/**
 * What an OCI index names (image-spec, annotations; containerd's own annotation goes first).
 *
 * @throws Refusal 400 `archive-json`
 */
export function imagesOfIndex(file: string, bytes: Uint8Array): ImageFact[] {
  const manifests = member(read(file, bytes), 'manifests', file);
  return arrayOf(`${file}.manifests`, manifests).map((item, index) => {
    const at = `${file}.manifests[${index}]`;
    const annotations = member(item, 'annotations', at) ?? new Map();
    const values = objectOf(`${at}.annotations`, annotations);
    for (const key of [IMAGE_NAME, REF_NAME]) {
      const value = values.get(key) ?? '';
      if (value !== '') return tagFact(`${at}.annotations`, textOf(`${at}.annotations`, value));
    }
    return unnamed(at);
  });
}

/**
 * The names that an index further down gives. No Engine known to us uses them; one that did would load what nobody
 * judged. Anything that is no index names nothing.
 */
export function imagesOfBlob(file: string, bytes: Buffer): ImageFact[] {
  if (bytes[0] !== 0x7b) return [];
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    return [];
  }
  const { manifests } = value as { readonly manifests?: unknown };
  if (!Array.isArray(manifests)) return [];
  return manifests.flatMap((item: { readonly annotations?: Readonly<Record<string, unknown>> } | null) => {
    const named = item?.annotations?.[IMAGE_NAME] || item?.annotations?.[REF_NAME];
    return typeof named === 'string' && named !== '' ? [tagFact(`${file}.manifests`, named)] : [];
  });
}

function read(file: string, bytes: Uint8Array): JsonValue {
  try {
    return parseJsonBytes(bytes);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return wrong(file, `is not JSON that has one reading: ${error.message}`);
  }
}

/** A field of an object; Go would take it in any case, so another spelling is another reading. */
function member(value: JsonValue, name: string, at: string): JsonValue | undefined {
  const object: JsonObject = objectOf(at, value);
  for (const key of object.keys()) {
    if (key !== name && foldKey(key) === foldKey(name)) wrong(at, `has a field that must be written ${name}`);
  }
  return object.get(name);
}

/** The items of an array; of none for null, which Go takes for an empty one. */
function arrayOf(at: string, value: JsonValue | undefined): readonly JsonValue[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : wrong(at, 'must be an array');
}

function objectOf(at: string, value: JsonValue): JsonObject {
  return value instanceof Map ? value : wrong(at, 'must be an object');
}

function textOf(at: string, value: JsonValue): string {
  return typeof value === 'string' ? value : wrong(at, 'must be a text');
}

function wrong(at: string, what: string): never {
  throw badArchive('archive-json', `${at} in the archive ${what}`, at);
}
