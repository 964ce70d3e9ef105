import { ConfigError } from '../errors.ts';

/** The first descriptor that a service manager passes (SD_LISTEN_FDS_START of sd_listen_fds(3)). */
const FIRST = 3;

/**
 * The socket that a service manager listens on for us, and goes on listening on while we are restarted
 * (sd_listen_fds(3)). It is ours once only: what this process starts must not take it for its own.
 *
 * @returns its file descriptor, undefined when there is none
 * @throws ConfigError when several were passed
 */
export function inheritedSocket(env: NodeJS.ProcessEnv = process.env, pid = process.pid): number | undefined {
  const { LISTEN_PID: owner, LISTEN_FDS: count = '0' } = env;
  if (owner !== String(pid)) return undefined;
  for (const name of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES']) delete env[name];
  if (count === '0') return undefined;
  if (count !== '1') {
    throw new ConfigError([
      `systemd hands over ${count} sockets (LISTEN_FDS), and there is one TLS listener; keep one ListenStream= in the socket unit`,
    ]);
  }
  return FIRST;
}
