import { execFile } from 'node:child_process';
import type { Logger } from 'pino';

/** Node has no datagram sockets of the unix kind, and where there is systemd there is this. */
const TOOL = '/usr/bin/systemd-notify';
const PATIENCE_MS = 10_000;

/**
 * Tells the service manager how the service is, as sd_notify(3); where nobody asked to be told (`NOTIFY_SOCKET`), nothing
 * happens. Resolves when the manager knows, or can not be told: that is logged, and hinders nothing.
 *
 * @param state such as `READY=1`
 */
export function notify(
  state: string,
  log: Pick<Logger, 'warn'>,
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  const { NOTIFY_SOCKET: socket } = env;
  if (socket === undefined || socket === '') return Promise.resolve();
  return new Promise((resolve) => {
    // It needs nothing else of the environment, which may hold secrets.
    const options = { env: { NOTIFY_SOCKET: socket }, timeout: PATIENCE_MS };
    execFile(TOOL, [state], options, (error) => {
      if (error !== null)
        log.warn({ code: error.code ?? error.signal }, `${TOOL} could not tell the service manager ${state}`);
      resolve();
    });
  });
}
