import { formatImageName, parseImageReference } from '../../docker/image-reference.ts';

/**
 * Names that were seen, as patterns: one that was made up for the occasion (an id, a digest, a number that grows) becomes
 * a star, others stay as they are. Nothing that a client called something gets into a policy but by `isPlain`.
 */

/** More names of one kind than so many are told by what they have in common. */
const MOST_NAMES = 8;

/** What patterns may hold: a star in a name would be one, and an empty part is a fault (resource-pattern.ts). */
const PLAIN = /^(?!\/)(?!.*\/(?:\/|$))[A-Za-z0-9._:@/+~-]+$/;

/** Ids: of containers and networks, whole or their beginning; of objects of a swarm. */
const ID = /^(?:sha256:)?(?:[0-9a-f]{12}|[0-9a-f]{64}|[0-9a-z]{25})$/;
/** What Docker calls a container that nobody named. */
const MADE_UP = /^[a-z]+_[a-z]+[0-9]?$/;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

export function isPlain(text: string): boolean {
  return PLAIN.test(text);
}

/**
 * Patterns for names of objects.
 *
 * @param names as they were asked for; empty for none in particular
 * @param isUnnamed whether some were made without a name, so that Docker chose it
 */
export function namePatterns(names: Iterable<string>, isUnnamed = false): readonly string[] {
  const patterns = new Set<string>();
  for (const name of names) patterns.add(patternOf(name, isUnnamed));
  if (patterns.has('*')) return ['*'];
  return patterns.size > MOST_NAMES ? [inCommon([...patterns])] : [...patterns].sort();
}

function patternOf(name: string, isUnnamed: boolean): string {
  if (name === '') return '';
  if (!isPlain(name) || ID.test(name) || (isUnnamed && MADE_UP.test(name))) return '*';
  const parts = name.replace(UUID, '*').split(/([-_.])/);
  const pattern = parts.map((part) => (isRandom(part) ? '*' : part)).join('');
  return pattern.replace(/\*(?:[-_.]?\*)+/g, '*');
}

/** Numbers of four digits and more, and hexadecimal ones that are no word. */
function isRandom(part: string): boolean {
  return /^[0-9]{4,}$/.test(part) || (/^[0-9a-f]{6,}$/.test(part) && /[0-9]/.test(part));
}

/** What they all begin with, up to where a word ends. */
function inCommon(patterns: readonly string[]): string {
  const [first = '', ...others] = [...patterns].sort();
  const last = others.at(-1) ?? first;
  let end = 0;
  while (end < first.length && first[end] === last[end]) end += 1;
  const begin = /^.*[-_.]/.exec(first.slice(0, end))?.[0] ?? '';
  return begin.length < 3 ? '*' : `${begin.replace(/\*.*$/, '')}*`;
}

/**
 * Patterns for images, in full: one tag stays as it is, several become a star, as digests do.
 *
 * @param references `docker.io/library/alpine:3`, or an id
 */
export function imagePatterns(references: Iterable<string>): readonly string[] {
  /** Tags and digests by repository. */
  const chosen = new Map<string, Set<string>>();
  const patterns = new Set<string>();
  for (const reference of references) {
    const parsed = parseImageReference(reference);
    if (!isPlain(reference) || parsed === null || parsed.type === 'id') {
      patterns.add('*');
      continue;
    }
    const { tag, digest, ...name } = parsed;
    const repository = formatImageName(name);
    const choices = chosen.get(repository) ?? new Set<string>();
    chosen.set(repository, choices.add(digest !== undefined ? '@*' : tag === undefined ? '' : `:${tag}`));
  }
  for (const [repository, choices] of chosen) {
    const tags = [...choices].filter((each) => each.startsWith(':'));
    const isMany = tags.length > 1 || tags.some((tag) => tag.slice(1).split(/[-_.]/).some(isRandom));
    if (isMany) patterns.add(`${repository}:*`);
    for (const each of choices) if (!isMany || !each.startsWith(':')) patterns.add(`${repository}${each}`);
  }
  return [...patterns].sort();
}
