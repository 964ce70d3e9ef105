import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { dial } from './dial.ts';
import { quantile } from './quantile.ts';
import { statusOf } from './reply.ts';
import type { EchoTask, HoldTask, Outcome } from './task.ts';
import { writeZeros } from './transfers.ts';

/** The terminal's line editor keeps no more than 4,096 bytes of a line. */
const KEYS_A_LINE = 1_000;
const END_OF_INPUT = '\n\x04';
const ANSWER_MS = 5_000;

/** Types keys on a terminal one at a time, and waits for the echo of each. */
export async function echo(task: EchoTask): Promise<Outcome> {
  const socket = dial(task.target);
  const latencies: number[] = [];
  const started = performance.now();
  try {
    await headOf(socket, task.request);
    await sleep(100);
    for (let key = 0; key < task.keys; key += 1) {
      const seen = arrival(socket, `the echo of key ${key}`);
      const typedAt = performance.now();
      socket.write(key % KEYS_A_LINE === KEYS_A_LINE - 1 ? '\n' : 'k');
      await seen;
      latencies.push(performance.now() - typedAt);
    }
    socket.write(END_OF_INPUT);
  } finally {
    socket.end();
    setTimeout(() => socket.destroy(), 200);
  }
  return {
    units: latencies.length,
    seconds: (performance.now() - started) / 1_000,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
  };
}

const held: Socket[] = [];

/** Opens connections and keeps them. */
export async function hold(task: HoldTask): Promise<Outcome> {
  const started = performance.now();
  let toOpen = task.connections;
  const opener = async (): Promise<void> => {
    while (toOpen > 0) {
      toOpen -= 1;
      const socket = dial(task.target);
      held.push(socket);
      socket.on('error', () => {});
      if (task.stalled === 'writing') {
        // Whoever is answered is refused, and not one that nobody reads.
        socket.once('data', () => socket.destroy());
        socket.write(task.request, 'latin1');
        writeZeros(socket, Number.MAX_SAFE_INTEGER, () => {});
      } else {
        await headOf(socket, task.request).catch((error: Error) => {
          // One that is refused is not held, and shows in the number of those that are.
          process.stderr.write(`[load] not held: ${error.message}\n`);
          socket.destroy();
        });
        if (task.stalled === 'reading') socket.pause();
      }
    }
  };
  await Promise.all(Array.from({ length: task.atOnce }, opener));
  const seconds = (performance.now() - started) / 1_000;
  return { units: held.filter(({ destroyed }) => !destroyed).length, seconds, p50Ms: 0, p99Ms: 0 };
}

/** Closes all that is held. */
export async function release(): Promise<Outcome> {
  const units = held.filter(({ destroyed }) => !destroyed).length;
  for (const socket of held.splice(0)) socket.destroy();
  return { units, seconds: 0, p50Ms: 0, p99Ms: 0 };
}

/** Sends a request and waits for the head of its reply; what comes after it stays to be read. */
async function headOf(socket: Socket, request: string): Promise<void> {
  const first = arrival(socket, `the reply to ${request}`);
  socket.write(request, 'latin1');
  const status = statusOf(await first);
  if (status >= 300) throw new Error(`status ${status} for ${request}`);
}

function arrival(socket: Socket, of: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      socket.removeListener('data', onData).removeListener('end', onEnd).removeListener('error', onEnd);
      act();
    };
    const onData = (chunk: Buffer): void => settle(() => resolve(chunk));
    const onEnd = (): void => settle(() => reject(new Error(`the connection ended before ${of}`)));
    const timer = setTimeout(() => settle(() => reject(new Error(`${of} did not come`))), ANSWER_MS);
    socket.on('data', onData).on('end', onEnd).on('error', onEnd);
  });
}
