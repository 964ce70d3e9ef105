import { liftedLimit } from '../../../src/policy/checks/lifted-limit.ts';
import { describeCheck } from './support.ts';

describeCheck(liftedLimit, 'lifted-limit', {
  refuses: [
    [
      'an update that takes limits away',
      { resources: { ulimits: [], lifted: [{ field: 'PidsLimit' }, { field: 'Memory' }] } },
      ['PidsLimit', 'Memory'].map((field) => ({
        field,
        asks: 'takes a limit of the container away',
        remedy: 'name a limit (docker update --memory 512m --pids-limit 100)',
      })),
    ],
  ],
  accepts: [
    ['an update that sets one', { resources: { ulimits: [], pids: { field: 'PidsLimit', value: 5n } } }],
    ['an update that lifts nothing', { resources: { ulimits: [], lifted: [] } }],
  ],
});
