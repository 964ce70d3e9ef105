import type { Facts } from '../docker/facts/types.ts';
import type { Query } from '../docker/types.ts';
import type { Violation } from './checks/check.ts';

/** Why a condition was not met: what offends, and the grant that minds. */
export interface Reason extends Violation {
  /** The grant whose condition it is, as `file:line`. */
  readonly grant: string;
  /** The profile that the check belongs to, where it was one. */
  readonly profile?: string;
}

/** What Casbin said, and why. Allowed or not, a decision names what decided it. */
export interface Decision {
  readonly effect: 'allow' | 'deny';
  /**
   * Stable reason id: `granted`, `not-granted`, `denied-by-grant`, `policy-error` when Casbin could not decide; or,
   * when grants would allow but for their conditions, the first of `reasons`: a check's id, a function's, or
   * `condition-not-met`.
   */
  readonly reason: string;
  /** The deciding grant as `file:line`, or the one that `reasons` are about; absent when nothing matched. */
  readonly grant?: string;
  /** The condition of that grant, or the one that could not be evaluated; absent when it is `true`. */
  readonly condition?: string;
  /**
   * All that keeps the closest grant from allowing, or that the condition of the denying one minds; each thing once,
   * at most 100. Absent unless conditions refused the request.
   */
  readonly reasons?: readonly Reason[];
  /** Of a request that is only observed: the denial that it would have met. */
  readonly observed?: DecisionOn;
  /** Digest over the model, the grants and the profiles this decision was made with, 12 hexadecimal digits. */
  readonly policyVersion: string;
}

/** A decision, with the object of the request that it was made on. */
export interface DecisionOn extends Decision {
  readonly resource: string;
}

/** What the policy is asked before the body is read. */
export interface Approach {
  readonly principal: {
    readonly name: string;
    readonly tenant: string;
    readonly roles: readonly string[];
    readonly method: string;
  };
  /** `kind/tenant/name`, see tenancy/resource.ts. */
  readonly resource: string;
  readonly operation: { readonly id: string; readonly class: string };
  /** The minor of the API version that the request is judged as. */
  readonly version: number;
  readonly query: Query;
  /** Why they say they ask; undefined when they do not say. */
  readonly statedReason?: string | undefined;
}

/** Who asks for what, whatever it is done on. */
export interface Asking {
  readonly principal: Approach['principal'];
  /** An operationId. */
  readonly operation: string;
}

/** What the policy is asked when all is known. */
export interface Question extends Approach {
  /** The body as its description made it (`ReadBody.value`); undefined when there is none. */
  readonly body: unknown;
  readonly facts: Facts;
}

/**
 * What only some policies speak of and what costs reading: the images that a Dockerfile is built from, the names in
 * an archive of images, and the user that an image runs as.
 */
export type Need = 'baseImages' | 'loadedImages' | 'imageUser';

/** What one grant says to a question, whether or not it decided. */
export interface Look {
  readonly line: number;
  readonly subject: string;
  /** Its pattern. */
  readonly resource: string;
  readonly operations: string;
  readonly effect: 'allow' | 'deny';
  /** As a decision cites it, `file:line`. */
  readonly grant: string;
  /** The text of its condition. */
  readonly condition: string;
  /** Whether it is about the resource. */
  readonly covers: boolean;
  /** What became of its condition; undefined where that can not be told, or where it is not about the resource. */
  readonly met: boolean | undefined;
  /** What keeps the condition from being met; of a denial that is met, what makes it so. */
  readonly reasons: readonly Reason[];
}

/** A loaded, validated policy. Its answers are synchronous; none of them throws. */
export interface Policy {
  readonly version: string;
  /** All that somebody is: `user:NAME`, `tenant:NAME`, `role:NAME`, and what these are members of. */
  subjects(principal: Approach['principal']): ReadonlySet<string>;
  /** Whether any body could be allowed: when it says deny, so would `decide`, whatever the body is. */
  admits(approach: Approach): Decision;
  decide(question: Question): Decision;
  /** Whether a grant names `UnknownFields`: body fields that no model knows may be forwarded. */
  allowsUnknownFields(approach: Approach): boolean;
  /** Whether any grant allows the operation on anything at all. */
  speaksOf(asked: Asking): boolean;
  /** Whether the operation is allowed on every object of a kind, whoever owns it and whatever it is called. */
  isUnlimited(asked: Asking, kind: string): boolean;
  /** Whether grants tell objects of one kind and tenant apart by their names. */
  mindsNames(asked: Asking, kind: string): boolean;
  /**
   * What each grant says to a question that is about this principal and operation, in the order of the file.
   *
   * @param question without body and facts: as `admits` is asked
   */
  looks(question: Question | Approach): readonly Look[];
  /** What of the request the conditions speak of that could matter: `facts`, `body`, `query.NAME`, `principal`, ... */
  mentions(approach: Approach): ReadonlySet<string>;
  /** What the facts must tell for `decide` to judge by more than "unknown". */
  needs(approach: Approach): ReadonlySet<Need>;
}
