import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';

/** An Engine's folder is `/tmp/qwe-<pid of its test process>-<random>`; its namespace has the same name. */
export const PREFIX = 'qwe';

/** Pids whose command line names this folder: containerd and its shims, should their dockerd have died first. */
export function processesOf(dir: string): readonly number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .filter((entry) =>
      ['dockerd', 'containerd', 'docker-registry', 'containerd-shim', 'podman', 'conmon'].some((name) =>
        isProcess(entry, name, dir),
      ),
    )
    .map(Number);
}

export function isProcess(pid: string, name: string, dir: string): boolean {
  const command = readIfThere(`/proc/${pid}/cmdline`).split('\0');
  return (command[0] ?? '').includes(name) && command.some((argument) => argument.includes(dir));
}

/** Pids inside the containers of the Engine in that folder, told by the container's id in their cgroup. */
function contained(dir: string): readonly number[] {
  const folders = ['containers', 'overlay-containers'].map((name) => `${dir}/data/${name}`);
  const ids = folders.flatMap((folder) => (existsSync(folder) ? readdirSync(folder) : [])).filter(isId);
  if (ids.length === 0) return [];
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((entry) => {
      const cgroup = readIfThere(`/proc/${entry}/cgroup`);
      return ids.some((id) => cgroup.includes(id));
    })
    .map(Number);
}

function isId(name: string): boolean {
  return /^[0-9a-f]{64}$/.test(name);
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function killAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {}
  }
}

/** Removes every trace of the Engine of that name: processes, container processes, mounts, namespace, folder. */
export function erase(name: string): void {
  const dir = `/tmp/${name}`;
  const inNamespace = spawnSync('ip', ['netns', 'pids', name], { encoding: 'utf8' }).stdout ?? '';
  killAll([...processesOf(dir), ...inNamespace.split('\n').filter(Boolean).map(Number)]);
  killAll([...processesOf(dir), ...contained(dir)]);
  const mounts = readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((point) => point.startsWith(`${dir}/`));
  for (const point of mounts.reverse()) spawnSync('umount', ['-l', point], { stdio: 'ignore' });
  spawnSync('ip', ['netns', 'delete', name], { stdio: 'ignore' });
  rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}

/** Erases Engines whose test process is gone. */
export function sweep(): void {
  for (const entry of readdirSync('/tmp')) {
    const owner = new RegExp(`^${PREFIX}-(\\d+)-\\w+$`).exec(entry)?.[1];
    if (owner !== undefined && !existsSync(`/proc/${owner}`)) erase(entry);
  }
}
