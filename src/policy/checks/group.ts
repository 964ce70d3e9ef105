import { quoted } from '../../docker/text.ts';
import { type Check, defineCheck } from './check.ts';

export const group: Check = defineCheck(
  {
    id: 'group',
    forbids: "supplementary groups, which may be the host's docker or disk",
    source: 'ours, beside PSS restricted: Running as Non-root',
    remedy: 'leave it out (docker run without --group-add)',
  },
  ({ groups }) => groups.map(({ field, name }) => ({ field, asks: `adds the group ${quoted(name)}` })),
);
