import type { EventEmitter } from 'node:events';
import { readFile } from 'node:fs/promises';
import { checkServerIdentity } from 'node:tls';
import pg from 'pg';
import { printable } from '../audit/printable.ts';
import type { Config } from '../config/schema.ts';

/** Where the database is, and as whom it is spoken to. */
export type Database = NonNullable<Config['policy']['postgres']>;

export type Connection = pg.Client;

/** What went wrong with a database, in one sentence that holds nothing secret. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
}

const CONNECT_MS = 5_000;
/** How long one statement may take, here and in the database. */
const QUERY_MS = 20_000;
const STATEMENT_MS = 15_000;
const END_MS = 2_000;
const LONGEST_PASSWORD = 4_096;

/**
 * Connects. Nothing of it comes from the environment: what `pg` is not given it would take from `PGPASSWORD`, `PGOPTIONS` and
 * `~/.pgpass`. Names are looked up in `pg_catalog` alone, so that nobody can put a function of their own before one of
 * the database's (CVE-2018-1058).
 *
 * @param onLost called once when the connection ends by itself
 * @throws DatabaseError
 */
export async function connect(
  database: Database,
  onLost: (error: DatabaseError) => void = () => {},
): Promise<Connection> {
  let client: pg.Client | undefined;
  try {
    const { host, port, user } = database;
    const password = await passwordOf(database);
    // Any program of this machine may listen on a port while the database does not.
    const mustProve = database.tls === undefined && !host.startsWith('/');
    client = new pg.Client({
      host,
      port,
      user,
      database: database.database,
      password: () => {
        if (!proof.isAsked && mustProve)
          throw new DatabaseError(`${placeOf(database)} asks for the password in a way that gives it away`);
        return password;
      },
      ssl: await tlsOf(database),
      sslnegotiation: 'postgres',
      application_name: 'quaywarden',
      client_encoding: 'UTF8',
      options: `-c search_path=pg_catalog -c statement_timeout=${STATEMENT_MS} -c lock_timeout=${STATEMENT_MS}`,
      replication: 'false',
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: QUERY_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    } as pg.ClientConfig);
    const proof = watchProof(client);
    let isOver = false;
    const lost = (error: unknown): void => {
      if (isOver) return;
      isOver = true;
      onLost(toDatabaseError(error, database));
    };
    // Also while it connects: an error that nobody listens to would end the process.
    client.on('error', lost);
    client.on('end', () => lost(new Error('the connection was closed')));
    await client.connect();
    if (mustProve && !proof.isGiven)
      throw new DatabaseError(
        `${placeOf(database)} does not prove that it is the database: have its pg_hba.conf ask ${user} for scram-sha-256, or use TLS`,
      );
    return client;
  } catch (error) {
    if (client !== undefined) void disconnect(client.removeAllListeners('end').on('error', () => {}));
    throw toDatabaseError(error, database);
  }
}

/** Does something on a connection of its own. @throws DatabaseError, and what `work` throws of another kind */
export async function withConnection<T>(
  database: Database,
  work: (client: Connection) => Promise<T>,
): Promise<T> {
  const client = await connect(database);
  try {
    return await work(client);
  } catch (error) {
    throw isOurs(error) ? error : toDatabaseError(error, database);
  } finally {
    await disconnect(client);
  }
}

/** Ends a connection; does not wait for a database that answers no more. */
export async function disconnect(client: Connection | undefined): Promise<void> {
  const late = new Promise<void>((resolve) => setTimeout(resolve, END_MS).unref());
  await Promise.race([client?.end().catch(() => {}), late]);
}

/**
 * What SCRAM has shown (RFC 5802): that the database knows the password too. `isAsked` when it asks in that way, `isGiven` once
 * `pg` was sent its signature, which it verifies.
 */
