import { type JsonValue, parseJson } from '../strict-json.ts';
import type { ApiRequest } from '../types.ts';
import type { BuildArguments } from './dockerfile/arguments.ts';
import type { From } from './dockerfile/bases.ts';
import { type BaseImages, baseImagesOf } from './dockerfile.ts';
import { type ArchiveScan, type TarEntry, TarReader } from './tar.ts';
import { cleanName, Tree } from './tree.ts';

const DEFAULT = 'Dockerfile';
const FILE_BYTES = 1_048_576;

/** The Dockerfile in the archive of a build, and its lines that say which images it starts from. */
export interface Dockerfile {
  readonly content: Buffer;
  /** Where its header block stands in the archive, in bytes; its content follows. */
  readonly at: number;
  readonly froms: readonly From[];
}

/** What the archive of a build says of images. */
export interface BuildArchive extends Omit<BaseImages, 'froms'> {
  /** Undefined where nobody could write its lines anew without changing what else they say. */
  readonly dockerfile?: Dockerfile | undefined;
}

/**
 * Reads the archive of an `ImageBuild` for the classic builder (no `version=2`, no `remote`) and finds what its
 * Dockerfile is built from. A context of which nobody can say which file the Engine takes for the Dockerfile has
 * `images: null`; a malformed archive is refused.
 */
export function buildScan({ query }: Pick<ApiRequest, 'query'>): ArchiveScan<BuildArchive> {
  const asked = query['dockerfile'];
  const file = typeof asked === 'string' && asked !== '' ? asked : DEFAULT;
  const path = pathOf(file);
  // The Engine looks for the lower-case name when the default is not there (moby, builder/remotecontext/detect.go).
  const paths = path === null ? [] : file === DEFAULT ? [path, path.toLowerCase()] : [path];
  const tree = new Tree(paths);
  const found = new Map<string, { readonly entry: TarEntry; readonly content: Buffer }>();
  let why = path === null ? 'the name of the Dockerfile is none of a file in the context' : undefined;

  const visit = (entry: TarEntry): ((bytes: Buffer) => void) | undefined => {
    if (why !== undefined) return undefined;
    const name = tree.add(entry);
    if (typeof name !== 'string') {
      why = name.sentence;
      return undefined;
    }
    if (!paths.includes(name)) return undefined;
    if (entry.size > FILE_BYTES) {
      why = `the Dockerfile is larger than ${FILE_BYTES} bytes`;
      return undefined;
    }
    return (content) => {
      found.set(name, { entry, content });
    };
  };

  const tar = new TarReader(visit);
  return {
    write: (chunk) => tar.write(chunk),
    end() {
      tar.end();
      if (why !== undefined) return { images: null, why };
      const name = paths.find((each) => found.has(each));
      const file = name === undefined ? undefined : found.get(name);
      if (name === undefined || file === undefined) {
        return { images: null, why: 'the archive has no Dockerfile of the name that was given' };
      }
      const given = buildArguments(query['buildargs']);
      if (given === null) return { images: null, why: 'the build arguments can not be read' };
      const { entry, content } = file;
      const { froms, ...images } = baseImagesOf(content, given, utf8(name));
      if (froms === undefined || !entry.saysSize) return images;
      return { ...images, dockerfile: { content, at: entry.at, froms } };
    },
  };
}

/** Where in the archive the Engine looks for a Dockerfile of that name, in bytes; null when it is outside. */
function pathOf(file: string): string | null {
  if (file.includes('\0')) return null;
  // Joined to the context's folder, so that a slash before it counts for nothing.
  const path = cleanName(Buffer.from(file, 'utf8').toString('latin1').replace(/^\/+/, ''));
  return path === '' ? null : path;
}

function utf8(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** The `buildargs` of the query: a JSON object of texts and nulls. */
function buildArguments(given: unknown): BuildArguments | null {
  if (given === undefined || given === '') return new Map();
  let value: JsonValue;
  try {
    value = parseJson(String(given));
  } catch {
    return null;
  }
  if (value === null) return new Map();
  if (!(value instanceof Map)) return null;
  const read = new Map<string, string | null>();
  for (const [name, text] of value) {
    if (text !== null && typeof text !== 'string') return null;
    read.set(name, text);
  }
  return read;
}
