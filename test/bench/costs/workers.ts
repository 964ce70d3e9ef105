import { availableParallelism } from 'node:os';
import type { Contender } from '../contenders/contender.ts';
import { type Folder, startFullGateway } from '../contenders/folder.ts';
import { type Load, measure, type Sample } from '../load/measure.ts';
import { ratios, type Spread } from '../publish/spread.ts';
import { connectionRows, manyPings, ROWS } from '../rows.ts';

const WORKERS = 2;

/** What a gateway with several workers makes of the same CPUs. */
export interface WorkerCosts {
  readonly workers: number;
  readonly cpus: number;
  /** Pings a second, as a multiple of what one worker answers in the same round. */
  readonly rateToOne: Spread;
  /** CPU time of a ping, likewise. */
  readonly cpuToOne: Spread;
  /** The least share of offered sessions that were resumed; each connection comes to another worker than the one before. */
  readonly resumed: number;
}

/**
 * Measures a gateway with two workers in turns with the one that has one.
 *
 * @param one the gateway with one worker
 */
export async function workerCosts(
  load: Load,
  folder: Folder,
  engineSocket: string,
  one: Pick<Contender, 'pid' | 'target'>,
): Promise<WorkerCosts> {
  const gateway = await startFullGateway(folder, { engineSocket, config: { workers: WORKERS } });
  try {
    const { pid, port } = gateway;
    const several = { name: 'several', pid, target: { port, certs: folder.developer } } as const;
    const { samples } = await measure(load, manyPings(), [{ ...one, name: 'one' }, several]);
    const [alone = [], together = []] = [samples.get('one'), samples.get('several')];
    const toOne = (of: (sample: Sample) => number): Spread => ratios(together, alone, of);
    const resuming = connectionRows().find(({ name }) => name === ROWS.resumed);
    if (resuming === undefined) throw new Error('There is no row of resumed sessions.');
    const { samples: resumptions } = await measure(load, { ...resuming, rounds: 2 }, [several]);
    const shares = (resumptions.get('several') ?? []).map(({ resumed }) => resumed ?? 0);
    return {
      workers: WORKERS,
      cpus: availableParallelism(),
      rateToOne: toOne(({ units, seconds }) => units / seconds),
      cpuToOne: toOne(({ proxyCpuSeconds, units }) => (proxyCpuSeconds ?? Number.NaN) / units),
      resumed: Math.min(...shares),
    };
  } finally {
    await gateway.stop();
  }
}
