import type { Facts } from '../../docker/facts/types.ts';
import { quoted } from '../../docker/text.ts';
import { type Check, defineCheck } from './check.ts';
import { command, runner } from './words.ts';

/** Where it would be said; a build has no say (unconfined-build). */
const FIELDS = new Map<Facts['runs'], { readonly field: string; readonly else: string }>([
  ['container', { field: 'User', else: 'the image' }],
  ['exec', { field: 'User', else: 'the container' }],
  ['service', { field: 'TaskTemplate.ContainerSpec.User', else: 'the image' }],
]);

/** A name other than root is not enough, as with Kubernetes: the image's /etc/passwd says which uid it is. */
export const runAsNonRoot: Check = defineCheck(
  {
    id: 'run-as-non-root',
    forbids: 'processes that run as root, or as somebody of whom that is not known',
    source: 'PSS restricted: Running as Non-root (user)',
    remedy: 'name a uid that is not 0 (docker run --user 1000)',
  },
  ({ runs, user }) => {
    const said = FIELDS.get(runs);
    if (said === undefined || user?.root === false) return [];
    const remedy = `name a uid that is not 0 (${command(runs)} --user 1000)`;
    if (user === null || user.value === '') {
      const asks = `does not say who ${runner(runs)} runs as, and the user of ${said.else} is not known here`;
      return [{ field: said.field, asks, remedy }];
    }
    const asks = user.root
      ? `runs ${runner(runs)} as root (${quoted(user.value)})`
      : `runs ${runner(runs)} as ${quoted(user.value)}, and only the image knows whether that is root`;
    return [{ field: user.field, asks, remedy }];
  },
);
