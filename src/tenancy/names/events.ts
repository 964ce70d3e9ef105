import type { Filters } from '../../docker/types.ts';
import { editMembers } from '../view/raw-json.ts';
import { objectOf, RECORD, textOf } from '../view/shown.ts';
import type { Names } from './names.ts';

/** Types of events whose actor has one of the names that are a tenant's own. */
const NAMED = ['container', 'network', 'volume'] as const;

/** One event with the reader's names. Of a container the other attributes are its labels, which are its owner's words. */
export function shownEvent(raw: string, names: Names): string {
  const event = objectOf(JSON.parse(raw));
  const type = textOf(event['Type']);
  if (!NAMED.some((each) => each === type)) return raw;
  const name = (value: string) => {
    const given = textOf(JSON.parse(value));
    const slash = given.startsWith('/') ? '/' : '';
    return JSON.stringify(slash + names.shown(given.slice(slash.length)));
  };
  const named = textOf(event['Action']) === 'rename' ? ['name', 'oldName'] : ['name'];
  const attributes = (value: string) =>
    editMembers(value, new Map(named.map((each) => [each, name] as const)));
  // Volumes have no ids, so the actor is a name.
  const actor = new Map([['Attributes', attributes], ...(type === 'volume' ? [['ID', name] as const] : [])]);
  return editMembers(raw, new Map([['Actor', (value: string) => editMembers(value, actor)]]));
}

/**
 * Filters of events by which the Engine passes all that is asked for, and perhaps more: it knows other names.
 */
export function widerEventFilters(filters: Filters, names: Names): Filters {
  return Object.fromEntries(
    Object.entries(filters).map(([key, given]) => {
      const kind = NAMED.find((each) => each === key);
      if (kind === undefined) return [key, given];
      const wider = given.flatMap((value) => [...names.meant(kind, value), value]);
      return [key, [...new Set(wider)].sort()];
    }),
  );
}

/**
 * Whether an event, with the reader's names, is one that was asked for. The Engine takes the beginning of an id or name,
 * of whatever type the event is (moby, daemon/events/filter.go, fuzzyMatchName).
 */
export function isAskedFor(line: string, filters: Filters): boolean {
  const asked = NAMED.flatMap((kind) => (filters[kind] === undefined ? [] : [filters[kind]]));
  if (asked.length === 0 || line.trim() === '') return true;
  const { ID, Attributes } = objectOf(objectOf(JSON.parse(line.replace(RECORD, '')))['Actor']);
  const known = [textOf(ID), textOf(objectOf(Attributes)['name'])];
  return asked.every(
    (values) => values.length === 0 || values.some((value) => known.some((text) => text.startsWith(value))),
  );
}
