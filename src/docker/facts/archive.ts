import { buildScan, type Dockerfile } from '../archive/build.ts';
import { loadScan } from '../archive/load.ts';
import type { ArchiveScan } from '../archive/tar.ts';
import type { ApiRequest } from '../types.ts';
import { registryFacts } from './registry-address.ts';
import type { Facts, ImageFact } from './types.ts';

/** What reading a request's archive adds to its facts. */
export interface ArchiveFacts {
  /** Images that an `ImageLoad` brings, or that a classic build is made from; null when these can not be told. */
  readonly images: readonly ImageFact[] | null;
  /** Why these can not be told: a clause for a refusal. */
  readonly why?: string | undefined;
  /** Of a build, where its lines can be written anew. */
  readonly dockerfile?: Dockerfile | undefined;
}

/** What a policy may want to know of an archive. */
export type ArchiveNeed = 'baseImages' | 'loadedImages';

/**
 * How the archive of a request is read.
 *
 * @returns undefined where nothing that is wanted is in it: other operations, and builds by BuildKit or from an address
 */
export function archiveScan(
  api: ApiRequest,
  { build }: Facts,
  wanted: ReadonlySet<string>,
): ArchiveScan<ArchiveFacts> | undefined {
  if (api.operation.id === 'ImageLoad' && wanted.has('loadedImages' satisfies ArchiveNeed)) {
    const scan = loadScan();
    return { write: (chunk) => scan.write(chunk), end: () => ({ images: scan.end() }) };
  }
  const isRead = build?.builder === 'classic' && build.context === 'archive';
  return isRead && wanted.has('baseImages' satisfies ArchiveNeed) ? buildScan(api) : undefined;
}

/** The facts with what was found in the archive. */
export function withArchive(facts: Facts, { images }: Pick<ArchiveFacts, 'images'>): Facts {
  const all = [...facts.images, ...(images ?? [])];
  if (facts.build === null) return { ...facts, images: all };
  return {
    ...facts,
    images: all,
    // Where one is not there the Engine asks its registry.
    registries: [...facts.registries, ...(images ?? []).flatMap(registryOf)],
    build: { ...facts.build, baseImages: images },
  };
}

function registryOf({ field, name }: ImageFact): Facts['registries'] {
  return name === null ? [] : registryFacts(field, name.domain).registries;
}
