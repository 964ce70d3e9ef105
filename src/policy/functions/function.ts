import type { Facts } from '../../docker/facts/types.ts';
import { CONDITION_NOT_MET } from '../conditions/compare.ts';
import type { Complaint, Finding } from '../conditions/finding.ts';
import type { Asked, Reading } from '../conditions/read.ts';
import type { Need } from '../decision.ts';
import type { Profiles } from '../profiles.ts';

/** What an argument is. All but `list` are written out in the condition. */
export type ArgumentKind = 'text' | 'number' | 'size' | 'list' | 'value';

/** A value that the condition writes out. */
export type Argument = string | number | bigint | boolean;

/** What functions need to know when a condition is loaded. */
export interface World {
  readonly profiles: Profiles;
  /** Where a path of the Engine's host leads, where that can be seen; null when it can not be told. */
  readonly realPath?: (path: string) => string | null;
}

/** A call, made ready when the condition is loaded. */
export interface Prepared {
  readonly needs: readonly Need[];
  judge(asked: Asked, list: Reading | undefined, effect: 'allow' | 'deny'): Finding;
}

/** A function that conditions may call: one file, registered with Casbin under its name. */
export interface ConditionFunction {
  readonly name: string;
  /** The reason id of refusals; that of a check where a check says it. */
  readonly reason: string;
  /** One sentence for docs/policies.md. */
  readonly means: string;
  /** For docs/policies.md: a call that compiles. */
  readonly example: string;
  /** Kinds of the arguments: those that must be there, and the one that may repeat, at least once. */
  readonly takes: { readonly first?: readonly ArgumentKind[]; readonly rest?: ArgumentKind };
  /** @returns a fault as the rest of a sentence that begins with the call, when the arguments make no sense */
  prepare(args: readonly Argument[], world: World): Prepared | string;
}

/** What offends in a request, as far as a function is concerned. */
export interface Offence {
  readonly field: string;
  /** What it asks for, to follow the field. */
  readonly asks: string;
  /** It may be permitted for all that is known; counts against the request nevertheless. */
  readonly untold?: boolean;
  readonly check?: string;
  readonly remedy?: string;
  readonly profile?: string;
}

/** How a call judges facts. */
export interface Judgement {
  /** What would be accepted, in half a sentence. */
  readonly remedy: string;
  readonly needs?: readonly Need[];
  offences(facts: Facts, operation: string): readonly Offence[];
}

type About = Omit<ConditionFunction, 'prepare'> & {
  /** What the function looks at, for refusals where it should not have been met. */
  readonly looksAt: string;
};

/** Makes a function over facts, of which it is met when nothing offends. */
export function defineFunction(
  about: About,
  judgementOf: (args: readonly Argument[], world: World) => Judgement | string,
): ConditionFunction {
  const { looksAt, ...rest } = about;
  return Object.freeze({
    ...rest,
    prepare(args: readonly Argument[], world: World): Prepared | string {
      const judgement = judgementOf(args, world);
      if (typeof judgement === 'string') return judgement;
      const call = `${about.name}(${args.map((arg) => (typeof arg === 'string' ? JSON.stringify(arg) : String(arg))).join(', ')})`;
      const favour = [
        {
          check: CONDITION_NOT_MET,
          field: looksAt,
          asks: `is within ${call}`,
          remedy: 'ask for something else',
        },
      ];
      const { remedy, needs = [] } = judgement;
      return {
        needs,
        judge({ facts, operation }: Asked): Finding {
          if (facts === undefined) return UNKNOWN;
          const offences = judgement.offences(facts, operation.id);
          if (offences.length === 0) return { met: true, against: [], favour };
          const against = offences.map(
            ({ untold: _, ...offence }): Complaint => ({ check: about.reason, remedy, ...offence }),
          );
          return { met: offences.some(({ untold }) => !untold) ? false : undefined, against, favour: [] };
        },
      };
    },
  });
}

/** Before the body is read. */
const UNKNOWN: Finding = {
  met: undefined,
  against: [{ check: CONDITION_NOT_MET, field: 'body', asks: 'is not known yet', remedy: 'send it' }],
  favour: [],
};

/** Arguments that are texts. */
export function texts(args: readonly Argument[]): readonly string[] {
  return args.map(String);
}

/** `a, b or c` */
export function either(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} or ${last}`;
}
