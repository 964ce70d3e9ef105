import { CONDITION_NOT_MET } from '../conditions/compare.ts';
import type { Finding } from '../conditions/finding.ts';
import type { Asked } from '../conditions/read.ts';
import { compileGlob } from '../glob.ts';
import { type Argument, type ConditionFunction, either, type Prepared, texts } from './function.ts';

const REASON = 'reason-not-given';
const FIELD = 'the header Quaywarden-Reason';

/** For break-glass rights: they may, as long as they say why, and what they say is in the record. */
export const reasonGiven: ConditionFunction = Object.freeze({
  name: 'reasonGiven',
  reason: REASON,
  means:
    'The request has a header `Quaywarden-Reason`, of at most 256 characters, that matches one of the patterns; `**` is any. The audit record keeps it.',
  example: "reasonGiven('INC-**')",
  takes: { rest: 'text' as const },
  prepare(args: readonly Argument[]): Prepared | string {
    const patterns = texts(args);
    const globs = patterns.map(compileGlob);
    const wanted = patterns.includes('**') ? 'why you do this' : either(patterns);
    const remedy = `send ${FIELD} with ${wanted} (HttpHeaders in the config.json of the docker CLI)`;
    return {
      needs: [],
      judge({ statedReason }: Asked): Finding {
        const complaint = { check: REASON, field: 'quaywarden-reason', remedy };
        if (statedReason === undefined)
          return { met: false, against: [{ ...complaint, asks: 'is not there' }], favour: [] };
        if (!globs.some((glob) => glob(statedReason)))
          return { met: false, against: [{ ...complaint, asks: 'gives another reason' }], favour: [] };
        const favour = { ...complaint, check: CONDITION_NOT_MET, asks: 'is given', remedy: 'leave it out' };
        return { met: true, against: [], favour: [favour] };
      },
    };
  },
});
