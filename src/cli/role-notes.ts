import { readFileSync } from 'node:fs';
import { nearest } from '../config/suggest.ts';
import { readRows } from '../policy/csv.ts';

const ROLE = 'role:';

/**
 * A sentence for each role that no line of the grants speaks of: most likely mistyped, and its holder may do nothing.
 *
 * @param grants path of grants.csv, where there is one; what can not be read gives no sentences: `doctor` tells of it
 */
export function roleNotes(grants: string | undefined, roles: readonly string[]): string[] {
  if (grants === undefined) return [];
  let text: string;
  try {
    text = readFileSync(grants, 'utf8');
  } catch {
    return [];
  }
  const known = readRows(text).flatMap(({ columns: [, subject = ''] = [] }) =>
    subject.startsWith(ROLE) ? [subject.slice(ROLE.length)] : [],
  );
  return roles
    .filter((role) => !known.includes(role))
    .map((role) => {
      const meant = nearest(role, known);
      return `${grants} grants nothing to the role ${role}${meant === undefined ? '' : `; did you mean ${meant}?`}`;
    });
}
