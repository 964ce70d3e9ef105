import { fileURLToPath } from 'node:url';
import { type Kind, PATHS } from './proxy.ts';

const PROGRAM = fileURLToPath(new URL('./bare-node.cjs', import.meta.url));

/** The least that Node can do in the gateway's place, judging and recording nothing: what of the gateway's costs is Node's. */
export const bareNode: Kind = {
  command: process.execPath,
  configure: ({ port, certificates, engineSocket }) => {
    const { certificate, key, clientCa } = certificates;
    return [PROGRAM, String(port), certificate, key, clientCa, engineSocket, PATHS];
  },
};
