import type { Socket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { connected } from './dial.ts';
import { quantile } from './quantile.ts';
import { ReplyScanner } from './reply.ts';
import { Schedule } from './schedule.ts';
import type { OfferedTask, Outcome } from './task.ts';

const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** An open loop: requests go out at a constant rate, whether or not those before are answered. */
export async function offered(task: OfferedTask, begin: () => void): Promise<Outcome> {
  const bytes = Buffer.from(task.request, 'latin1');
  const sockets = await connected(task.target, task.connections, task.request);
  const schedule = new Schedule<Socket>(sockets);
  const count = Math.round((task.ms / 1_000) * task.perSecond);
  const intervalNs = BigInt(Math.round(1e9 / task.perSecond));
  const metronome = new Worker(new URL('./metronome.cjs', import.meta.url), {
    workerData: { intervalNs, count },
  });
  let startMs = 0;
  try {
    await new Promise<void>((resolve, reject) => {
      let sent = 0;
      metronome.on('error', reject);
      metronome.on('message', (beat: number | bigint) => {
        if (typeof beat === 'bigint') {
          startMs = Number(beat) / 1e6;
          begin();
          return;
        }
        sent += 1;
        schedule.due(startMs + (beat * Number(intervalNs)) / 1e6, nowMs())?.write(bytes);
      });
      for (const socket of sockets) {
        const scanner = new ReplyScanner();
        socket.on('error', reject);
        socket.on('end', () => reject(new Error(`the connection ended during ${task.request}`)));
        socket.on('data', (chunk: Buffer) => {
          if (!scanner.push(chunk)) return;
          if (scanner.status >= 300) return reject(new Error(`status ${scanner.status} for ${task.request}`));
          scanner.reset();
          if (schedule.answered(socket, nowMs())) socket.write(bytes);
          else if (sent === count && schedule.isIdle) resolve();
        });
      }
    });
  } finally {
    for (const socket of sockets) socket.destroy();
    await metronome.terminate();
  }
  return {
    units: schedule.latencies.length,
    seconds: (nowMs() - startMs) / 1_000,
    p50Ms: quantile(schedule.latencies, 0.5),
    p99Ms: quantile(schedule.latencies, 0.99),
    lateMs: quantile(schedule.lateness, 0.99),
  };
}
