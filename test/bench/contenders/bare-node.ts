import { fileURLToPath } from 'node:url';
import { type Kind, PATHS } from './proxy.ts';

const PROGRAM = fileURLToPath(new URL('./bare-node.cjs', import.meta.url));

/** The least that Node can do in the gateway's place, judging and recording nothing: what of the gateway's costs is Node's. */
export const bareNode: Kind = bare(false);

/** The same, with as many records as the gateway writes, each decision on disk before it is acted on. */
export const recordingNode: Kind = bare(true);

function bare(records: boolean): Kind {
  return {
    command: process.execPath,
    configure: ({ port, dir, certificates, engineSocket }) => {
      const { certificate, key, clientCa } = certificates;
      const file = records ? [`${dir}/records`] : [];
      return [PROGRAM, String(port), certificate, key, clientCa, engineSocket, PATHS, ...file];
    },
  };
}
