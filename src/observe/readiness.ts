/** Whether one part of the gateway can do its work, and if not, why. */
export interface Condition {
  readonly ok: boolean;
  /** One sentence, for an operator. */
  readonly reason?: string;
  /** RFC 3339. */
  readonly since?: string;
}

/** Whether requests can be served, part by part. */
export interface Readiness {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, Condition>>;
  /** What else an operator wants to know of, and requests do not depend on. */
  readonly sinks?: readonly object[];
  /** Where several processes serve: how many there should be, how many serve, and how often one was replaced. */
  readonly workers?: { readonly wanted: number; readonly serving: number; readonly restarts: number };
  /** Where there are several Engines, whether each answers. */
  readonly engines?: Readonly<Record<string, Condition>> | undefined;
  readonly limits?: object;
  /** Whom the policy is only tried out on: `*`, or some roles. Absent: nobody. */
  readonly observing?: readonly string[];
  readonly revocation?: object;
  /** The OCSP answer that clients get with the certificate of the gateway; absent where none is wanted. */
  readonly stapling?: object | undefined;
  /** Where the policy is in a database: whether that is there, and which version is in force. */
  readonly policyStore?: object;
}

type Check = () => Condition | Promise<Condition>;

/** Asks every part; one that fails to answer is not ready. */
export async function readiness(checks: Readonly<Record<string, Check>>): Promise<Readiness> {
  const answers = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      try {
        return [name, await check()] as const;
      } catch {
        return [name, { ok: false, reason: 'the check failed' }] as const;
      }
    }),
  );
  return { ready: answers.every(([, { ok }]) => ok), checks: Object.fromEntries(answers) };
}
