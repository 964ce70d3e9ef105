import { securityOption } from '../../../src/policy/checks/security-option.ts';
import { describeCheck, security } from './support.ts';

const field = 'HostConfig.SecurityOpt[0]';
const remedy = 'leave it out (docker run without this --security-opt)';

describeCheck(securityOption, 'security-option', {
  refuses: [
    [
      'an option that nobody knows',
      security({ others: [{ field, option: 'systempaths=unconfined' }] }),
      [{ field, asks: 'sets the security option "systempaths=unconfined"', remedy }],
    ],
  ],
  accepts: [
    [
      "a credential spec, which is another check's",
      security({ others: [{ field, option: 'credentialspec=x' }] }),
    ],
  ],
});
