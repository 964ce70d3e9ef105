import { describe, expect, it } from 'vitest';
import { all, any, type Finding, nearest, not } from '../../../src/policy/conditions/finding.ts';

const about = (field: string) => ({ check: 'c', field, asks: 'a', remedy: 'r' });
const MET: Finding = { met: true, against: [], favour: [about('yes')] };
const NOT: Finding = { met: false, against: [about('no')], favour: [] };
const UNTOLD: Finding = { met: undefined, against: [about('perhaps')], favour: [] };
const TWICE: Finding = { met: false, against: [about('no'), about('neither')], favour: [] };

describe('all of several', () => {
  it.each<[string, readonly Finding[], boolean | undefined]>([
    ['none', [], true],
    ['met', [MET, MET], true],
    ['one that is not', [MET, NOT], false],
    ['one that can not be told', [MET, UNTOLD], undefined],
    ['one that is not beside one that can not be told', [UNTOLD, NOT, MET], false],
  ])('%s: %s', (_, findings, met) => {
    expect(all(...findings).met).toBe(met);
  });

  it('name everything that keeps them from being met, and everything that is', () => {
    expect(all(NOT, MET, UNTOLD)).toEqual({
      met: false,
      against: [about('no'), about('perhaps')],
      favour: [about('yes')],
    });
  });
});

describe('any of several', () => {
  it.each<[string, readonly Finding[], boolean | undefined]>([
    ['none', [], false],
    ['one that is met', [NOT, MET, UNTOLD], true],
    ['none that is', [NOT, NOT], false],
    ['one that can not be told', [NOT, UNTOLD], undefined],
  ])('%s: %s', (_, findings, met) => {
    expect(any(...findings).met).toBe(met);
  });

  it('name what is met, or what is nearest to it', () => {
    expect(any(NOT, MET, MET)).toEqual({ met: true, against: [], favour: [about('yes'), about('yes')] });
    expect(any(TWICE, NOT)).toEqual({ met: false, against: [about('no')], favour: [] });
    expect(any()).toEqual({ met: false, against: [], favour: [] });
  });
});

describe('the contrary', () => {
  it('turns what is told round, and nothing else', () => {
    expect(not(MET)).toEqual({ met: false, against: [about('yes')], favour: [] });
    expect(not(NOT)).toEqual({ met: true, against: [], favour: [about('no')] });
    expect(not(UNTOLD)).toEqual(UNTOLD);
  });
});

describe('what is nearest to being met', () => {
  it('has the fewest complaints, the first of several', () => {
    const [one, other] = [{ against: [about('a')] }, { against: [about('b')] }];
    expect(nearest([TWICE, one, other])).toBe(one);
    expect(nearest([other, one])).toBe(other);
    expect(nearest([])).toBeUndefined();
  });

  it.each(['principal.name', 'principal.roles[0]', 'operation', 'resource', 'version'])(
    'comes before what minds %s, which no change of the request changes',
    (field) => {
      const [given, many] = [
        { against: [about(field)] },
        { against: [about('a'), about('b'), about(field)] },
      ];
      expect(nearest([given, TWICE])).toBe(TWICE);
      expect(nearest([many, given])).toBe(given);
    },
  );

  it.each(['HostConfig.version', 'versions', 'principals', 'principal.name.x', 'resource.kind'])(
    'minds %s like any other field',
    (field) => {
      const one = { against: [about(field)] };
      expect(nearest([TWICE, one])).toBe(one);
    },
  );
});
