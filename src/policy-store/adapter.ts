import type { BatchAdapter, Model } from 'casbin';
import { ConfigError } from '../errors.ts';
import { type Connection, inTransaction } from './connection.ts';
import { checkTables } from './migrations.ts';
import { GRANTS, MOST, PROFILES, padded, type StoredRow, tooMuch } from './rows.ts';

/** A policy as the database has it. */
export interface StoredPolicy {
  /** Counts the changes; the database's own number. */
  readonly version: number;
  /** In the order of their lines. */
  readonly rows: readonly StoredRow[];
  /** YAML. */
  readonly profiles: string;
}

/** Rows that are asked for at a time: what is read between two turns of the event loop. */
const PAGE = 500;

const COLUMNS = ['v0', 'v1', 'v2', 'v3', 'v4'] as const;

/** One character more than there may be tells that there are too many, and keeps the rest in the database. */
const SELECT = `SELECT line, left(ptype, 8) AS ptype, ${COLUMNS.map((name) => `left(${name}, ${MOST.column + 1}) AS ${name}`).join(', ')}
FROM quaywarden.grants WHERE line > $1::bigint ORDER BY line LIMIT ${PAGE}`;

const INSERT = `INSERT INTO quaywarden.grants (line, ptype, v0, v1, v2, v3, v4)
SELECT * FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])`;

const SNAPSHOT = 'BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY';

/**
 * The tables, as Casbin's interface of a place where policies are kept, and beside that with what Casbin has no word for:
 * comments, lines, profiles and the version. Each change is one transaction, and waits for the one before it.
 */
export class PostgresAdapter implements BatchAdapter {
  readonly #client: Connection;

  constructor(client: Connection) {
    this.#client = client;
  }

  /** The number of the policy that is there now. */
  async version(): Promise<number> {
    const { rows } = await this.#client.query<{ version: string }>('SELECT version FROM quaywarden.policy');
    return Number(rows[0]?.version ?? Number.NaN);
  }

