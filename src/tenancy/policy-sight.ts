import { andThen, type Soon } from '../at-once.ts';
import {
  formatImageName,
  parseImageName,
  parseImageReference,
  withDefaultTag,
} from '../docker/image-reference.ts';
import { findOperation } from '../docker/operations.ts';
import type { Operation } from '../docker/types.ts';
import type { Approach, Decision, Policy } from '../policy/decision.ts';
import { BRIDGE, type Names } from './names/names.ts';
import { isAnonymous, type Objects } from './objects.ts';
import { isEnginesNetwork, type Owned, type OwnedKind, type Shown } from './owned.ts';
import { UNOWNED } from './resource.ts';
import type { Sight } from './sight.ts';

/** The operation that inspects one object of a kind: who may do it sees the object. */
export const INSPECT = {
  container: 'ContainerInspect',
  network: 'NetworkInspect',
  volume: 'VolumeInspect',
  service: 'ServiceInspect',
  task: 'TaskInspect',
  secret: 'SecretInspect',
  config: 'ConfigInspect',
  image: 'ImageInspect',
  engine: 'SystemInfo',
} as const;

/** An object as it stands in a resource name. */
export function resourceOf({ kind, tenant, name }: Pick<Owned, 'kind' | 'tenant' | 'name'>): string {
  return `${kind}/${tenant}/${name}`;
}

/** Who looks: what all of one request's questions to the policy have in common. */
type Viewer = Pick<Approach, 'principal' | 'version' | 'statedReason'>;

/** What one principal may inspect by the policy, asked for the time of one request. */
export class PolicySight implements Sight {
  readonly tenant: string;
  readonly #policy: Policy;
  readonly #objects: Objects;
  readonly #viewer: Viewer;
  readonly #principal: Approach['principal'];
  readonly #names: Names;
  readonly #seesOwn: boolean;
  readonly #answers = new Map<string, boolean>();
  #anonymous: Promise<ReadonlyMap<string, string>> | undefined;

  /** @param seesOwn what the own tenant owns is seen whatever the policy says: it is only observed */
  constructor(
    policy: Policy,
    objects: Objects,
    viewer: Viewer,
    { names, seesOwn }: { readonly names: Names; readonly seesOwn: boolean },
  ) {
    const { principal } = viewer;
    this.tenant = principal.tenant;
    this.#policy = policy;
    this.#objects = objects;
    this.#viewer = viewer;
    this.#principal = principal;
    this.#names = names;
    this.#seesOwn = seesOwn;
  }

  all(kind: keyof typeof INSPECT): boolean {
    // Of the Engine there is one, so every reader sees it; who may do all to it runs it.
    const operation = kind === 'engine' ? 'DebugVars' : INSPECT[kind];
    return this.#policy.isUnlimited({ principal: this.#principal, operation }, kind);
  }

  /** Whether what is remembered of an object suffices: not where grants speak of names, which change. */
  trustsNames(kind: OwnedKind, operation: string): boolean {
    const principal = this.#principal;
    return (
      !this.#policy.mindsNames({ principal, operation }, kind) &&
      !this.#policy.mindsNames({ principal, operation: INSPECT[kind] }, kind)
    );
  }

  /** What the policy says of an operation on a resource, as far as that can be told before the body is read. */
  asked(operation: Operation, resource: string): Decision {
    const { principal, version, statedReason } = this.#viewer;
    return this.#policy.admits({ principal, resource, operation, version, query: {}, statedReason });
  }

  /** Whether an operation is allowed on everything of a kind, whoever owns it. */
  isUnlimited(operation: string, kind: string): boolean {
    return this.#policy.isUnlimited({ principal: this.#principal, operation }, kind);
  }

  sees(shown: Shown): Soon<boolean> {
    if (!isAnonymous(shown)) return andThen(this.#objects.owned(shown), (owned) => this.seesOwned(owned));
    // One list can have thousands, and each would have the Engine go through all containers.
    this.#anonymous ??= this.#objects.anonymousVolumes();
    return this.#anonymous.then((tenants) =>
      this.seesOwned({ ...shown, tenant: tenants.get(shown.name) ?? UNOWNED }),
    );
  }

  seesOwned(owned: Owned): boolean {
    const { kind, tenant } = owned;
    // The tenant has one of its own, by that name.
    if (this.#names.areOwn && owned.name === BRIDGE && isEnginesNetwork(owned)) return false;
    if (this.#seesOwn && tenant === this.tenant) return true;
    const minds = this.#policy.mindsNames({ principal: this.#principal, operation: INSPECT[kind] }, kind);
    return this.#ask(kind, minds ? resourceOf(owned) : `${kind}/${tenant}/*`);
  }

  seesImage(reference: string): boolean {
    const full = fullName(reference);
    return full !== undefined && this.#ask('image', `image/${full}`);
  }

  async seesById(kind: OwnedKind, id: string): Promise<boolean> {
    const known = this.#objects.remembered(kind, id);
    if (known !== undefined && this.trustsNames(kind, INSPECT[kind])) return this.seesOwned(known);
    const found = await this.#objects.find(kind, id).catch(() => undefined);
    return found !== undefined && found.id === id && this.seesOwned(await this.#objects.owned(found));
  }

  #ask(kind: keyof typeof INSPECT, resource: string): boolean {
    const known = this.#answers.get(resource);
    if (known !== undefined) return known;
    const operation = findOperation(INSPECT[kind]);
    const answer = operation !== undefined && this.asked(operation, resource).effect === 'allow';
    this.#answers.set(resource, answer);
    return answer;
  }
}

/** As the policy names images: in full with registry and tag or digest, or an id. */
function fullName(reference: string): string | undefined {
  if (/^sha256:[0-9a-f]{64}$/.test(reference)) return reference;
  const parsed = parseImageReference(reference) ?? parseImageName(reference);
  if (parsed === null) return undefined;
  return 'id' in parsed ? parsed.id : formatImageName(withDefaultTag(parsed));
}
