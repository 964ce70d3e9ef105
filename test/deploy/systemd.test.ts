import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';

const UNITS = fileURLToPath(new URL('../../deploy/systemd/', import.meta.url));
const ETC = fileURLToPath(new URL('../../deploy/etc/quaywarden/quaywarden.yaml', import.meta.url));
/** What the comment in the unit and docs/deployment.md say, in tenths. */
const SCORE = 15;

describe('deploy/systemd', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync('/tmp/qw-systemd-');
    const service = readFileSync(`${UNITS}quaywarden.service`, 'utf8');
    // The one thing that this machine lacks; verify wants the program to be there.
    writeFileSync(
      `${folder}/quaywarden.service`,
      service.replaceAll('/usr/bin/quaywarden ', `${process.execPath} `),
    );
    writeFileSync(`${folder}/quaywarden.socket`, readFileSync(`${UNITS}quaywarden.socket`));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('has units that systemd-analyze verifies without a word', () => {
    const { status, stdout, stderr } = spawnSync(
      'systemd-analyze',
      ['verify', '--man=no', './quaywarden.service', './quaywarden.socket'],
      { cwd: folder, encoding: 'utf8' },
    );
    expect([status, stdout, stderr.split('\n').filter((line) => line.includes('quaywarden'))]).toEqual([
      0,
      '',
      [],
    ]);
  });

  it('has a service that is no more exposed than the documents say', () => {
    const { status, stdout } = spawnSync(
      'systemd-analyze',
      ['security', '--offline=true', '--no-pager', `--threshold=${SCORE}`, './quaywarden.service'],
      { cwd: folder, encoding: 'utf8' },
    );
    const score = `${Math.floor(SCORE / 10)}.${SCORE % 10}`;
    expect(status, stdout).toBe(0);
    for (const told of [
      `${UNITS}quaywarden.service`,
      fileURLToPath(new URL('../../docs/deployment.md', import.meta.url)),
    ])
      expect(readFileSync(told, 'utf8')).toContain(score);
  });

  it('gives the program more time to stop than it takes', () => {
    const seconds = /^TimeoutStopSec=(\d+)$/m.exec(readFileSync(`${UNITS}quaywarden.service`, 'utf8'))?.[1];
    expect(loadConfig(ETC, {}).shutdown.graceSeconds).toBeLessThan(Number(seconds));
  });

  it('has a user and folders that systemd makes as they are meant', () => {
    const root = `${folder}/root`;
    for (const each of ['etc', 'run', 'var/lib', 'var/log'])
      mkdirSync(`${root}/${each}`, { recursive: true });
    const user = `${folder}/quaywarden.conf`;
    writeFileSync(user, readFileSync(`${UNITS}quaywarden.sysusers`));
    execFileSync('systemd-sysusers', [`--root=${root}`, user], { stdio: 'pipe' });
    const [, , uid, gid, , home, shell] =
      /^quaywarden:.*$/m.exec(readFileSync(`${root}/etc/passwd`, 'utf8'))?.[0].split(':') ?? [];
    expect([home, shell]).toEqual(['/var/lib/quaywarden', '/usr/sbin/nologin']);
    const folders = `${folder}/tmpfiles.conf`;
    writeFileSync(folders, readFileSync(`${UNITS}quaywarden.tmpfiles`));
    execFileSync('systemd-tmpfiles', [`--root=${root}`, '--create', folders], { stdio: 'pipe' });
    const etc = statSync(`${root}/etc/quaywarden/certs`);
    expect([etc.uid, etc.gid, etc.mode & 0o777]).toEqual([0, Number(gid), 0o750]);
    expect(statSync(`${root}/run/quaywarden`).uid).toBe(Number(uid));
  });
});

describe('configuration files under deploy/', () => {
  const files = ['etc/quaywarden', 'compose/remote-host', 'compose/multi-tenant', 'compose/local-socket'];
  it.each(files)('%s/quaywarden.yaml loads, and writes nothing below /etc', (place) => {
    const path = fileURLToPath(new URL(`../../deploy/${place}/quaywarden.yaml`, import.meta.url));
    const { tls, audit, sessions, spool, control } = loadConfig(path, {});
    const written = [tls.sessionTickets, audit.folder, audit.signingKey, audit.secretsKey, sessions.folder];
    for (const file of [...written, spool.folder ?? '', control.socket])
      expect(file).toMatch(/^\/(var\/(lib|log)|run)\/quaywarden\//);
  });
});
