import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { fakeTimeLibrary } from './faketime.ts';

/** One thing the tests run, how to tell that it is here, and the Debian packages that may bring it, in order. */
interface Need {
  readonly name: string;
  readonly packages: readonly string[];
  readonly present: () => boolean;
}

const FOLDERS = ['/usr/sbin', '/usr/bin', '/sbin', '/bin', '/usr/local/sbin', '/usr/local/bin'];

/** Absolute path of a command in the system's folders, or null. */
export function findCommand(name: string): string | null {
  for (const folder of FOLDERS) {
    if (existsSync(`${folder}/${name}`)) return `${folder}/${name}`;
  }
  return null;
}

function command(name: string, ...packages: string[]): Need {
  return { name, packages, present: () => findCommand(name) !== null };
}

const NEEDS: readonly Need[] = [
  command('dockerd', 'docker.io'),
  {
    name: 'the Debian docker CLI',
    packages: ['docker.io', 'docker-cli'],
    present: () => existsSync('/usr/bin/docker'),
  },
  command('podman', 'podman'),
  command('conmon', 'conmon'),
  { name: 'netavark', packages: ['netavark'], present: () => existsSync('/usr/lib/podman/netavark') },
  command('docker-registry', 'docker-registry'),
  command('docker-compose', 'docker-compose'),
  {
    name: 'python3-docker',
    packages: ['python3-docker'],
    present: () =>
      existsSync('/usr/bin/python3') && spawnSync('/usr/bin/python3', ['-c', 'import docker']).status === 0,
  },
  {
    name: 'a static busybox',
    packages: ['busybox-static'],
    present: () => existsSync('/usr/share/doc/busybox-static') && findCommand('busybox') !== null,
  },
  command('ip', 'iproute2'),
  command('iptables', 'iptables'),
  command('nsenter', 'util-linux'),
  command('curl', 'curl'),
  command('haproxy', 'haproxy'),
  command('nginx', 'nginx'),
  command('socat', 'socat'),
  command('openssl', 'openssl'),
  {
    name: 'PostgreSQL',
    packages: ['postgresql'],
    present: () => existsSync('/usr/lib/postgresql') && readdirSync('/usr/lib/postgresql').length > 0,
  },
  command('systemd-analyze', 'systemd'),
  command('jq', 'jq'),
  {
    name: 'Netdata’s script for names of cgroups',
    packages: ['netdata-plugins-bash'],
    present: () => existsSync('/usr/lib/netdata/plugins.d/cgroup-name.sh'),
  },
  { name: 'libfaketime', packages: ['faketime'], present: () => fakeTimeLibrary() !== undefined },
];

const LOG = '/tmp/quaywarden-provision.log';
const POLICY = '/usr/sbin/policy-rc.d';

/**
 * Installs with apt-get what the tests need and the machine lacks; needs root. No service starts meanwhile, so
 * that an Engine, a registry or an haproxy of the machine's own is neither started nor restarted. Throws, with
 * what to do next, when something is still missing afterwards: nothing is ever skipped.
 */
export async function provision(): Promise<void> {
  if (process.getuid?.() !== 0) {
    throw new Error(
      'The tests start a private Docker Engine in its own network namespace and need root. ' +
        'Run them as root, for example: sudo --preserve-env=PATH npm test',
    );
  }
  if (missing().length === 0) return;
  if (!existsSync('/usr/bin/apt-get')) {
    throw new Error(
      `The tests need ${names(missing())}, and there is no apt-get here. Install them, then run again.`,
    );
  }
  await withoutServices(async () => {
    progress('apt-get update');
    await apt(['update']);
    for (const round of [0, 1]) {
      const packages = [...new Set(missing().flatMap((need) => need.packages.slice(round, round + 1)))];
      if (packages.length === 0) continue;
      progress(`apt-get install ${packages.join(' ')} (output: ${LOG})`);
      await apt(['install', '-y', '--no-install-recommends', ...packages]);
    }
  });
  if (missing().length > 0) {
    throw new Error(
      `After apt-get install the tests still miss ${names(missing())}. Its output is in ${LOG}.`,
    );
  }
}

/** One line on stderr, so that a person sees what takes time. */
export function progress(line: string): void {
  process.stderr.write(`[tests] ${line}\n`);
}

function missing(): readonly Need[] {
  return NEEDS.filter((need) => !need.present());
}

function names(needs: readonly Need[]): string {
  return needs.map((need) => need.name).join(', ');
}

async function apt(args: readonly string[]): Promise<void> {
  const log = openSync(LOG, 'a', 0o600);
  const child = spawn(
    '/usr/bin/apt-get',
    ['-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3', ...args],
    {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', log, log],
    },
  );
  const code = await new Promise<number | null>((resolve, reject) =>
    child.on('error', reject).on('close', resolve),
  );
  if (code === 0) return;
  const tail = readFileSync(LOG, 'utf8').split('\n').slice(-15).join('\n');
  throw new Error(`apt-get ${args[0]} failed (exit code ${code}); the end of ${LOG}:\n${tail}`);
}

/** Runs `inner` under a policy-rc.d that answers "forbidden" to every start, then puts back what was there. */
async function withoutServices(inner: () => Promise<void>): Promise<void> {
  const before = existsSync(POLICY)
    ? { text: readFileSync(POLICY), mode: statSync(POLICY).mode & 0o777 }
    : null;
  const restore = () => {
    if (before === null) return rmSync(POLICY, { force: true });
    writeFileSync(POLICY, before.text);
    chmodSync(POLICY, before.mode);
  };
  mkdirSync(dirname(POLICY), { recursive: true });
  writeFileSync(POLICY, '#!/bin/sh\nexit 101\n');
  chmodSync(POLICY, 0o755);
  process.once('exit', restore);
  try {
    await inner();
  } finally {
    process.removeListener('exit', restore);
    restore();
  }
}
