import type { Sight } from '../sight.ts';
import { judgeAll } from './judge.ts';
import {
  elementsOf,
  isNull,
  keeping,
  leaveOut,
  rewriteMembers,
  type SlowEdit,
  writeList,
} from './raw-json.ts';

/**
 * What a manifest of an image says of itself (API 1.47, ImageManifestSummary). Not `Identity`: it names the
 * repositories that the image came from.
 */
const OWN = ['ID', 'Id', 'Descriptor', 'Available', 'Size', 'ContentSize', 'Kind', 'AttestationData'];
const OWN_OF_IMAGE = ['Platform', 'Size', 'UnpackedSize'];

/** The manifests of an image; of the containers that each lists, those that are seen. */
export async function seenManifests(list: string, sight: Sight): Promise<string> {
  if (isNull(list) || (sight.all('container') && sight.all('image'))) return list;
  const image = new Map<string, SlowEdit>([
    ...keeping(OWN_OF_IMAGE),
    ['Containers', (ids) => seenContainers(ids, sight)],
  ]);
  const manifest = new Map<string, SlowEdit>([
    ...keeping(OWN),
    ['ImageData', (data) => rewriteMembers(data, image, leaveOut)],
  ]);
  return writeList(await judgeAll(elementsOf(list), (raw) => rewriteMembers(raw, manifest, leaveOut)));
}

/** A list of ids. A number would count everybody's. */
async function seenContainers(raw: string, sight: Sight): Promise<string | undefined> {
  if (!raw.startsWith('[')) return undefined;
  const ids = elementsOf(raw);
  const seen = await judgeAll(ids, async (text) => {
    const id: unknown = JSON.parse(text);
    return typeof id === 'string' && (await sight.seesById('container', id));
  });
  return writeList(ids.filter((_, index) => seen[index]));
}
