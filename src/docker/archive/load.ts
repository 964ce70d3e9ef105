import type { ImageFact } from '../facts/types.ts';
import { badArchive } from './fault.ts';
import { imagesOfBlob, imagesOfIndex, imagesOfManifest, imagesOfRepositories, unnamed } from './images.ts';
import { type ArchiveScan, type TarEntry, TarReader } from './tar.ts';
import { orRefuse, Tree } from './tree.ts';

const MANIFEST = 'manifest.json';
const INDEX = 'index.json';
const REPOSITORIES = 'repositories';
/** Which of these decides depends on the Engine, its image store and on which of them are there. */
const WATCHED: readonly string[] = [MANIFEST, INDEX, REPOSITORIES, 'oci-layout'];

const FILE_BYTES = 4_194_304;
const BLOB = /^blobs\/[^/]+\/[^/]+$/;
/** A layer or image of the form before Docker 1.10. */
const LEGACY = /^([^/]+)\/json$/;
const LEGACY_IMAGES = 10_000;

/**
 * Reads the archive of an `ImageLoad` and finds every image that it brings, under whichever name any Engine would
 * give it: `manifest.json`, the OCI index and `repositories` together. An image without a name is among them, as
 * `<none>`.
 *
 * @returns the facts' images; empty for an archive that brings none
 */
export function loadScan(): ArchiveScan<readonly ImageFact[]> {
  const tree = new Tree(WATCHED);
  const found = new Map<string, ImageFact>();
  const legacy = new Set<string>();
  let named: ReadonlySet<string> = new Set();
  let hasManifest = false;

  const add = (images: readonly ImageFact[]): void => {
    for (const image of images) if (!found.has(image.reference)) found.set(image.reference, image);
  };
  const reader: Readonly<Record<string, (bytes: Buffer) => void>> = {
    [MANIFEST]: (bytes) => {
      hasManifest = true;
      add(imagesOfManifest(MANIFEST, bytes));
    },
    [INDEX]: (bytes) => add(imagesOfIndex(INDEX, bytes)),
    [REPOSITORIES]: (bytes) => {
      const { images, ids } = imagesOfRepositories(REPOSITORIES, bytes);
      named = ids;
      add(images);
    },
  };

  const visit = (entry: TarEntry): ((bytes: Buffer) => void) | undefined => {
    const path = orRefuse(tree.add(entry));
    const id = LEGACY.exec(path)?.[1];
    if (id !== undefined && legacy.size < LEGACY_IMAGES) legacy.add(id);
    if (entry.type !== 'file') return undefined;
    const take = Object.hasOwn(reader, path) ? reader[path] : undefined;
    if (take !== undefined && entry.size > FILE_BYTES) {
      throw badArchive(
        'archive-file-too-large',
        `${path} in the archive is larger than ${FILE_BYTES} bytes`,
        path,
      );
    }
    if (take === undefined && BLOB.test(path) && entry.size <= FILE_BYTES) {
      return (bytes) => add(imagesOfBlob(path, bytes));
    }
    return take;
  };

  const tar = new TarReader(visit);
  return {
    write: (chunk) => tar.write(chunk),
    end() {
      tar.end();
      const nameless = [...legacy].find((id) => !named.has(id) || legacy.size === LEGACY_IMAGES);
      if (!hasManifest && nameless !== undefined) add([unnamed(`${nameless}/json`)]);
      return [...found.values()];
    },
  };
}
