import { quoted } from '../../docker/text.ts';
import { type Check, defineCheck } from './check.ts';
import { command, NAMESPACE_FLAGS } from './words.ts';

/** The container may be anybody's: who owns it is not known here, so an operator excepts this check where it is. */
export const containerNamespace: Check = defineCheck(
  {
    id: 'container-namespace',
    forbids: 'the namespaces of another container',
    source: 'PSS baseline: Host Namespaces, as one pod may not join those of another',
    remedy: 'leave it out, and join a network for what is to be reached (docker run --network NAME)',
  },
  ({ joinedContainers, runs }) =>
    joinedContainers.flatMap(({ field, namespace, container }) =>
      namespace === 'link'
        ? []
        : {
            field,
            asks: `joins the ${namespace} namespace of the container ${quoted(container)}`,
            remedy: `leave it out (${command(runs)} without ${NAMESPACE_FLAGS[namespace]}=container:...)`,
          },
    ),
);
