import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Contender, cpuSeconds, type Peer } from './contenders.ts';
import type { Measured, Task } from './load.ts';
import type { Row } from './rows.ts';

/** One measurement of one contender. */
export interface Sample extends Measured {
  /** CPU seconds of the contender's process meanwhile; null for the Engine's own socket. */
  readonly proxyCpuSeconds: number | null;
}

export interface RowSamples<Name extends string = Peer> {
  readonly row: Row;
  readonly samples: ReadonlyMap<Name, readonly Sample[]>;
}

/** The load generator's process. */
export interface Load {
  run(task: Task): Promise<Measured>;
  stop(): void;
}

export function startLoad(): Load {
  const child: ChildProcess = fork(fileURLToPath(new URL('./load.ts', import.meta.url)));
  return {
    run: (task) =>
      new Promise((resolve, reject) => {
        const died = (): void => reject(new Error('The load generator died.'));
        child.once('exit', died);
        child.once('message', (answer: Measured | { readonly error: string }) => {
          child.removeListener('exit', died);
          if ('error' in answer) reject(new Error(answer.error));
          else resolve(answer);
        });
        child.send(task);
      }),
    stop: () => void child.kill(),
  };
}

/**
 * Measures a row: every contender in turn, in each round another one first, so that what the machine does
 * besides falls on all of them.
 */
export async function measure<Name extends string>(
  load: Load,
  row: Row,
  contenders: readonly Contender<Name>[],
): Promise<RowSamples<Name>> {
  const samples = new Map<Name, Sample[]>(contenders.map(({ name }) => [name, []]));
  for (const { target } of contenders) {
    const task = row.warmUp?.();
    if (task !== undefined) await load.run({ ...task, target });
  }
  for (let round = 0; round < row.rounds; round += 1) {
    const first = round % contenders.length;
    for (const { name, target, pid } of [...contenders.slice(first), ...contenders.slice(0, first)]) {
      const task = await row.task();
      const before = pid === null ? 0 : cpuSeconds(pid);
      const measured = await load.run({ ...task, target });
      const proxyCpuSeconds = pid === null ? null : cpuSeconds(pid) - before;
      samples.get(name)?.push({ ...measured, proxyCpuSeconds });
    }
  }
  return { row, samples };
}
