import { quoted } from '../../docker/text.ts';
import { type Check, defineCheck } from './check.ts';
import { isCredentialSpec } from './words.ts';

export const securityOption: Check = defineCheck(
  {
    id: 'security-option',
    forbids: 'security options that no other check knows',
    source: 'ours: unknown means no',
    remedy: 'leave it out (docker run without this --security-opt)',
  },
  ({ security: { others } }) =>
    others
      .filter((other) => !isCredentialSpec(other))
      .map(({ field, option }) => ({ field, asks: `sets the security option ${quoted(option)}` })),
);
