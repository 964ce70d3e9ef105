import { CONDITION_NOT_MET } from '../conditions/compare.ts';
import type { Finding } from '../conditions/finding.ts';
import type { Reading } from '../conditions/read.ts';
import type { ConditionFunction } from './function.ts';

export const isEmpty: ConditionFunction = Object.freeze({
  name: 'isEmpty',
  reason: CONDITION_NOT_MET,
  means: 'A list, or a map, has nothing in it, or is not given.',
  example: 'isEmpty(r.facts.volumesFrom)',
  takes: { first: ['list'] as const },
  prepare: () => ({ needs: [], judge: (_: unknown, list: Reading | undefined) => judge(list as Reading) }),
});

function judge({ items, untold, place }: Reading): Finding {
  const found = place.list ? items : items.filter(({ value }) => hasKeys(value));
  const unknown = untold || items.some((item) => item.untold);
  const met = unknown ? undefined : found.length === 0;
  const [first] = found;
  const complaint = {
    check: CONDITION_NOT_MET,
    field: first?.field ?? place.text,
    asks: unknown ? 'can not be told' : 'is there',
    remedy: 'leave it out',
  };
  if (met) return { met, against: [], favour: [{ ...complaint, asks: 'is empty', remedy: 'give it' }] };
  return { met, against: [complaint], favour: [] };
}

function hasKeys(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}
