import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Program } from './engine.ts';

/** What a container gets of each limit: what most machines allow without further rights. */
const MOST = 4_096;

/**
 * Podman's Docker-compatible service, as root, with nothing of the machine's own: folders, locks, networks and settings are
 * all below `dir`.
 *
 * @param registry the address of the registry that it may speak to without TLS
 */
export function podmanProgram(dir: string, socket: string, registry: string): Program {
  mkdirSync(`${dir}/net`, { recursive: true });
  writeFileSync(`${dir}/containers.conf`, containersConf());
  writeFileSync(`${dir}/registries.conf`, registriesConf(registry));
  writeFileSync(
    `${dir}/storage.conf`,
    `[storage]\ndriver = "overlay"\nrunroot = "${dir}/runroot"\ngraphroot = "${dir}/data"\n`,
  );
  return {
    command: 'podman',
    args: [
      ...['--root', `${dir}/data`, '--runroot', `${dir}/runroot`, '--tmpdir', `${dir}/tmp`],
      ...['--volumepath', `${dir}/volumes`, '--network-config-dir', `${dir}/net`, '--log-level', 'info'],
      ...['system', 'service', '--time', '0', `unix://${socket}`],
    ],
    env: {
      CONTAINERS_CONF: `${dir}/containers.conf`,
      CONTAINERS_REGISTRIES_CONF: `${dir}/registries.conf`,
      CONTAINERS_STORAGE_CONF: `${dir}/storage.conf`,
    },
  };
}

/** Locks in files, as those in shared memory are all Podmans' of the machine; limits that this process may pass on. */
function containersConf(): string {
  const limits = Object.entries({ nofile: 'Max open files', nproc: 'Max processes' }).map(([name, row]) => {
    const [, soft = ''] =
      new RegExp(`^${row} +(\\d+)`, 'm').exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    const most = Math.min(Number(soft) || MOST, MOST);
    return `"${name}=${most}:${most}"`;
  });
  return [
    '[containers]',
    `default_ulimits = [${limits.join(', ')}]`,
    '[engine]',
    'lock_type = "file"',
    'cgroup_manager = "cgroupfs"',
    'events_logger = "file"',
    'runtime = "runc"',
    '[network]',
    'network_backend = "netavark"',
    '',
  ].join('\n');
}

function registriesConf(registry: string): string {
  return `unqualified-search-registries = ["docker.io"]\n[[registry]]\nlocation = "${registry}"\ninsecure = true\n`;
}
