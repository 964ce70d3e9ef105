import type { Fact, Facts } from '../../docker/facts/types.ts';

/** One hazard: one file, one reason id. All checks of a profile are run, so that a refusal names every reason. */
export interface Check {
  /** The reason id, and the name of the file: `host-path`. */
  readonly id: string;
  /** What it forbids, for docs: "paths of the host in a container". */
  readonly forbids: string;
  /** Where the rule comes from: "PSS baseline: HostPath Volumes", "ours", "CVE-...". */
  readonly source: string;
  /** What would be accepted, in half a sentence: "use a named volume". A violation may say it more closely. */
  readonly remedy: string;
  /** What offends, in the order in which the request says it; empty when nothing does. Pure. */
  violations(facts: Facts): readonly Violation[];
}

/** One thing in a request that a check forbids. */
export interface Violation {
  /** The check's id. */
  readonly check: string;
  /** The field that says it: `HostConfig.Binds[0]`. */
  readonly field: string;
  /** What it asks for, to follow the field: "mounts /etc of the host". */
  readonly asks: string;
  /** What would be accepted, in half a sentence: "use a named volume". */
  readonly remedy: string;
}

/** A violation but for what the check says about each of its own. */
export interface Offence extends Fact {
  readonly asks: string;
  readonly remedy?: string;
}

/** Makes a check out of what offends it. */
export function defineCheck(
  about: Pick<Check, 'id' | 'forbids' | 'source' | 'remedy'>,
  offences: (facts: Facts) => readonly Offence[],
): Check {
  return Object.freeze({
    ...about,
    violations(facts: Facts): readonly Violation[] {
      const found = offences(facts);
      if (found.length === 0) return NONE;
      return found.map(({ field, asks, remedy = about.remedy }) => ({
        check: about.id,
        field,
        asks,
        remedy,
      }));
    },
  });
}

const NONE: readonly Violation[] = Object.freeze([]);
