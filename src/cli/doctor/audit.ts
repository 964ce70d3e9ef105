import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Config } from '../../config/schema.ts';
import { secrecy } from './files.ts';
import { about, type Finding } from './finding.ts';

/** Whether the audit log can be written, without writing to it. */
export function checkAudit({ audit }: Config): Finding[] {
  const { ok, fail } = about('audit log');
  const target = nearestExisting(audit.file);
  const isFolder = statSync(target).isDirectory();
  if (target === audit.file && isFolder)
    return [fail(`${audit.file} is a folder`, 'name a file in audit.file')];
  if (target !== audit.file && !isFolder)
    return [fail(`${target} is not a folder`, 'name another place in audit.file')];
  try {
    accessSync(target, isFolder ? constants.W_OK | constants.X_OK : constants.W_OK);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return [
      fail(
        `${target} can not be written (${code})`,
        "let the gateway's user write there, or name another audit.file",
      ),
    ];
  }
  const found = target === audit.file ? 'can be written' : 'can be made';
  return [ok(`${audit.file} ${found}`), ...(isFolder ? [] : secrecy('audit log', audit.file))];
}

function nearestExisting(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : nearestExisting(dirname(path));
}
