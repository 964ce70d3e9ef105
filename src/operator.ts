import type { Logger } from 'pino';
import type { Config } from './config/schema.ts';
import { type ControlRoute, listenControl } from './listener/control.ts';
import { openAdmin } from './observe/admin.ts';
import type { Readiness } from './observe/readiness.ts';
import type { LiveSession } from './recording/sessions.ts';
import type { Cause, ReloadReport } from './reload/reloads.ts';

/** What an operator may ask of a gateway that runs, whether it is one process or several. */
export interface Operator {
  ready(): Promise<Readiness>;
  /** In the text format of Prometheus. */
  metrics(): Promise<string>;
  sessions(): Promise<readonly LiveSession[]>;
  /** @returns whether a session of that id went on, and is over now */
  endSession(id: string): Promise<boolean>;
  /** Never throws: what went wrong stands in the report. */
  reload(cause: Cause): Promise<ReloadReport>;
}

/**
 * Opens the two doors of the operator: the admin listener, which only tells, and the control socket.
 *
 * @returns closes both
 * @throws ConfigError when one of them can not be opened
 */
export async function openOperator(
  config: Pick<Config, 'admin' | 'control'>,
  operator: Operator,
  log: Logger,
): Promise<() => Promise<void>> {
  const closeAdmin = await openAdmin(config.admin.listen, operator, log);
  try {
    const control = await listenControl(config.control.socket, controlRoutes(operator));
    return async () => {
      await control.close();
      await closeAdmin();
    };
  } catch (error) {
    await closeAdmin();
    throw error;
  }
}

function controlRoutes(operator: Operator): readonly ControlRoute[] {
  return [
    { method: 'POST', path: /^\/v1\/reload$/, answer: () => operator.reload('command') },
    {
      method: 'GET',
      path: /^\/v1\/sessions$/,
      answer: async () => ({ sessions: await operator.sessions() }),
    },
    {
      method: 'DELETE',
      path: /^\/v1\/sessions\/([0-9a-f-]{36})$/,
      answer: async (id) => ((await operator.endSession(id)) ? { ended: id } : undefined),
    },
  ];
}
