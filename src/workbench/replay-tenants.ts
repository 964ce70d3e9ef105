import { findOperation } from '../docker/operations.ts';
import type { Policy } from '../policy/decision.ts';
import { partsOf } from '../policy/resource-pattern.ts';
import { INSPECT } from '../tenancy/policy-sight.ts';
import type { Recorded } from './recorded.ts';

/** Another operation that the policy is asked about, and the reason id where that is not the policy's own. */
type Besides = readonly [operationId: string, resource: string, reason?: string];

/**
 * What else keeps a request back where tenants are told apart: what may not be inspected does not exist, and some requests
 * come to another operation too (`locate`, `refer` and `denialBesides` in tenancy/). Of a volume in a body nobody knows
 * whether it was there, so none is asked about.
 *
 * @returns the reason id; `missing`: what the record lacks that it depends on; undefined where nothing does
 */
export function refusedBesides(
  policy: Policy,
  recorded: Recorded,
): { readonly reason: string } | { readonly missing: string } | undefined {
  const { principal, version, statedReason, operation, untold } = recorded;
  const asker = principal as Parameters<Policy['admits']>[0]['principal'];
  const minds = (id: string): boolean => policy.mindsNames({ principal: asker, operation: id }, 'container');
  if (operation.kind === 'exec' && ['ContainerExec', INSPECT.container].some(minds))
    return { missing: 'the name of the container' };
  // A pull, or an import.
  if (operation.id === 'ImageCreate' && untold.has('*')) return { missing: 'query.fromImage' };
  for (const [id, resource, reason] of besides(recorded)) {
    const group = findOperation(id)?.class ?? '';
    const approach = { principal: asker, version, statedReason, query: {} };
    const decision = policy.admits({ ...approach, operation: { id, class: group }, resource });
    if (decision.effect === 'deny') return { reason: reason ?? decision.reason };
  }
  return undefined;
}

function besides({ operation, resources, query }: Recorded): readonly Besides[] {
  const { id, kind, path } = operation;
  const [acted, ...named] = resources;
  if (kind === 'exec') {
    const container = `container/${partsOf(acted).tenant}/*`;
    return [...inspection(container), ['ContainerExec', container]];
  }
  if (id === 'ImageCreate') return (query['fromImage'] ?? '') === '' ? [['ImageLoad', acted]] : [];
  const isThere = path.includes('{') && !NAMED_OTHERWISE.has(id);
  const refersTo = REFERRING.has(kind) || id === 'ImageCommit' ? named : [];
  const there = id === 'ContainerRename' ? [] : refersTo.filter((each) => partsOf(each).kind !== 'volume');
  return [...(isThere ? [acted] : []), ...there].flatMap(inspection);
}

/** Their path names an image, and the resource is another, or is written without the tag that was looked for. */
const NAMED_OTHERWISE: ReadonlySet<string> = new Set(['ImageTag', 'ImagePush', 'ImageGet', 'ImageDelete']);
/** Kinds whose operations name further objects by references. */
const REFERRING: ReadonlySet<string> = new Set(['container', 'network', 'service']);

function inspection(resource: string): readonly Besides[] {
  const id = (INSPECT as Readonly<Record<string, string>>)[partsOf(resource).kind];
  return id === undefined ? [] : [[id, resource, 'no-such-object']];
}
