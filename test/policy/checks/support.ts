import { describe, expect, it } from 'vitest';
import { NO_FACTS } from '../../../src/docker/facts/none.ts';
import type { Facts, NetworkFact, SecurityFacts } from '../../../src/docker/facts/types.ts';
import type { Check, Violation } from '../../../src/policy/checks/check.ts';

type Said = Partial<Facts>;

/** What a check is held against: each title reads on after "refuses" or "accepts". */
interface Cases {
  readonly refuses: readonly (readonly [
    title: string,
    said: Said,
    found: readonly Omit<Violation, 'check'>[],
  ])[];
  readonly accepts: readonly (readonly [title: string, said: Said])[];
}

/** The tests of one check. It accepts a request that asks for nothing, unless the cases say otherwise. */
export function describeCheck(check: Check, id: string, { refuses, accepts }: Cases): void {
  describe(`the check ${id}`, () => {
    it.each(refuses)('refuses %s', (_, said, found) => {
      expect(check.violations({ ...NO_FACTS, ...said })).toEqual(
        found.map((each) => ({ check: id, ...each })),
      );
    });

    it.each([['a request that asks for nothing', {}] as const, ...accepts])('accepts %s', (_, said) => {
      expect(check.violations({ ...NO_FACTS, ...said })).toEqual([]);
    });
  });
}

/** Facts that say something about security only. */
export function security(said: Partial<SecurityFacts>): Said {
  return { security: { others: [], ...said } };
}

/** A network that is joined. */
export function network(said: Partial<NetworkFact>): NetworkFact {
  return {
    field: 'NetworkingConfig.EndpointsConfig.net',
    name: 'net',
    driver: null,
    aliases: [],
    addresses: [],
    options: [],
    ...said,
  };
}
