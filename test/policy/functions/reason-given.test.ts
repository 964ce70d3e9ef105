import { describe, expect, it } from 'vitest';
import { reasonGiven } from '../../../src/policy/functions/reason-given.ts';
import { questionOf, VOCABULARY } from '../support.ts';

function judge(statedReason: string | undefined, ...patterns: string[]) {
  const prepared = reasonGiven.prepare(patterns, VOCABULARY);
  if (typeof prepared === 'string') throw new Error(prepared);
  return prepared.judge(
    { ...questionOf({}, 'ContainerStart', 'container/-/web'), statedReason },
    undefined,
    'allow',
  );
}

describe('reasonGiven', () => {
  it('takes any reason where any will do, and one of a form where it is asked for', () => {
    expect(judge('disk of db-1 is full / paged', '**').met).toBe(true);
    expect(judge('INC-4711: disk is full', 'INC-**', 'CHG-**').met).toBe(true);
  });

  it('says what to send, and never repeats what was sent', () => {
    const none = judge(undefined, '**');
    expect(none).toMatchObject({
      met: false,
      against: [{ check: 'reason-not-given', asks: 'is not there' }],
    });
    expect(none.against[0]?.remedy).toMatch(/send the header Quaywarden-Reason with why you do this/);
    const other = judge('because', 'INC-**');
    expect(other).toMatchObject({ met: false, against: [{ asks: 'gives another reason' }] });
    expect(JSON.stringify(other)).not.toContain('because');
    expect(other.against[0]?.remedy).toContain('INC-**');
  });

  it('holds before the body is read too', () => {
    const { facts: _, ...asked } = questionOf({}, 'ContainerStart', 'container/-/web');
    const prepared = reasonGiven.prepare(['**'], VOCABULARY);
    if (typeof prepared === 'string') throw new Error(prepared);
    expect(prepared.judge(asked, undefined, 'allow').met).toBe(false);
  });
});
