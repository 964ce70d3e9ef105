import { quoted } from '../../docker/text.ts';
import { type Check, defineCheck } from './check.ts';

/** On the default bridge a link copies the other container's environment, secrets included. */
export const containerLink: Check = defineCheck(
  {
    id: 'container-link',
    forbids: 'links to other containers, which may hand over their environment',
    source: 'ours; Docker deprecates links',
    remedy: 'put both on one network (docker run --network NAME, without --link)',
  },
  ({ joinedContainers }) =>
    joinedContainers
      .filter(({ namespace }) => namespace === 'link')
      .map(({ field, container }) => ({ field, asks: `links to the container ${quoted(container)}` })),
);