  /**
   * All of it as it is at one moment.
   *
   * @throws ConfigError when it is more than is read (`MOST`)
   */
  read(): Promise<StoredPolicy> {
    return inTransaction(this.#client, SNAPSHOT, async () => {
      await checkTables(this.#client);
      const { rows: one } = await this.#client.query<{ version: string; profiles: string }>(
        `SELECT version, left(profiles, ${MOST.profiles + 1}) AS profiles FROM quaywarden.policy`,
      );
      const [head] = one;
      if (head === undefined) throw new ConfigError(['postgres/policy: the table has lost its one row']);
      if (head.profiles.length > MOST.profiles)
        throw new ConfigError([`${PROFILES}: the profiles are longer than ${MOST.profiles} characters`]);
      const rows = await this.#rows();
      return { version: Number(head.version), profiles: head.profiles, rows };
    });
  }

  async #rows(): Promise<StoredRow[]> {
    const all: StoredRow[] = [];
    let length = 0;
    for (let last = Number.MIN_SAFE_INTEGER; ; ) {
      const { rows } = await this.#client.query<Record<string, string | null> & { line: number }>(SELECT, [
        last,
      ]);
      for (const { line, ptype, ...columns } of rows) {
        const values = COLUMNS.map((name) => columns[name] ?? null);
        length += values.reduce((sum, value) => sum + (value?.length ?? 0), 0);
        all.push({ line, ptype: ptype ?? '', values });
      }
      if (all.length > MOST.rows || length > MOST.text) throw new ConfigError([tooMuch(GRANTS)]);
      const end = rows.at(-1)?.line;
      if (rows.length < PAGE || end === undefined) return all;
      last = end;
    }
  }

  /**
   * Puts another policy in the place of the one that is there.
   *
   * @param seen the version that is to be replaced; undefined replaces whatever is there
   * @param profiles undefined leaves those that are there
   * @returns the version that it is now
   * @throws ConfigError when it is another version than `seen`
   */
  replace(rows: readonly StoredRow[], profiles?: string, seen?: number): Promise<number> {
    return this.#change(async (version) => {
      if (seen !== undefined && seen !== version) throw new ConfigError([overtaken(seen, version)]);
      await this.#client.query('DELETE FROM quaywarden.grants');
      await this.#insert(rows);
      if (profiles !== undefined)
        await this.#client.query('UPDATE quaywarden.policy SET profiles = $1', [profiles]);
    });
  }

  // ── Casbin's interface: grants and memberships in their order, without comments ──

  async loadPolicy(model: Model): Promise<void> {
    for (const { ptype, values } of (await this.read()).rows) {
      if (ptype === '#') continue;
      const used = values.slice(0, values.findLastIndex((value) => value !== null) + 1);
      model.addPolicy(
        ptype,
        ptype,
        used.map((value) => value ?? ''),
      );
    }
  }

  async savePolicy(model: Model): Promise<boolean> {
    const rules = ['p', 'g'].flatMap((ptype) =>
      (model.model.get(ptype)?.get(ptype)?.policy ?? []).map((values) => ({ ptype, values })),
    );
    await this.replace(numbered(rules, 0));
    return true;
  }

  addPolicy(sec: string, ptype: string, rule: string[]): Promise<void> {
    return this.addPolicies(sec, ptype, [rule]);
  }

  async addPolicies(_sec: string, ptype: string, rules: string[][]): Promise<void> {
    await this.#change(async () => {
      const { rows } = await this.#client.query<{ last: number }>(
        'SELECT coalesce(max(line), 0) AS last FROM quaywarden.grants',
      );
      await this.#insert(
        numbered(
          rules.map((values) => ({ ptype, values })),
          rows[0]?.last ?? 0,
        ),
      );
    });
  }

  removePolicy(sec: string, ptype: string, rule: string[]): Promise<void> {
    return this.removePolicies(sec, ptype, [rule]);
  }

  async removePolicies(_sec: string, ptype: string, rules: string[][]): Promise<void> {
    await this.#change(async () => {
      for (const rule of rules) await this.#delete(ptype, new Map(padded(rule).entries()));
    });
  }

  /** @param fieldValues an empty one is for any value */
  async removeFilteredPolicy(
    _sec: string,
    ptype: string,
    fieldIndex: number,
    ...fieldValues: string[]
  ): Promise<void> {
    const wanted = fieldValues.map((value, index) => [fieldIndex + index, value] as const);
    await this.#change(() => this.#delete(ptype, new Map(wanted.filter(([, value]) => value !== ''))));
  }

  /** @param values by the number of their column */
  async #delete(ptype: string, values: ReadonlyMap<number, string | null>): Promise<void> {
    const conditions = [...values.keys()].map((index, at) => {
      const name = COLUMNS[index];
      if (name === undefined) throw new Error(`a rule has no column ${index}`);
      return ` AND ${name} IS NOT DISTINCT FROM $${at + 2}`;
    });
    await this.#client.query(`DELETE FROM quaywarden.grants WHERE ptype = $1${conditions.join('')}`, [
      ptype,
      ...values.values(),
    ]);
  }

  async #insert(rows: readonly StoredRow[]): Promise<void> {
    for (let at = 0; at < rows.length; at += 5_000) {
      const part = rows.slice(at, at + 5_000);
      await this.#client.query(INSERT, [
        part.map(({ line }) => line),
        part.map(({ ptype }) => ptype),
        ...COLUMNS.map((_, index) => part.map(({ values }) => values[index] ?? null)),
      ]);
    }
  }

  /** @param work gets the version before it. @returns the version after it */
  #change(work: (version: number) => Promise<void>): Promise<number> {
    return inTransaction(this.#client, 'BEGIN', async () => {
      await checkTables(this.#client);
      const { rows } = await this.#client.query<{ version: string }>(
        'SELECT version FROM quaywarden.policy FOR UPDATE',
      );
      await work(Number(rows[0]?.version));
      return this.version();
    });
  }
}

function numbered(
  rules: readonly { readonly ptype: string; readonly values: readonly string[] }[],
  after: number,
): StoredRow[] {
  return rules.map(({ ptype, values }, index) => ({
    line: after + index + 1,
    ptype,
    values: padded(values),
  }));
}

function overtaken(seen: number, version: number): string {
  return `the database holds version ${version} of the policy, and these files are of version ${seen}: somebody was faster. Look at what they changed with \`quaywarden policy diff\`, take it over, and import with \`--over ${version}\``;
}
