/** What Casbin said, and why. Allowed or not, a decision names what decided it. */
export interface Decision {
  readonly effect: 'allow' | 'deny';
  /** Stable reason id: `granted`, `not-granted`, `denied-by-grant`, or `policy-error` when Casbin could not decide. */
  readonly reason: string;
  /** The deciding grant as `file:line`, absent when nothing matched. */
  readonly grant?: string;
  /** Digest over the model and the grants this decision was made with, 12 hexadecimal digits. */
  readonly policyVersion: string;
}

/** A decision, with the object of the request that it was made on. */
export interface DecisionOn extends Decision {
  readonly resource: string;
}

/** What the policy is asked. */
export interface Question {
  readonly principal: { readonly name: string; readonly tenant: string; readonly roles: readonly string[] };
  /** `kind/tenant/name`, see tenancy/resource.ts. */
  readonly resource: string;
  readonly operation: { readonly id: string; readonly class: string };
}

/** A loaded, validated policy. */
export interface Policy {
  readonly version: string;
  decide(question: Question): Decision;
}
