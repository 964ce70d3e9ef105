import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { ConfigError } from '../../errors.ts';

/** Which version of which database a folder holds. */
export interface Exported {
  readonly version: number;
  /** `host:port/database`. */
  readonly database: string;
}

export function versionLine({ version, database }: Exported): string {
  return `${version} ${database}\n`;
}

/** @returns undefined when there is no such file. @throws ConfigError when it is something else */
export function readVersionFile(path: string): Exported | undefined {
  if (!existsSync(path)) return undefined;
  const [, version = '', database = ''] = /^(\d{1,15}) (\S+)\n$/.exec(readFileSync(path, 'utf8')) ?? [];
  if (database === '')
    throw new ConfigError([`${path}: it does not say "VERSION DATABASE", as an export writes it`]);
  return { version: Number(version), database };
}

/** Says that the folder is of that version now; only where it said something before. */
export function updateVersionFile(path: string, exported: Exported): void {
  if (existsSync(path)) writeFileSync(path, versionLine(exported));
}
