import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { COMPILED, type Contender, type Peer } from '../contenders/contender.ts';
import type { Row } from '../rows.ts';
import type { Job, Measured, Task } from './task.ts';

/** One measurement of one contender. */
export type Sample = Measured;

export interface RowSamples<Name extends string = Peer> {
  readonly row: Row;
  readonly samples: ReadonlyMap<Name, readonly Sample[]>;
}

/** The load generator's process. */
export interface Load {
  run(task: Task, pid?: number | null): Promise<Measured>;
  stop(): void;
}

export function startLoad(): Load {
  const child: ChildProcess = fork(fileURLToPath(new URL('./load.ts', import.meta.url)));
  return {
    run: (task, pid = null) =>
      new Promise((resolve, reject) => {
        const died = (): void => reject(new Error('The load generator died.'));
        child.once('exit', died);
        child.once('message', (answer: Measured | { readonly error: string }) => {
          child.removeListener('exit', died);
          if ('error' in answer) reject(new Error(answer.error));
          else resolve(answer);
        });
        child.send({ task, pid } satisfies Job);
      }),
    stop: () => void child.kill(),
  };
}

/**
 * Measures a row, once those are warm who have to be: every contender in turn, in each round another one first, so that what the machine does
 * besides falls on all of them.
 */
export async function measure<Name extends string>(
  load: Load,
  row: Row,
  contenders: readonly Contender<Name>[],
): Promise<RowSamples<Name>> {
  const able = contenders.filter(({ name }) => !(row.without ?? []).includes(name));
  const samples = new Map<Name, Sample[]>(able.map(({ name }) => [name, []]));
  const run = async (contender: Contender<Name>, task: Omit<Task, 'target'>): Promise<Measured> => {
    try {
      return await load.run({ ...task, target: contender.target } as Task, contender.pid);
    } catch (error) {
      throw new Error(`${row.name}, ${contender.name}: ${(error as Error).message}`);
    }
  };
  for (const contender of able) {
    const isCompiled = COMPILED.has(contender.name);
    const task = row.warmUp?.();
    if (task !== undefined) await run(contender, isCompiled ? { ...task, atLeast: 0 } : task);
    for (let n = 0; n < (row.unmeasured ?? 0) && !isCompiled; n += 1) await run(contender, await row.task());
  }
  for (let round = 0; round < row.rounds; round += 1) {
    for (const contender of rotated(able, round)) {
      samples.get(contender.name)?.push(await run(contender, await row.task()));
    }
  }
  return { row, samples };
}

/** All of them, in each round another one first. */
export function rotated<T>(all: readonly T[], round: number): readonly T[] {
  const first = round % all.length;
  return [...all.slice(first), ...all.slice(0, first)];
}
