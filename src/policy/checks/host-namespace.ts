import { type Check, defineCheck } from './check.ts';
import { command, NAMESPACE_FLAGS } from './words.ts';

/** PSS names network, pid and ipc; Docker has uts, user and cgroup besides. */
export const hostNamespace: Check = defineCheck(
  {
    id: 'host-namespace',
    forbids: 'the namespaces of the host: network, pid, ipc, uts, user, cgroup',
    source: 'PSS baseline: Host Namespaces',
    remedy: 'leave it out (docker run without --network=host, --pid=host, ...)',
  },
  ({ hostNamespaces, runs }) =>
    hostNamespaces.map(({ field, namespace }) => ({
      field,
      asks: `joins the ${namespace} namespace of the host`,
      remedy: `leave it out (${command(runs)} without ${NAMESPACE_FLAGS[namespace]}=host)`,
    })),
);
