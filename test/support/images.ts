import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { findCommand } from './provision.ts';

/** Where scenarios pull from: pushed to the loopback registry when the Engine is made, and not kept locally. */
export const REMOTE_BUSYBOX = '127.0.0.1:5000/library/busybox:1.35';

/**
 * Gives an Engine `busybox:latest`, made of the machine's own static busybox, and puts a copy into its registry.
 * Nothing comes from the internet.
 */
export function makeImages(socket: string, dir: string): void {
  const root = `${dir}/rootfs`;
  rootfs(root);
  const docker = `/usr/bin/docker -H unix://${socket}`;
  const changes = `-c 'CMD ["sh"]' -c 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'`;
  sh(
    `tar -C ${root} --numeric-owner --owner=0 --group=0 -c . | ${docker} import ${changes} - busybox:latest`,
  );
  sh(
    `${docker} tag busybox:latest ${REMOTE_BUSYBOX} && ${docker} push ${REMOTE_BUSYBOX} && ${docker} rmi ${REMOTE_BUSYBOX}`,
  );
  rmSync(root, { recursive: true });
}

function rootfs(root: string): void {
  const busybox = findCommand('busybox');
  if (busybox === null) throw new Error('busybox is missing; run provision() first.');
  for (const folder of [
    'bin',
    'dev',
    'etc',
    'home',
    'proc',
    'root',
    'sys',
    'tmp',
    'usr/bin',
    'usr/sbin',
    'var',
  ]) {
    mkdirSync(`${root}/${folder}`, { recursive: true });
  }
  chmodSync(`${root}/tmp`, 0o1777);
  chmodSync(`${root}/root`, 0o700);
  copyFileSync(busybox, `${root}/bin/busybox`);
  chmodSync(`${root}/bin/busybox`, 0o755);
  const applets = execFileSync(busybox, ['--list'], { encoding: 'utf8' }).split('\n').filter(Boolean);
  for (const applet of applets) if (applet !== 'busybox') symlinkSync('busybox', `${root}/bin/${applet}`);
  const passwd = [
    'root:x:0:0:root:/root:/bin/sh',
    'daemon:x:1:1:daemon:/usr/sbin:/bin/false',
    'nobody:x:65534:65534:nobody:/home:/bin/false',
  ];
  writeFileSync(`${root}/etc/passwd`, `${passwd.join('\n')}\n`);
  writeFileSync(`${root}/etc/group`, 'root:x:0:\ndaemon:x:1:\nnobody:x:65534:\n');
}

function sh(script: string): void {
  execFileSync('bash', ['-o', 'pipefail', '-e', '-c', script], {
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: 120_000,
  });
}
