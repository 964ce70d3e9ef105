import type { Sight } from '../sight.ts';
import { type Element, parsedElements, relisted } from './lists.ts';
import { checked, type Edit, editMembers, endOf, leaveOut, memberOf } from './raw-json.ts';
import { seesImageId, seesReference } from './references.ts';
import { objectOf } from './shown.ts';
import type { JsonView } from './types.ts';

/**
 * What went with one image, which was judged: its references that are seen, and the layers below it that nothing
 * else held.
 */
export const IMAGE_DELETE: JsonView = {
  kind: 'json',
  async rewrite(body, sight) {
    if (sight.all('image')) return body;
    const told = parsedElements(body).filter(
      (line) => isSeen(line, sight) || only(line, 'Deleted') !== undefined,
    );
    return relisted(body, textsOf(told));
  },
};

/** What went of everybody's. The bytes are told when every image that they were of is seen. */
export const IMAGE_PRUNE: JsonView = {
  kind: 'json',
  async rewrite(body, sight) {
    if (sight.all('image')) return body;
    const all = parsedElements(memberOf(checked(body), 'ImagesDeleted'));
    const seen = all.filter((line) => isSeen(line, sight) || seesImageId(only(line, 'Deleted'), sight));
    const edits = new Map<string, Edit>([
      ['ImagesDeleted', (list) => relisted(list, textsOf(seen))],
      ['SpaceReclaimed', (size) => (all.length > 0 && seen.length === all.length ? size : '0')],
    ]);
    return editMembers(body, edits, leaveOut) + endOf(body);
  },
};

function isSeen(line: Element, sight: Sight): boolean {
  const reference = only(line, 'Untagged');
  return reference !== undefined && seesReference(reference, sight);
}

/** The text of a line's one member, when it is that. */
function only({ value }: Element, name: string): string | undefined {
  const members = Object.entries(objectOf(value));
  const [[key, text] = []] = members;
  return members.length === 1 && key === name && typeof text === 'string' ? text : undefined;
}

function textsOf(elements: readonly Element[]): readonly string[] {
  return elements.map(({ raw }) => raw);
}
