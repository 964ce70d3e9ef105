import { cpuSeconds } from '../contenders/process.ts';
import { offered } from './offered.ts';
import { requests } from './requests.ts';
import { echo, hold, release } from './sessions.ts';
import type { Job, Measured, Outcome, Task } from './task.ts';
import { download, upload } from './transfers.ts';

/**
 * The load generator: a process of its own, told over IPC what to send and where. It speaks bytes over raw
 * sockets, builds each request once and reads of a reply no more than it must, so that what is measured is the
 * other side. It reads the contender's CPU time too, for only it knows when all connections are open.
 */

/** `begin` is called when the clocks are to run, if that is not at once. */
type Act<T> = (task: T, begin: () => void) => Promise<Outcome>;

const ACTS: { readonly [K in Task['kind']]: Act<Extract<Task, { kind: K }>> } = {
  requests,
  offered,
  download,
  upload,
  echo,
  hold,
  release,
};

process.on('message', async ({ task, pid }: Job) => {
  const clocks = (): readonly [number, number] => {
    const { user, system } = process.cpuUsage();
    return [(user + system) / 1e6, pid === null ? 0 : cpuSeconds(pid)];
  };
  let [own, proxy] = clocks();
  try {
    const outcome = await (ACTS[task.kind] as Act<Task>)(task, () => {
      [own, proxy] = clocks();
    });
    const [ownAfter, proxyAfter] = clocks();
    process.send?.({
      ...outcome,
      cpuSeconds: ownAfter - own,
      proxyCpuSeconds: pid === null ? null : proxyAfter - proxy,
    } satisfies Measured);
  } catch (error) {
    process.send?.({ error: (error as Error).message });
  }
});

process.on('disconnect', () => process.exit());
