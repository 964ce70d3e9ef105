import { ConfigError } from '../errors.ts';
import { type Connection, inTransaction } from './connection.ts';

/** What gateways listen on. */
export const CHANNEL = 'quaywarden_policy';

const NO_CONTROLS = (column: string): string =>
  String.raw`${column} !~ '[\u0001-\u0008\u000a-\u001f\u007f-\u009f]'`;

const column = (name: string): string =>
  `${name} text CHECK (char_length(${name}) <= 8192 AND ${NO_CONTROLS(name)})`;

/**
 * Each brings the tables from one version to the next. What stands here is never changed, only added to.
 *
 * The version of the policy counts its changes, whoever makes them and by whatever statement. The triggers count with the
 * rights of the owner, so that an editor needs no right to the number; the row that they lock puts changes in one order.
 */
const MIGRATIONS: readonly string[] = [
  `
CREATE TABLE quaywarden.policy (
  only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
  version bigint NOT NULL DEFAULT 0,
  profiles text NOT NULL DEFAULT '' CHECK (char_length(profiles) <= 262144),
  changed_at timestamptz NOT NULL DEFAULT now(),
  changed_by text NOT NULL DEFAULT session_user
);
INSERT INTO quaywarden.policy DEFAULT VALUES;
CREATE TABLE quaywarden.grants (
  line integer PRIMARY KEY CHECK (line BETWEEN 1 AND 1000000),
  ptype text NOT NULL CHECK (ptype IN ('p', 'g', '#')),
  ${column('v0')},
  ${column('v1')},
  ${column('v2')},
  ${column('v3')},
  ${column('v4')}
);
COMMENT ON TABLE quaywarden.grants IS 'p: v0 subject, v1 resource, v2 operations, v3 condition, v4 effect; g: v0 member, v1 role; #: v0 comment';
CREATE FUNCTION quaywarden.changed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE quaywarden.policy SET version = version + 1, changed_at = now(), changed_by = session_user;
  PERFORM pg_notify('${CHANNEL}', '');
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION quaywarden.changed() FROM PUBLIC;
CREATE TRIGGER changed AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON quaywarden.grants
  FOR EACH STATEMENT EXECUTE FUNCTION quaywarden.changed();
CREATE TRIGGER changed AFTER UPDATE OF profiles ON quaywarden.policy
  FOR EACH STATEMENT EXECUTE FUNCTION quaywarden.changed();`,
];

/** The version of the tables that this release reads and writes. */
export const TABLES = MIGRATIONS.length;

const VERSION_TABLE = `
CREATE SCHEMA IF NOT EXISTS quaywarden;
CREATE TABLE IF NOT EXISTS quaywarden.quaywarden_schema (
  version integer PRIMARY KEY,
  applied_at timestamptz NOT NULL DEFAULT now()
);`;

/** Roles that get what they need and nothing else. */
export interface Roles {
  /** That of gateways: reads. */
  readonly gateway?: string;
  /** That of those who change the policy. */
  readonly editor?: string;
}

/**
 * Brings the tables to the version of this release, in one transaction, and gives roles their rights.
 *
 * @returns the version before, 0 where there were none, and the version now
 * @throws ConfigError when a newer release made them
 */
export async function migrate(client: Connection, roles: Roles): Promise<{ from: number; to: number }> {
  return inTransaction(client, 'BEGIN', async () => {
    // One at a time; the number is ours by accident, and only has to be the same every time.
    await client.query('SELECT pg_advisory_xact_lock(7221839)');
    await client.query(VERSION_TABLE);
    const from = await tablesVersion(client);
    if (from > TABLES) throw new ConfigError([newer(from)]);
    for (const [index, statements] of MIGRATIONS.entries()) {
      if (index < from) continue;
      await client.query(statements);
      await client.query('INSERT INTO quaywarden.quaywarden_schema (version) VALUES ($1)', [index + 1]);
    }
    for (const statement of grantsTo(client, roles)) await client.query(statement);
    return { from, to: TABLES };
  });
}

/** Rights to read, and for the editor to write what a policy consists of; the number of its version is the triggers'. */
function grantsTo(client: Pick<Connection, 'escapeIdentifier'>, { gateway, editor }: Roles): string[] {
  const names = [gateway, editor].flatMap((role) =>
    role === undefined ? [] : [client.escapeIdentifier(role)],
  );
  const reading = names.flatMap((role) => [
    `GRANT USAGE ON SCHEMA quaywarden TO ${role}`,
    `GRANT SELECT ON quaywarden.quaywarden_schema, quaywarden.policy, quaywarden.grants TO ${role}`,
  ]);
  if (editor === undefined) return reading;
  const role = client.escapeIdentifier(editor);
  return [
    ...reading,
    `GRANT INSERT, UPDATE, DELETE ON quaywarden.grants TO ${role}`,
    `GRANT UPDATE (profiles) ON quaywarden.policy TO ${role}`,
  ];
}

/** @throws ConfigError when the tables are not those of this release */
export async function checkTables(client: Connection): Promise<void> {
  const found = await tablesVersion(client);
  if (found > TABLES) throw new ConfigError([newer(found)]);
  if (found < TABLES) {
    throw new ConfigError([
      `the policy tables are of version ${found}, and this release needs ${TABLES}: run \`quaywarden policy migrate\``,
    ]);
  }
}

async function tablesVersion(client: Connection): Promise<number> {
  const { rows } = await client.query<{ version: number }>(
    'SELECT coalesce(max(version), 0) AS version FROM quaywarden.quaywarden_schema',
  );
  return rows[0]?.version ?? 0;
}

function newer(found: number): string {
  return `the policy tables are of version ${found}, and this release knows them up to ${TABLES}: upgrade it`;
}
