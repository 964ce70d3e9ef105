import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findCommand } from './provision.ts';

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/quaywarden', import.meta.url));

/** What promtool answered. */
export interface Checked {
  readonly code: number | null;
  /** Both of its outputs. */
  readonly said: string;
}

/**
 * Runs promtool, the machine's or else that of Debian's package `prometheus`, of which nothing is installed or started: it
 * is unpacked once, beside node_modules.
 */
export function promtool(args: readonly string[], input = ''): Checked {
  const { status, stdout, stderr, error } = spawnSync(found(), args, { input, encoding: 'utf8' });
  if (error !== undefined) throw error;
  return { code: status, said: `${stdout}${stderr}` };
}

function found(): string {
  const installed = findCommand('promtool');
  if (installed !== null) return installed;
  const kept = `${CACHE}/promtool`;
  if (existsSync(kept)) return kept;
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(`${CACHE}/unpacking-`);
  const apt = (...args: string[]): unknown =>
    execFileSync('/usr/bin/apt-get', ['-q', '-o', 'APT::Sandbox::User=root', ...args], {
      cwd: folder,
      stdio: 'pipe',
    });
  try {
    try {
      apt('download', 'prometheus');
    } catch {
      apt('update'); // a machine that has no lists of packages yet
      apt('download', 'prometheus');
    }
    const packed = readdirSync(folder).find((name) => name.endsWith('.deb')) ?? 'prometheus.deb';
    execFileSync('/usr/bin/dpkg-deb', ['-x', packed, '.'], { cwd: folder, stdio: 'pipe' });
    renameSync(`${folder}/usr/bin/promtool`, kept);
    return kept;
  } catch (cause) {
    throw new Error(
      'The metrics are held against promtool, and Debian’s package prometheus could not be downloaded; ' +
        'install promtool, then run again.',
      { cause },
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
