import type { Sight } from '../sight.ts';
import { relisted, seenElements } from './lists.ts';
import { checked, editMembers, endOf, rewriteMembers } from './raw-json.ts';
import type { JsonView } from './types.ts';

/** The Engine's own word for what nobody counted. */
const NOT_COUNTED = '-1';

/**
 * One volume. How many containers hold it the Engine counts among everybody's.
 *
 * @param references how many of the containers that are seen hold it; undefined when that is not known
 */
export function volumeEntry(raw: string, references: number | undefined): string {
  const count = () => (references === undefined ? NOT_COUNTED : `${references}`);
  const usage = (data: string) => editMembers(data, new Map([['RefCount', count]]));
  return editMembers(raw, new Map([['UsageData', usage]]));
}

export const VOLUME_INSPECT: JsonView = {
  kind: 'json',
  async rewrite(body, sight) {
    return sight.all('container') ? body : volumeEntry(checked(body), undefined) + endOf(body);
  },
};

/**
 * The volumes that are seen. Warnings are what drivers say about any volume, so they are the operator's; members of
 * the reply that are not known are left out.
 */
export const VOLUME_LIST: JsonView = {
  kind: 'json',
  async rewrite(body, sight) {
    if (sight.all('volume') && sight.all('container')) return body;
    const edits = new Map([
      ['Volumes', (list: string) => seenVolumes(list, sight)],
      ['Warnings', async (list: string) => (sight.all('volume') ? list : 'null')],
    ]);
    return (await rewriteMembers(checked(body), edits, () => undefined)) + endOf(body);
  },
};

async function seenVolumes(list: string, sight: Sight): Promise<string> {
  const seen = await seenElements('volume', list, sight);
  return relisted(
    list,
    seen.map(({ raw }) => (sight.all('container') ? raw : volumeEntry(raw, undefined))),
  );
}
