import type { Condition } from './compile.ts';
import type { Finding } from './finding.ts';
import { type Current, createOperators, type Operators } from './operators.ts';
import type { Asked } from './read.ts';

type Effect = 'allow' | 'deny';

/** What can not be told yet: counts against the request, or, before its body is read, for it. */
type Doubt = 'against' | 'for';

interface Session {
  readonly asked: Asked;
  readonly doubt: Doubt;
  readonly findings: Map<string, Finding>;
}

/**
 * The conditions of a policy, and what became of them for the request that is being decided. Decisions are
 * synchronous, so there is one at a time.
 */
export class Evaluation {
  /** All functions that conditions consist of, to be registered with Casbin. */
  readonly operators: Operators;
  /** The text of the condition that could not be evaluated, where one could not. */
  failed: string | undefined;
  readonly #conditions: ReadonlyMap<string, Condition>;
  #session: Session | undefined;
  #effect: Effect = 'allow';

  /** @param conditions by what stands for them in Casbin's rules */
  constructor(conditions: ReadonlyMap<string, Condition>) {
    this.#conditions = conditions;
    this.operators = createOperators((): Current => ({ asked: this.#open().asked, effect: this.#effect }));
  }

  /** Holds conditions against one request while `decide` runs; each is evaluated once at most. */
  during<T>(asked: Asked, doubt: Doubt, decide: () => T): T {
    this.failed = undefined;
    this.#session = { asked, doubt, findings: new Map() };
    try {
      return decide();
    } finally {
      this.#session = undefined;
    }
  }

  /**
   * What the matcher asks of a grant.
   *
   * @throws TypeError when the condition can not be evaluated
   */
  meets(key: string, effect: Effect): boolean {
    const { doubt } = this.#open();
    const condition = this.#conditions.get(key);
    if (condition === undefined) throw new Error('a grant without a condition');
    if (condition.always) return true;
    const { met } = this.finding(key, effect);
    return met ?? (effect === 'allow') === (doubt === 'for');
  }

  finding(key: string, effect: Effect): Finding {
    const { findings } = this.#open();
    const known = findings.get(`${effect} ${key}`);
    if (known !== undefined) return known;
    const condition = this.#conditions.get(key) as Condition;
    this.#effect = effect;
    try {
      const finding = condition.evaluate(this.operators);
      findings.set(`${effect} ${key}`, finding);
      return finding;
    } catch (error) {
      this.failed = condition.text;
      throw error;
    }
  }

  #open(): Session {
    if (this.#session === undefined) throw new Error('no request is being decided');
    return this.#session;
  }
}
