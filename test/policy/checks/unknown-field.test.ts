import { unknownField } from '../../../src/policy/checks/unknown-field.ts';
import { describeCheck } from './support.ts';

describeCheck(unknownField, 'unknown-field', {
  refuses: [
    [
      'what nobody knows',
      { unknownFields: [{ field: 'HostConfig.NewFutureField' }] },
      [
        {
          field: 'HostConfig.NewFutureField',
          asks: 'asks for something that cannot be judged',
          remedy: 'leave it out',
        },
      ],
    ],
  ],
  accepts: [],
});
