import type { ExecConfig } from '../body/models/exec.ts';
import { environment } from './environment.ts';
import { mergeFacts } from './merge.ts';
import type { Facts } from './types.ts';
import { userFact } from './user.ts';
import { workingDir } from './working-dir.ts';

/** What a process in a running container asks for. Without a user it runs as the container's. */
export function execFacts(body: ExecConfig): Partial<Facts> {
  const { User = '', Privileged = false, Cmd = [] } = body;
  return mergeFacts(
    {
      runs: 'exec',
      user: userFact('User', User),
      privileged: Privileged ? [{ field: 'Privileged' }] : [],
      command: Cmd,
    },
    // Only what starts with the container is given devices.
    { environment: environment('Env', body.Env).environment ?? [] },
    workingDir('WorkingDir', body.WorkingDir),
  );
}
