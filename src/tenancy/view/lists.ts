import { JsonError } from '../../docker/strict-json.ts';
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

/**
 * The elements of a list. The whole is parsed, so it is JSON when this returns, and it is cut into its elements' texts when
 * the first of these is asked for: of a list that goes on as it is, none ever is.
 *
 * @throws SyntaxError, or JsonError when it is no list
 */
export function parsedElements(list: string): readonly Element[] {
  const values: unknown = JSON.parse(list);
  if (values === null) return [];
  if (!Array.isArray(values)) throw new JsonError('a list was expected');
  let texts: readonly string[] | undefined;
  const textOf = (index: number): string => {
    texts ??= elementsOf(list);
    return texts[index] as string;
  };
  return values.map((value: unknown, index) => new ListElement(value, index, textOf));
}

class ListElement implements Element {
  readonly value: unknown;
  readonly #index: number;
  readonly #textOf: (index: number) => string;

  constructor(value: unknown, index: number, textOf: (index: number) => string) {
    this.value = value;
    this.#index = index;
    this.#textOf = textOf;
  }

  get raw(): string {
    return this.#textOf(this.#index);
  }
}

/** Those of a list's elements that may be inspected, in their order. */
export async function seenElements(kind: OwnedKind, list: string, sight: Sight): Promise<readonly Element[]> {
  return seenOf(kind, parsedElements(list), sight);
}

/** Those of the elements that may be inspected, in their order; the same array where all may. */
export async function seenOf(
  kind: OwnedKind,
  elements: readonly Element[],
  sight: Sight,
): Promise<readonly Element[]> {
  if (sight.all(kind)) return elements;
  const seen = await judgeAll(elements, ({ value }) => {
    const shown = shownOf(kind, value);
    return shown !== undefined && sight.sees(shown);
  });
  return seen.includes(false) ? elements.filter((_, index) => seen[index]) : elements;
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
