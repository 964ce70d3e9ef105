import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '../errors.ts';

/**
 * Takes a folder for this process, so that no two gateways write one chain. The lock of a process that is gone does not
 * count, however it ended.
 *
 * @returns gives it back
 * @throws ConfigError when another process has it, or the folder can not be written
 */
export function lockFolder(folder: string): () => void {
  const file = join(folder, 'lock');
  const mine = `${process.pid} ${startOf(process.pid)}\n`;
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(file, mine, { flag: 'wx', mode: 0o600 });
      return () => {
        if (holderOf(file) === mine) rmSync(file, { force: true });
      };
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== 'EEXIST') throw new ConfigError([`audit.folder: ${folder} can not be written (${code})`]);
    }
    const pid = livingHolder(folder);
    if (pid !== undefined) {
      throw new ConfigError([
        `audit.folder: ${folder} is written by another gateway (process ${pid}); give this one a folder of its own`,
      ]);
    }
    rmSync(file, { force: true });
  }
  throw new ConfigError([`audit.folder: ${folder} can not be locked; remove ${file} if no gateway runs`]);
}

/** The process of the gateway that writes there; undefined when none does. */
export function livingHolder(folder: string): string | undefined {
  const [pid = '', start = ''] = holderOf(join(folder, 'lock')).trim().split(' ');
  return start !== '' && startOf(Number(pid)) === start ? pid : undefined;
}

function holderOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

/** When a process started, in ticks since the machine did (proc(5), starttime): with its number, it names one process. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
