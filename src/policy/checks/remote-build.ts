import { quoted } from '../../docker/text.ts';
import { type Check, defineCheck } from './check.ts';

/** The Engine fetches it from where it stands: metadata services and the host's own network are in its reach. */
export const remoteBuild: Check = defineCheck(
  {
    id: 'remote-build',
    forbids: 'build contexts that the Engine fetches',
    source: 'ours: server-side request forgery',
    remedy: 'send the context (docker build . instead of docker build URL)',
  },
  ({ build }) => {
    if (build?.context !== 'remote') return [];
    const { remote } = build;
    const from = remote === undefined ? 'an address that cannot be told' : quoted(remote.url);
    return [
      { field: remote?.field ?? 'query remote', asks: `has the Engine fetch the build context from ${from}` },
    ];
  },
);
