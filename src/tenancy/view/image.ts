import { parsedElements, relisted } from './lists.ts';
import { seenManifests } from './manifests.ts';
import {
  type Edit,
  editMembers,
  endOf,
  keeping,
  leaveOut,
  rewriteMembers,
  type SlowEdit,
} from './raw-json.ts';
import { onlyThese, seenReferences, seesImageId, seesReference } from './references.ts';
import { listOf, objectOf, textOf } from './shown.ts';
import type { JsonView } from './types.ts';

/** Go's zero time, which the Engine shows of an image that was never tagged here. */
const NEVER = '"0001-01-01T00:00:00Z"';
/** The Engine's word for a layer whose image is not here. */
const MISSING = '"<missing>"';

/** What an inspected image says of itself. Not `Identity`: it names the repositories that the image came from. */
const OWN = [
  'Id Comment Created Container ContainerConfig DockerVersion Author Config Architecture Variant Os OsVersion',
  'Size VirtualSize GraphDriver RootFS Descriptor',
].flatMap((line) => line.split(' '));
const OWN_OF_LAYER = ['Created', 'CreatedBy', 'Size', 'Comment'];

/**
 * One image, which was judged, by those of its references that are seen. The image that it was made of may be
 * another's, and when it was last tagged may tell of a tag that is not shown.
 */
export const IMAGE_INSPECT: JsonView = {
  kind: 'json',
  async rewrite(body, sight) {
    if (sight.all('image') && sight.all('container')) return body;
    const { tags, digests } = seenReferences(JSON.parse(body), sight);
    const metadata = new Map<string, Edit>([['LastTagTime', () => NEVER]]);
    const edits = new Map<string, SlowEdit>([
      ...keeping(OWN),
      ['RepoTags', (list) => onlyThese(list, tags)],
      ['RepoDigests', (list) => onlyThese(list, digests)],
      ['Parent', (id) => (seesImageId(JSON.parse(id), sight) ? id : '""')],
      ['Metadata', (data) => (sight.all('image') ? data : editMembers(data, metadata, leaveOut))],
      ['Manifests', (list) => seenManifests(list, sight)],
    ]);
    return (await rewriteMembers(body, edits, sight.all('image') ? undefined : leaveOut)) + endOf(body);
  },
};

/**
 * The layers of one image, which was judged: the first is its own. Those below may be images of others, whose ids go
 * with their names.
 */
export const IMAGE_HISTORY: JsonView = {
  kind: 'json',
  async rewrite(body, sight) {
    if (sight.all('image')) return body;
    const layers = parsedElements(body).map(({ raw, value }, index) => {
      const { Id, Tags } = objectOf(value);
      const tags = listOf(Tags)
        .map(textOf)
        .filter((tag) => seesReference(tag, sight));
      const seen = index === 0 || tags.length > 0 || seesImageId(Id, sight);
      const edits = new Map<string, Edit>([
        ...keeping(OWN_OF_LAYER),
        ['Tags', (list) => (tags.length > 0 ? onlyThese(list, tags) : 'null')],
        ['Id', (id) => (seen ? id : MISSING)],
      ]);
      return editMembers(raw, edits, leaveOut);
    });
    return relisted(body, layers);
  },
};
