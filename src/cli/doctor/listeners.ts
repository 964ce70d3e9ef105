import { accessSync, constants, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DEFAULT_ENGINE } from '../../config/engine-schema.ts';
import type { Config } from '../../config/schema.ts';
import { socketPathFault } from '../../listener/unix-socket.ts';
import { about, type Finding } from './finding.ts';

const OTHERS_MAY_CONNECT = 0o002;

/** Whether local listeners could be opened, and who reaches them. */
export function checkListeners({ listeners }: Config): Finding[] {
  return listeners.map((listener) => {
    const { ok, warn, fail } = about('local listeners');
    const { listen, mode = '0660', principal, allowPlaintext, engine } = listener;
    const where = engine === DEFAULT_ENGINE ? '' : ` on the Engine ${engine}`;
    const who = `whoever reaches ${listen} is ${principal.name} of ${principal.tenant}${where}`;
    if (!listen.startsWith('unix:')) {
      return allowPlaintext
        ? warn(
            `${who}, and it may be reached from other machines`,
            'see to it that its network holds nobody but the one client: an internal network of containers, for example',
          )
        : warn(
            `${who}, and every user of this machine reaches it`,
            'name a unix socket where other users are not to be that principal',
          );
    }
    const path = listen.slice('unix://'.length);
    const fault = socketPathFault(path) ?? folderFault(dirname(path));
    if (fault !== undefined)
      return fail(fault, "make the folder for the gateway's user, or name another path");
    return (Number.parseInt(mode, 8) & OTHERS_MAY_CONNECT) === 0
      ? ok(`${who} (mode ${mode})`)
      : warn(`${who}, and every user of this machine may (mode ${mode})`, 'take mode "0660" and a group');
  });
}

function folderFault(folder: string): string | undefined {
  try {
    if (!statSync(folder).isDirectory()) return `${folder} is no folder`;
    accessSync(folder, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return `${folder} can not be written to (${(error as NodeJS.ErrnoException).code})`;
  }
}
