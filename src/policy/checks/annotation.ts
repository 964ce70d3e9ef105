import { quoted } from '../../docker/text.ts';
import { type Check, defineCheck } from './check.ts';

export const annotation: Check = defineCheck(
  {
    id: 'annotation',
    forbids: 'annotations for the runtime',
    source: 'ours: runtimes and their hooks take orders from them',
    remedy: 'use a label (docker run --label, without --annotation)',
  },
  ({ annotations }) =>
    annotations.map(({ field, name }) => ({
      field,
      asks: `gives the runtime the annotation ${quoted(name)}`,
    })),
);
