import { findOperation } from '../docker/operations.ts';
import { ConfigError } from '../errors.ts';
import type { Grant } from '../policy/grants.ts';
import type { PolicyText } from '../policy/load.ts';
import { compileResource, partsOf } from '../policy/resource-pattern.ts';
import { EVERYBODY } from '../policy/subjects.ts';
import { type Way, Ways } from './through.ts';

/** Somebody whom grants speak of, and what they say of an operation on a resource. */
export interface Holder {
  /** `user:NAME`, `role:NAME`, `tenant:NAME` or `*`. */
  readonly subject: string;
  /** Whose grants they are, and by which memberships this one has them. */
  readonly of: string;
  readonly way: Way;
  readonly grant: Grant;
  /** Denials that hold for it too: all of it, or under their conditions. */
  readonly denials: readonly Grant[];
  /** Whether one of them has no condition. */
  readonly isDenied: boolean;
  /** Whether only those of the resource's own tenant have it (`{tenant}`). */
  readonly isOwnTenant: boolean;
}

/**
 * Who may do an operation on a resource, by the lines of the policy: roles that certificates and tokens give are told as
 * roles. Grants come in the order of the file, each with whoever is a member of its subject.
 *
 * @throws ConfigError for what no resource can be
 */
export function whoMay(
  { grants, memberships }: PolicyText,
  operation: string,
  resource: string,
): readonly Holder[] {
  if (findOperation(operation) === undefined) throw new ConfigError([`${operation} is no operation`]);
  const { tenant } = partsOf(resource);
  const covers = ({ resource: pattern }: Grant): boolean => compileResource(pattern)(resource, tenant ?? '');
  const about = grants.filter((grant) => grant.covered.has(operation) && covers(grant));
  const ways = new Ways(memberships);
  const denials = about.filter(({ effect }) => effect === 'deny');
  return about.flatMap((grant) => {
    if (grant.effect === 'deny') return [];
    const members = [{ member: grant.subject, way: [] as Way }, ...ways.from(grant.subject)];
    return members.map(({ member, way }): Holder => {
      const own = denials.filter(
        ({ subject }) => subject === EVERYBODY || ways.to([member], subject) !== undefined,
      );
      return {
        subject: member,
        of: grant.subject,
        way,
        grant,
        denials: own,
        isDenied: own.some(({ condition }) => condition.always),
        isOwnTenant: grant.resource.includes('{tenant}'),
      };
    });
  });
}
