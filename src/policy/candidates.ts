import type { Grant } from './grants.ts';
import { atOnce, type Work } from './unhurried.ts';

/**
 * Chooses the grants that Casbin looks at: all that could match, and perhaps more; in the order of the file.
 *
 * @param covers whether a resource pattern covers what is acted on; absent where it may be anything
 */
export type Candidates = (
  subjects: ReadonlySet<string>,
  operation: string,
  covers?: (pattern: string) => boolean,
) => readonly Grant[];

/**
 * An index over grants by subject and operation. Casbin looks at every grant it is given, so its time grows with
 * their number; what can not match by subject, operation or resource need not be among them. Denials are indexed like
 * everything else.
 */
export function indexCandidates(grants: readonly Grant[]): Candidates {
  return atOnce(indexingCandidates(grants));
}

/** The same, in pieces. */
export function* indexingCandidates(grants: readonly Grant[]): Work<Candidates> {
  const bySubject = new Map<string, Map<string, Grant[]>>();
  for (const grant of grants) {
    const byOperation = bySubject.get(grant.subject) ?? new Map<string, Grant[]>();
    bySubject.set(grant.subject, byOperation);
    for (const id of grant.covered) {
      const listed = byOperation.get(id);
      if (listed === undefined) byOperation.set(id, [grant]);
      else listed.push(grant);
    }
    yield;
  }
  return (subjects, operation, covers) => {
    const lists: Grant[][] = [];
    for (const subject of subjects) {
      const listed = bySubject.get(subject)?.get(operation);
      if (listed !== undefined) lists.push(listed);
    }
    const [only = [], another] = lists;
    const found = another === undefined ? only : lists.flat().sort((a, b) => a.line - b.line);
    return covers === undefined ? found : found.filter(({ resource }) => covers(resource));
  };
}
