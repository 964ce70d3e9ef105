import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import pg from 'pg';
import { freePort } from '../support/free-port.ts';
import type { Issued } from '../support/pki.ts';

const VERSIONS = '/usr/lib/postgresql';
const START_MS = 60_000;

/** Passwords that must be nowhere but in their files. */
export const PASSWORDS = {
  postgres: 'pw-of-superuser-1f0c',
  policy_owner: "pw-of-owner-'9a3e\\",
  policy_editor: 'pw-of-editor-77d2',
  quaywarden: 'pw-of-gateway-c5b8',
} as const;
export type Role = keyof typeof PASSWORDS;

/** A PostgreSQL of Debian's package in a folder of its own, on 127.0.0.1 and a unix socket. */
export interface Cluster {
  readonly port: number;
  readonly folder: string;
  /** File with the password of a role. */
  passwordFile(role: Role): string;
  /** A connection to a database, `quaywarden` without a name; ended with the cluster at the latest. */
  as(role: Role, database?: string): Promise<pg.Client>;
  /** Stops as an operator would (fast). */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Stops and takes all of it away. */
  destroy(): Promise<void>;
}

/** @param tls what the server shows; without it there is no TLS. @throws when there is no PostgreSQL: nothing is skipped */
export async function startCluster(tls?: Issued): Promise<Cluster> {
  const [version] = readdirSync(VERSIONS).sort((a, b) => Number(b) - Number(a));
  if (version === undefined)
    throw new Error(`There is no PostgreSQL in ${VERSIONS}; test/support/provision.ts installs it.`);
  const bin = `${VERSIONS}/${version}/bin`;
  const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('/usr/bin/id', [flag, 'postgres'])));
  if (uid === undefined || gid === undefined) throw new Error('there is no user postgres');
  const folder = mkdtempSync('/tmp/quaywarden-pg-');
  const own = (path: string, text: string): string => {
    writeFileSync(path, text, { mode: 0o600 });
    chownSync(path, uid, gid);
    return path;
  };
  chownSync(folder, uid, gid);
  const data = `${folder}/data`;
  const secret = own(`${folder}/superuser`, PASSWORDS.postgres);
  const asPostgres = { uid, gid, cwd: folder, env: { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8' } };
  execFileSync(
    `${bin}/initdb`,
    ['-D', data, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${secret}`, '-E', 'UTF8', '--no-sync'],
    { ...asPostgres, stdio: 'pipe' },
  );
  const port = await freePort();
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${folder}`,
    'fsync=off',
  ];
  if (tls !== undefined) {
    own(`${folder}/server.pem`, tls.certificate);
    own(`${folder}/server.key`, tls.key);
    settings.push('ssl=on', `ssl_cert_file=${folder}/server.pem`, `ssl_key_file=${folder}/server.key`);
  }
  let server: ChildProcess | undefined;
  const clients = new Set<pg.Client>();

  const as: Cluster['as'] = async (role, database = 'quaywarden') => {
    const client = new pg.Client({ host: folder, port, user: role, database, password: PASSWORDS[role] });
    client.on('error', () => {});
    await client.connect();
    clients.add(client);
    return client;
  };
  const start = async (): Promise<void> => {
    const said: Buffer[] = [];
    server = spawn(`${bin}/postgres`, ['-D', data, ...settings.flatMap((setting) => ['-c', setting])], {
      ...asPostgres,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    server.stderr?.on('data', (piece: Buffer) => said.push(piece));
    const deadline = Date.now() + START_MS;
    for (;;) {
      try {
        await (await as('postgres', 'postgres')).end();
        return;
      } catch (error) {
        if (Date.now() > deadline || server.exitCode !== null)
          throw new Error(`PostgreSQL did not start: ${Buffer.concat(said)}`, { cause: error });
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  };
  const stop = async (): Promise<void> => {
    const running = server;
    server = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    // Fast: clients are sent away.
    running.kill('SIGINT');
    await ended;
  };
  process.once('exit', () => server?.kill('SIGQUIT'));
  await start();
  const superuser = await as('postgres', 'postgres');
  for (const role of ['policy_owner', 'policy_editor', 'quaywarden'] as const) {
    await superuser.query(`CREATE ROLE ${role} LOGIN PASSWORD ${pg.escapeLiteral(PASSWORDS[role])}`);
  }
  mkdirSync(`${folder}/passwords`);
  for (const [role, password] of Object.entries(PASSWORDS))
    writeFileSync(`${folder}/passwords/${role}`, `${password}\n`, { mode: 0o600 });
  await superuser.query('CREATE DATABASE quaywarden OWNER policy_owner');
  return {
    port,
    folder,
    passwordFile: (role) => `${folder}/passwords/${role}`,
    as,
    start,
    stop,
    async destroy() {
      for (const client of clients) void client.end().catch(() => {});
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
