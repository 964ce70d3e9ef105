import { existsSync } from 'node:fs';
import { readLink } from './chain.ts';
import { logWorkers, workerFolder, workerInstance, workerOf } from './log-folders.ts';
import { firstLink, segmentFile, segmentNumbers } from './segments.ts';
import { type Verdict, type VerifyOptions, verifyFolder, verifySegments } from './verify.ts';

/** How one chain of a log was found. */
export interface ChainVerdict {
  readonly folder: string;
  readonly verdict: Verdict;
}

export interface VerifyLogOptions extends Pick<VerifyOptions, 'keys' | 'open' | 'checkpoints'> {
  /**
   * Whose log it has to be (`audit.instance`). Without it the first line of the log's own folder says so, and the chain of another
   * worker that was put there in place of the first one's is taken for it.
   */
  readonly instance?: string;
  /** By worker, the first segment that has to be there: 1 where none is named. The chain of one that is named must be there. */
  readonly from?: ReadonlyMap<number, number>;
}

/**
 * Verifies all chains of a log, each by itself: up to its first fault, with the checkpoints of its own gateway. That of the
 * first worker has to be there, and of the others those that are, that `from` names, or that a checkpoint tells of. The chain
 * of worker N is of the gateway `INSTANCE.N`: none can stand in for another.
 *
 * @returns by worker, at least one
 * @throws what reading does
 */
export function verifyLog(root: string, options: VerifyLogOptions): readonly ChainVerdict[] {
  const { keys, open, from = new Map<number, number>() } = options;
  const instance = options.instance ?? gatewayOf(root);
  const checkpoints = byWorker(options.checkpoints ?? [], instance);
  const workers = new Set([1, ...logWorkers(root), ...from.keys(), ...checkpoints.keys()]);
  return [...workers]
    .sort((a, b) => a - b)
    .map((worker) => {
      const folder = workerFolder(root, worker);
      const first = from.get(worker);
      const verifyOptions: VerifyOptions = {
        keys,
        checkpoints: checkpoints.get(worker) ?? [],
        ...(open === undefined ? {} : { open }),
        ...(first === undefined ? {} : { from: first }),
        ...(instance === undefined ? {} : { gateway: workerInstance(instance, worker) }),
      };
      const verdict = existsSync(folder)
        ? verifyFolder(folder, verifyOptions)
        : verifySegments([], { get: () => undefined }, verifyOptions);
      return { folder, verdict };
    });
}

/** Whose chain stands in a folder, by its first line; whether that is genuine shows when the chain is verified. */
function gatewayOf(folder: string): string | undefined {
  const [number] = segmentNumbers(folder);
  return number === undefined ? undefined : firstLink(segmentFile(folder, number))?.gateway;
}

/** What no worker of the instance can have signed is given to the first, with whose chain it is found not to fit. */
function byWorker(checkpoints: readonly string[], instance: string | undefined): Map<number, string[]> {
  const sorted = new Map<number, string[]>();
  for (const line of checkpoints) {
    const gateway = readLink(Buffer.from(line.trimEnd(), 'latin1'))?.gateway;
    const isOther = instance !== undefined && gateway?.startsWith(`${instance}.`) === true;
    const worker = (isOther ? workerOf(`worker-${gateway.slice(instance.length + 1)}`) : undefined) ?? 1;
    const lines = sorted.get(worker);
    if (lines === undefined) sorted.set(worker, [line]);
    else lines.push(line);
  }
  return sorted;
}
