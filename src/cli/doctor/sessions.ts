import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Config } from '../../config/schema.ts';
import { socketPathFault } from '../../listener/unix-socket.ts';
import { folderFinding, secrecy } from './files.ts';
import { about, type Finding } from './finding.ts';

/** Whether sessions can be recorded, where that is asked for, and the control socket can be made. */
export function checkSessions({ sessions, control }: Config): Finding[] {
  const { ok } = about('sessions');
  const recordings =
    sessions.record.length === 0
      ? [ok('none is recorded')]
      : [
          folderFinding('sessions', sessions.folder, 'sessions.folder'),
          ...secrecy('sessions', sessions.folder, '700'),
        ];
  return [...recordings, socket(control.socket)];
}

function socket(path: string): Finding {
  const { ok, fail } = about('control socket');
  const fault = socketPathFault(path);
  if (fault !== undefined)
    return fail(fault, 'name a shorter one in control.socket, such as /run/quaywarden.sock');
  if (!existsSync(dirname(path))) return fail(`${dirname(path)} is not there`, 'make that folder');
  const folder = folderFinding('control socket', dirname(path), 'control.socket');
  return folder.level === 'ok' ? ok(`${path} can be made`) : folder;
}
