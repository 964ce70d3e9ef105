import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { connected, dial, isResumed } from './dial.ts';
import { quantile } from './quantile.ts';
import { ReplyScanner } from './reply.ts';
import type { Outcome, RequestsTask } from './task.ts';

/** The newest session of each port. A server's tickets serve more than once here, as in most clients that keep them. */
const sessions = new Map<number, Buffer>();

/**
 * A closed loop: on each connection the next request goes out when the one before is answered. Connections that are
 * kept are opened, and used once, before the clock runs.
 */
export async function requests(task: RequestsTask, begin: () => void): Promise<Outcome> {
  const bytes = Buffer.from(task.request, 'latin1');
  const latencies: number[] = [];
  const port = 'port' in task.target ? task.target.port : undefined;
  let opened = 0;
  let resumed = 0;
  const isKept = task.lives === 'kept';
  const kept = isKept ? await connected(task.target, task.connections, task.request) : [];
  begin();
  const started = performance.now();
  const deadline = started + task.ms;
  const client = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const scanner = new ReplyScanner();
      let sentAt = 0;
      let current: Socket | undefined;
      const send = (): void => {
        sentAt = performance.now();
        if (!isKept) current = undefined;
        current ??= take();
        current.write(bytes);
      };
      const take = (): Socket => {
        const session = task.lives === 'resumed' && port !== undefined ? sessions.get(port) : undefined;
        const socket = kept.pop() ?? dial(task.target, session);
        opened += 1;
        const lost = (why: string) => (): void => {
          if (socket === current)
            reject(new Error(`${why} before the reply to ${task.request} was complete`));
        };
        socket.on('error', (error) => lost(error.message)());
        socket.on('end', lost('the connection ended'));
        socket.on('data', (chunk) => onData(chunk, socket));
        if (task.lives === 'resumed' && port !== undefined)
          socket.on('session', (ticket: Buffer) => sessions.set(port, ticket));
        return socket;
      };
      const onData = (chunk: Buffer, socket: Socket): void => {
        if (!scanner.push(chunk)) return;
        if (scanner.status >= 300) {
          reject(new Error(`status ${scanner.status} for ${task.request}`));
          return;
        }
        const now = performance.now();
        latencies.push(now - sentAt);
        scanner.reset();
        if (isResumed(socket)) resumed += 1;
        const over = now >= deadline && latencies.length >= (task.atLeast ?? 0);
        if (over) current = undefined;
        if (over || !isKept) socket.end();
        if (over) resolve();
        else send();
      };
      send();
    });
  await Promise.all(Array.from({ length: task.connections }, client));
  const outcome = {
    units: latencies.length,
    seconds: (performance.now() - started) / 1_000,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
  };
  return task.lives === 'resumed' ? { ...outcome, resumed: resumed / opened } : outcome;
}
