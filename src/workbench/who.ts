import { findOperation, OPERATIONS } from '../docker/operations.ts';
import type { Operation } from '../docker/types.ts';
import { ConfigError } from '../errors.ts';
import type { Grant } from '../policy/grants.ts';
import type { PolicyText } from '../policy/load.ts';
import { compileResource, ignoresNames, partsOf, resourceFault } from '../policy/resource-pattern.ts';
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
  /** Whether one of them has no condition, and holds under every name that it answers to. */
  readonly isDenied: boolean;
  /** Whether only those of the resource's own tenant have it (`{tenant}`). */
  readonly isOwnTenant: boolean;
}

/**
 * Who may do an operation on a resource, by the lines of the policy: roles that certificates and tokens give are told as
 * roles. Grants come in the order of the file, each with whoever is a member of its subject.
 *
 * @param tenants whether tenants are told apart: else whoever may act on an object by its id passes a denial of its name
 * @throws ConfigError for what no resource can be
 */
export function whoMay(
  { grants, memberships }: PolicyText,
  operation: string,
  resource: string,
  tenants = false,
): readonly Holder[] {
  const known = findOperation(operation);
  if (known === undefined) throw new ConfigError([`${operation} is no operation`]);
  // Of what no request is about nobody has a grant, and that would be no answer.
  const fault = resource.includes('*')
    ? 'is a pattern; name one'
    : (resourceFault(resource, KINDS, tenants) ?? kindFault(known, resource, tenants));
  if (fault !== undefined) throw new ConfigError([`${JSON.stringify(resource)} ${fault}`]);
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
        isDenied: own.some((each) => each.condition.always && (tenants || isOfAllNames(each, resource))),
        isOwnTenant: grant.resource.includes('{tenant}'),
      };
    });
  });
}

const KINDS: ReadonlySet<string> = new Set(OPERATIONS.map(({ kind }) => kind));

function kindFault(
  { id, kind, involves = [], names = [] }: Operation,
  resource: string,
  tenants: boolean,
): string | undefined {
  const given = partsOf(resource).kind;
  const acts = [kind, ...involves, ...(tenants ? names : [])];
  return acts.some((each) => each === given)
    ? undefined
    : `is nothing that ${id} acts on: ${acts.join(', ')}`;
}

/** Kinds whose objects answer to a name and to an id. */
const TWO_NAMED = /^(?:container|network|service|secret|config)\//;

function isOfAllNames({ resource: pattern }: Grant, resource: string): boolean {
  return !TWO_NAMED.test(resource) || ignoresNames(pattern);
}