function watchProof(client: pg.Client): { readonly isAsked: boolean; readonly isGiven: boolean } {
  const proof = { isAsked: false, isGiven: false };
  const { connection } = client as unknown as { readonly connection: EventEmitter };
  connection.on('authenticationSASL', () => {
    proof.isAsked = true;
  });
  connection.on('authenticationSASLFinal', () => {
    proof.isGiven = proof.isAsked;
  });
  return proof;
}

/** Does something in a transaction, and takes it back when that fails. */
export async function inTransaction<T>(
  client: Connection,
  begin: string,
  work: () => Promise<T>,
): Promise<T> {
  await client.query(begin);
  try {
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
}

/** `host:port/database`, for people. */
export function placeOf({ host, port, database }: Pick<Database, 'host' | 'port' | 'database'>): string {
  return `${host}:${port}/${database}`;
}

/** @returns nothing where there is none: `pg` would look for one elsewhere without that */
async function passwordOf({ passwordFile }: Database): Promise<string> {
  if (passwordFile === undefined) return '';
  let text: string;
  try {
    text = await readFile(passwordFile, 'utf8');
  } catch (error) {
    throw new DatabaseError(unreadable('passwordFile', passwordFile, error));
  }
  const password = text.replace(/\r?\n$/, '');
  if (password === '' || password.length > LONGEST_PASSWORD || /[\r\n\0]/.test(password)) {
    throw new DatabaseError(`the password file ${passwordFile} must hold one line with the password`);
  }
  return password;
}

async function tlsOf({ host, tls }: Database): Promise<false | Record<string, unknown>> {
  if (tls === undefined) return false;
  const read = async (key: 'ca' | 'certificate' | 'key'): Promise<string | undefined> => {
    const path = tls[key];
    if (path === undefined) return undefined;
    try {
      return await readFile(path, 'utf8');
    } catch (error) {
      throw new DatabaseError(unreadable(`tls.${key}`, path, error));
    }
  };
  const [ca, cert, key] = await Promise.all([read('ca'), read('certificate'), read('key')]);
  const name = tls.serverName ?? host;
  return {
    ca,
    ...(cert === undefined ? {} : { cert, key }),
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
    // `pg` names the host to TLS, whatever it is told; what counts is the name that is checked.
    checkServerIdentity: (_: string, peer: Parameters<typeof checkServerIdentity>[1]) =>
      checkServerIdentity(name, peer),
  };
}

function unreadable(key: string, path: string, error: unknown): string {
  return `policy.postgres.${key}: ${path} can not be read (${(error as NodeJS.ErrnoException).code})`;
}

/** Errors that say what they are already. */
function isOurs(error: unknown): boolean {
  return error instanceof Error && ['DatabaseError', 'ConfigError'].includes(error.name);
}

/** Words an error of a database by its SQLSTATE (PostgreSQL's appendix A) or Node's code. */
export function toDatabaseError(error: unknown, database: Database): DatabaseError {
  if (error instanceof DatabaseError) return error;
  const { code = '', message = '' } = error as { code?: string; message?: string };
  const { user } = database;
  const where = placeOf(database);
  const sentences: Readonly<Record<string, string>> = {
    '28000': `the database ${where} does not let ${user} in; see its pg_hba.conf`,
    '28P01': `the database ${where} does not take the password of ${user}`,
    '3D000': `there is no database ${where}`,
    '3F000': NO_TABLES,
    '42P01': NO_TABLES,
    '42501': `${user} may not do that in ${where}; docs/policy-store.md says which rights it needs`,
    '40001': 'the policy was changed by somebody else meanwhile; try again',
    '40P01': 'the policy was changed by somebody else meanwhile; try again',
    '55P03':
      'somebody else holds the policy in a transaction that does not end; try again, or see pg_stat_activity',
    ECONNREFUSED: `no database answers at ${where} (${code})`,
    ENOENT: `no database answers at ${where} (${code})`,
  };
  // Only the message: what else the database says of an error may quote rows.
  return new DatabaseError(sentences[code] ?? `the database ${where}: ${printable(message, 200)}`);
}

const NO_TABLES = 'the database has no policy tables; make them with `quaywarden policy migrate`';
