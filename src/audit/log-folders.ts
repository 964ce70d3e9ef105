import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { headFile, segmentNumbers } from './segments.ts';

/**
 * A log is one chain for each process that writes it. The first worker's stands in the log's own folder, those of the others in
 * `worker-2`, `worker-3` and so on in it; they stay, and belong to the log, when fewer workers run later.
 */

const NAME = /^worker-([1-9]\d{0,8})$/;

/** @param worker from 1 on */
export function workerFolder(root: string, worker: number): string {
  return worker === 1 ? root : join(root, `worker-${worker}`);
}

/** What a worker is called in its lines (`gateway`). @param instance `audit.instance` @param worker from 1 on */
export function workerInstance(instance: string, worker: number): string {
  return worker === 1 ? instance : `${instance}.${worker}`;
}

/** The worker that a folder `worker-N` is of; undefined where that is no such name. There is no `worker-1`. */
export function workerOf(name: string): number | undefined {
  const [, digits] = NAME.exec(name) ?? [];
  return digits === undefined || digits === '1' ? undefined : Number(digits);
}

/**
 * The workers of which there is a chain in a log's folder, ascending: those whose folders hold segments, or the newest checkpoint,
 * which tells that there were some.
 *
 * @throws what `readdir` does, of what is called like a worker's folder and can not be read too
 */
export function logWorkers(root: string): number[] {
  const workers = readdirSync(root).flatMap((name) => workerOf(name) ?? []);
  return [1, ...workers.sort((a, b) => a - b)].filter((worker) => {
    const folder = workerFolder(root, worker);
    return segmentNumbers(folder).length > 0 || existsSync(headFile(folder));
  });
}

/** The folders of a log's chains, by the number of their workers. @throws as `logWorkers` */
export function logFolders(root: string): string[] {
  return logWorkers(root).map((worker) => workerFolder(root, worker));
}
