import { InvalidArgumentError } from 'commander';
import { workerOf } from '../../audit/log-folders.ts';
import { wholeNumber } from '../arguments.ts';

/**
 * For the option that says which segments have to be there: `12`, or of several chains `12,worker-2=9`. Gives the first
 * segment by worker.
 */
export function firstSegments(text: string): ReadonlyMap<number, number> {
  const first = new Map<number, number>();
  for (const part of text.split(',')) {
    const [, name, number = ''] = /^(?:([^=]*)=)?(.*)$/s.exec(part) ?? [];
    const worker = name === undefined ? 1 : workerOf(name);
    if (worker === undefined || first.has(worker)) {
      throw new InvalidArgumentError('Write 12, or for further workers 12,worker-2=9: each folder once.');
    }
    first.set(worker, wholeNumber(1, 999_999)(number));
  }
  return first;
}
