import type { OwnedKind } from '../owned.ts';
import type { Sight } from '../sight.ts';
import { judgeAll } from './judge.ts';
import { elementsOf, endOf, isNull, writeList } from './raw-json.ts';
import { shownOf } from './shown.ts';
import type { JsonView } from './types.ts';

/** An element of a list: its text, and what it says. */
export interface Element {
  readonly raw: string;
  readonly value: unknown;
}

/** The elements of a list. Each is parsed, so the list is JSON when this returns. */
export function parsedElements(list: string): readonly Element[] {
  return elementsOf(list).map((raw) => ({ raw, value: JSON.parse(raw) as unknown }));
}

/** Those of a list's elements that may be inspected, in their order. */
export async function seenElements(kind: OwnedKind, list: string, sight: Sight): Promise<readonly Element[]> {
  const elements = parsedElements(list);
  if (sight.all(kind)) return elements;
  const seen = await judgeAll(elements, async ({ value }) => {
    const shown = shownOf(kind, value);
    return shown !== undefined && (await sight.sees(shown));
  });
  return elements.filter((_, index) => seen[index]);
}

/** The view of a list whose elements tell of nothing but themselves. */
export function listView(kind: OwnedKind): JsonView {
  return {
    kind: 'json',
    async rewrite(body, sight) {
      if (sight.all(kind)) return body;
      return relisted(
        body,
        (await seenElements(kind, body, sight)).map(({ raw }) => raw),
      );
    },
  };
}

/** A list with other elements; `null` stays `null`. */
export function relisted(list: string, elements: readonly string[]): string {
  return isNull(list) ? list : writeList(elements) + endOf(list);
}
