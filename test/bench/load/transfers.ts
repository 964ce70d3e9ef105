import { createReadStream } from 'node:fs';
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { dial } from './dial.ts';
import { ReplyScanner, statusOf } from './reply.ts';
import type { DownloadTask, Outcome, UploadTask } from './task.ts';

const moved = (units: number, started: number): Outcome => ({
  units,
  seconds: (performance.now() - started) / 1_000,
  p50Ms: 0,
  p99Ms: 0,
});

/** Reads a reply to its end. */
export function download(task: DownloadTask): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const socket = dial(task.target);
    let units = 0;
    let head: Buffer | undefined;
    socket.on('error', reject);
    socket.on('data', (chunk: Buffer) => {
      head ??= chunk;
      units += chunk.length;
    });
    socket.on('end', () => {
      socket.end();
      const status = statusOf(head ?? Buffer.alloc(0));
      if (status >= 300 || units < task.atLeast)
        return reject(new Error(`Got status ${status} and ${units} bytes for ${task.request}`));
      resolve(moved(units, started));
    });
    socket.write(task.request, 'latin1');
  });
}

/** Sends a body and waits for the reply. */
export function upload(task: UploadTask): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const socket = dial(task.target);
    const scanner = new ReplyScanner();
    let isSent = false;
    socket.on('error', reject);
    socket.on('data', (chunk: Buffer) => {
      if (!scanner.push(chunk)) return;
      socket.destroy();
      if (scanner.status >= 300 || !isSent)
        return reject(new Error(`Got status ${scanner.status}, sent: ${isSent}, for ${task.request}`));
      resolve(moved(task.body.bytes, started));
    });
    socket.write(task.request, 'latin1');
    const sent = (): void => {
      isSent = true;
    };
    if ('file' in task.body) {
      const file = createReadStream(task.body.file, { highWaterMark: 262_144 });
      file.on('error', reject).on('end', sent).pipe(socket, { end: false });
      return;
    }
    const prefix = Buffer.from(task.body.prefix, 'base64');
    socket.write(prefix);
    writeZeros(socket, task.body.bytes - prefix.length, sent);
  });
}

/** Writes so many zeros, no faster than the socket takes them. */
export function writeZeros(socket: Socket, count: number, onAll: () => void): void {
  const zeros = Buffer.alloc(65_536);
  let left = count;
  const pump = (): void => {
    while (left > 0) {
      const size = Math.min(left, zeros.length);
      left -= size;
      if (left === 0) onAll();
      if (!socket.write(zeros.subarray(0, size))) return;
    }
  };
  socket.on('drain', pump);
  pump();
}
