import { ConfigError } from '../errors.ts';

/** Why a reload was asked for. */
export type Cause = 'file' | 'database' | 'signal' | 'command';

/** What became of a reload. */
export interface ReloadReport {
  /** `unchanged`: everything was read, and is as it was. */
  readonly outcome: 'reloaded' | 'unchanged' | 'refused';
  readonly cause: Cause;
  /** RFC 3339. */
  readonly at: string;
  /** Of the policy that is in force now. */
  readonly policyVersion: string;
  /** Files that hold something else than before. */
  readonly changed: readonly string[];
  /** Why it was refused, a sentence each. */
  readonly faults: readonly string[];
}

/** One attempt: reads everything, and puts it in force or throws. @returns the files that have changed */
type Attempt = (cause: Cause) => Promise<readonly string[]>;

/** Reloads one at a time; who asks while one goes on gets one that begins after it. */
export class Reloads {
  readonly #attempt: Attempt;
  readonly #policyVersion: () => string;
  readonly #told: (report: ReloadReport, error: unknown) => void;
  #running: Promise<ReloadReport> | undefined;
  #next: Promise<ReloadReport> | undefined;
  #last: ReloadReport | undefined;
  #isClosed = false;

  /** @param told is told of each, with what it failed of */
  constructor(
    attempt: Attempt,
    policyVersion: () => string,
    told: (report: ReloadReport, error: unknown) => void,
  ) {
    this.#attempt = attempt;
    this.#policyVersion = policyVersion;
    this.#told = told;
  }

  /** The last one; undefined when there was none since the start. */
  get last(): ReloadReport | undefined {
    return this.#last;
  }

  ask(cause: Cause): Promise<ReloadReport> {
    if (this.#running === undefined) {
      this.#running = this.#run(cause).finally(() => {
        this.#running = undefined;
      });
      return this.#running;
    }
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      return this.ask(cause);
    });
    return this.#next;
  }

  /** No more begin; resolves when none goes on. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#running;
  }

  async #run(cause: Cause): Promise<ReloadReport> {
    const about = { cause, at: new Date().toISOString() };
    let report: ReloadReport;
    let fault: unknown;
    try {
      if (this.#isClosed) throw new ConfigError(['the gateway is stopping']);
      const changed = await this.#attempt(cause);
      const outcome = changed.length === 0 ? 'unchanged' : 'reloaded';
      report = { ...about, outcome, policyVersion: this.#policyVersion(), changed, faults: [] };
    } catch (error) {
      fault = error;
      const faults = error instanceof ConfigError ? error.faults : [(error as Error).message];
      report = { ...about, outcome: 'refused', policyVersion: this.#policyVersion(), changed: [], faults };
    }
    this.#last = report;
    this.#told(report, fault);
    return report;
  }
}
