import { type Check, defineCheck } from './check.ts';
import { command, runner } from './words.ts';

export const privileged: Check = defineCheck(
  {
    id: 'privileged',
    forbids: 'privileged containers and commands',
    source: 'PSS baseline: Privileged Containers',
    remedy: 'leave Privileged out (docker run without --privileged)',
  },
  ({ privileged, runs }) =>
    privileged.map(({ field }) => ({
      field,
      asks: `gives ${runner(runs)} full access to the host`,
      remedy: `leave Privileged out (${command(runs)} without --privileged)`,
    })),
);
