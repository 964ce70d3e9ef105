import { CONDITION_NOT_MET, plainValue, told } from '../conditions/compare.ts';
import type { Complaint, Finding } from '../conditions/finding.ts';
import type { Item, Reading } from '../conditions/read.ts';
import { wording } from '../conditions/wording.ts';
import { compileGlob } from '../glob.ts';
import { type Argument, type ConditionFunction, either, type Prepared } from './function.ts';

/** Whether an item is among the arguments; undefined where it is not there or can not be told. */
type Verdict = boolean | undefined;

/** What a function over lists makes of the verdicts on the items. */
export interface ListRule {
  judge(verdicts: readonly Verdict[]): Verdict;
  /** Whether an item with this verdict speaks against the list. */
  offends(verdict: Verdict): boolean;
  /** To follow "it must": `be one of`. */
  readonly must: string;
}

/** Makes a function over the items of a list, each of which is held against patterns or numbers. */
export function defineListFunction(
  about: Pick<ConditionFunction, 'name' | 'means' | 'example'>,
  rule: ListRule,
): ConditionFunction {
  return Object.freeze({
    ...about,
    reason: CONDITION_NOT_MET,
    takes: { first: ['list'] as const, rest: 'value' as const },
    prepare(args: readonly Argument[]): Prepared {
      const tests = args.map(testOf);
      const remedy = `it must ${rule.must} ${either(args.map((arg) => JSON.stringify(String(arg))))}`;
      return {
        needs: [],
        judge: (_, list) => judge(list as Reading, (item) => verdictOf(item, tests), rule, remedy),
      };
    },
  });
}

function judge(list: Reading, verdict: (item: Item) => Verdict, rule: ListRule, remedy: string): Finding {
  const { items, untold, place } = list;
  const verdicts = items.map(verdict);
  const met = rule.judge(untold ? [...verdicts, undefined] : verdicts);
  const { open } = wording(place, '');
  const complain = ({ field, ...item }: Item): Complaint => ({
    check: CONDITION_NOT_MET,
    field,
    asks: told({ field, ...item }, open),
    remedy,
  });
  const whole: Complaint = {
    check: CONDITION_NOT_MET,
    field: place.text,
    asks: untold ? 'can not be told' : 'is otherwise',
    remedy,
  };
  const offending = items.filter((_, index) => rule.offends(verdicts[index]));
  const against = offending.length === 0 ? [whole] : offending.map(complain);
  return met ? { met, against: [], favour: [{ ...whole, asks: 'is so' }] } : { met, against, favour: [] };
}

function testOf(arg: Argument): (value: unknown) => boolean {
  if (typeof arg === 'string') {
    const glob = compileGlob(arg);
    return (value) => typeof value === 'string' && glob(value);
  }
  // biome-ignore lint/suspicious/noDoubleEquals: 2n == 2, and both are numbers
  return (value) => (typeof value === 'number' || typeof value === 'bigint') && value == arg;
}

function verdictOf(item: Item, tests: readonly ((value: unknown) => boolean)[]): Verdict {
  const value = plainValue(item);
  if (item.untold || value === undefined || value === null) return undefined;
  return tests.some((test) => test(value));
}
