import type { Duplex } from 'node:stream';

const AT_ONCE = 16;

/** Does a task `count` times, some at once; returns the results in order. */
export async function each<T>(count: number, task: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < count; index = next++) results[index] = await task(index);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}

/** Sends a line and resolves with what comes back, once it holds the line. */
export function echo(session: Duplex, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let seen = '';
    const onData = (chunk: Buffer) => {
      seen += chunk.toString('latin1');
      if (!seen.includes(line)) return;
      session.off('data', onData);
      resolve(seen);
    };
    session.on('data', onData);
    session.once('close', () => reject(new Error(`closed without ${line}`)));
    session.write(line);
  });
}
