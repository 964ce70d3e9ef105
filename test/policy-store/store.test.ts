import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AuditLine } from '../../src/audit/record.ts';
import { freshFolder } from '../cli-commands/command.ts';
import { scrape } from '../observe/scrape.ts';
import { reload } from '../support/control.ts';
import type { FrontDoor } from '../support/front-door.ts';
import { startGateway } from '../support/gateway.ts';
import { type Cluster, PASSWORDS, startCluster } from './cluster.ts';
import {
  LIST,
  MAY_LIST,
  MAY_PING,
  openOn,
  PING,
  policy,
  policyFolder,
  readyz,
  run,
  writeConfig,
} from './front-door.ts';

type Reloaded = Extract<AuditLine, { type: 'reload' }>;

let cluster: Cluster;
let editor: pg.Client;
/** Two gateways; the second consists of two processes. */
let doors: [FrontDoor, FrontDoor];
let cache: string;

const soon = (check: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(check, { timeout: 15_000, interval: 50 });

/** Adds a grant as an editor with psql would. @returns its line */
async function add(grant: string): Promise<number> {
  const [ptype, ...values] = grant.split(', ');
  const { rows } = await editor.query<{ line: number }>(
    `INSERT INTO quaywarden.grants SELECT coalesce(max(line), 0) + 1, $1, $2, $3, $4, $5, $6 FROM quaywarden.grants RETURNING line`,
    [ptype, ...values],
  );
  return rows[0]?.line ?? 0;
}

async function remove(line: number): Promise<void> {
  await editor.query('DELETE FROM quaywarden.grants WHERE line = $1', [line]);
}

async function version(): Promise<number> {
  const { rows } = await editor.query<{ version: string }>('SELECT version FROM quaywarden.policy');
  return Number(rows[0]?.version);
}

/** Waits until both gateways have in force what is in the database. */
async function settled(): Promise<void> {
  const wanted = await version();
  await soon(async () => {
    for (const { gateway } of doors) expect((await readyz(gateway)).body.policyStore.version).toBe(wanted);
  });
}

beforeAll(async () => {
  cluster = await startCluster();
  const folder = freshFolder();
  cache = `${folder}/last-good.json`;
  const config = writeConfig(folder, cluster);
  const roles = ['--gateway', 'quaywarden', '--editor', 'policy_editor'];
  const migrated = await policy(cluster, config, ['migrate', ...roles], 'policy_owner');
  expect(migrated).toMatchObject({ code: 0, stderr: '' });
  const files = policyFolder(`${folder}/policy`, `# who may ping\n${MAY_PING}\n`);
  expect(await policy(cluster, config, ['import', files], 'policy_editor')).toMatchObject({
    code: 0,
    stderr: '',
  });
  editor = await cluster.as('policy_editor');
  doors = [await openOn(cluster, {}, { cache }), await openOn(cluster, { workers: 2 })];
});
afterAll(async () => {
  await Promise.all((doors ?? []).map((door) => door.close()));
  await cluster?.destroy();
});

describe('a policy in PostgreSQL', () => {
  it('decides, and a decision cites the row', async () => {
    for (const door of doors) {
      expect((await door.ask(PING)).status).toBe(200);
      expect((await door.ask(LIST)).status).toBe(403);
    }
    const [record] = await doors[0].records(1);
    expect(record?.decision).toMatchObject({ grant: 'grants:2' });
  });

  it('is in force in all gateways once it has changed, on the record of each', async () => {
    const line = await add(MAY_LIST);
    await soon(async () => {
      for (const door of doors) expect((await door.ask(LIST)).status).toBe(200);
    });
    await settled();
    for (const { gateway } of doors) {
      const { body } = await readyz(gateway);
      expect(body.policyStore).toMatchObject({ connected: true, version: await version() });
      expect(body.reload).toMatchObject({ outcome: 'reloaded', cause: 'database' });
      const reloads = gateway.auditLines().filter((each): each is Reloaded => each.type === 'reload');
      expect(reloads.at(-1)).toMatchObject({
        changed: [`postgres version ${await version()}`],
        policyVersion: body.policyVersion,
      });
    }
    const allowed = (await doors[0].records()).findLast(({ stage }) => stage === 'decision');
    expect(allowed?.decision.grant).toBe(`grants:${line}`);
    await remove(line);
    await soon(async () => {
      for (const door of doors) expect((await door.ask(LIST)).status).toBe(403);
    });
    await settled();
  });

  it('comes by word of the database, and not only when a gateway looks by itself', async () => {
    const began = Date.now();
    for (const status of [200, 403, 200, 403]) {
      if (status === 200) await add(MAY_LIST);
      else await editor.query(`DELETE FROM quaywarden.grants WHERE v2 = 'ContainerList'`);
      await soon(async () => {
        for (const door of doors) expect((await door.ask(LIST)).status).toBe(status);
      });
    }
    // By itself it looks five seconds after it did last: each of these would have waited for that.
    expect(Date.now() - began).toBeLessThan(12_000);
    await settled();
  });

  it('changes nothing when a row is no grant, names the row, and goes on with the next that is', async () => {
    const before = await version();
    const line = await add('p, user:alice, container/**, ContainerLost, true, allow');
    await soon(async () => {
      for (const { gateway } of doors) {
        const { status, body } = await readyz(gateway);
        expect(status).toBe(200);
        expect(body.policyStore).toMatchObject({ connected: true, version: before });
        expect(body.reload?.outcome).toBe('refused');
        expect(body.reload?.faults[0]).toMatch(new RegExp(`^postgres/grants:${line}: .*ContainerLost`));
      }
    });
    for (const door of doors) expect((await door.ask(PING)).status).toBe(200);
    expect((await scrape(doors[0].gateway)).of('quaywarden_config_last_reload_successful')).toBe(0);
    await remove(line);
    await settled();
    expect((await scrape(doors[0].gateway)).of('quaywarden_config_last_reload_successful')).toBe(1);
  });

  it('takes no row that would be two lines, or none', async () => {
    const owner = await cluster.as('policy_owner');
    // Whoever owns the tables can take their checks away: the gateway has its own.
    await owner.query(
      'ALTER TABLE quaywarden.grants DROP CONSTRAINT grants_v3_check, DROP CONSTRAINT grants_ptype_check',
    );
    try {
      for (const [ptype, condition] of [
        ['p', 'true, allow\np, user:alice, container/**, ContainerList, true'],
        ['p', 'true\u2028'],
        ['# p', 'true'],
        ['', 'true'],
      ]) {
        const { rows } = await owner.query<{ line: number }>(
          `INSERT INTO quaywarden.grants SELECT max(line) + 1, $1, 'user:alice', 'container/**', 'ContainerList', $2, 'allow' FROM quaywarden.grants RETURNING line`,
          [ptype, condition],
        );
        const line = rows[0]?.line ?? 0;
        await soon(async () => {
          const { reload: last } = (await readyz(doors[0].gateway)).body;
          expect(last).toMatchObject({
            outcome: 'refused',
            faults: [expect.stringMatching(`^postgres/grants:${line}: `)],
          });
        });
        expect((await doors[0].ask(LIST)).status).toBe(403);
        await remove(line);
        await settled();
      }
    } finally {
      await owner.end();
    }
  });

  it('is read as a whole by `quaywarden reload`, whatever the version says', async () => {
    const superuser = await cluster.as('postgres');
    await superuser.query('SET session_replication_role = replica');
    await superuser.query(
      `INSERT INTO quaywarden.grants VALUES (900, 'p', 'user:alice', 'container/**', 'ContainerList', 'true', 'allow')`,
    );
    expect((await doors[0].ask(LIST)).status).toBe(403);
    expect(await reload(doors[0].gateway.dir)).toMatchObject({ outcome: 'reloaded' });
    expect((await doors[0].ask(LIST)).status).toBe(200);
    await superuser.query('SET session_replication_role = origin');
    await remove(900);
    await settled();
    await superuser.end();
  });
});

describe('roles of the database', () => {
  it.each([
    ['quaywarden', `INSERT INTO quaywarden.grants (line, ptype, v0) VALUES (1000, '#', 'x')`],
    ['quaywarden', `DELETE FROM quaywarden.grants`],
    ['quaywarden', `UPDATE quaywarden.policy SET profiles = ''`],
    ['quaywarden', `SELECT quaywarden.changed()`],
    ['quaywarden', `CREATE TABLE quaywarden.other (x int)`],
    ['policy_editor', `UPDATE quaywarden.policy SET version = 0`],
    ['policy_editor', `DELETE FROM quaywarden.policy`],
    ['policy_editor', `INSERT INTO quaywarden.quaywarden_schema VALUES (99)`],
    ['policy_editor', `ALTER TABLE quaywarden.grants DISABLE TRIGGER changed`],
    ['policy_editor', `DROP TABLE quaywarden.grants`],
  ] as const)('%s may not do %s', async (role, statement) => {
    const client = await cluster.as(role);
    await expect(client.query(statement)).rejects.toMatchObject({ code: '42501' });
    await client.end();
  });
});

describe('a database that is lost', () => {
  it('leaves the last good policy in force, says so, and is read when it is back', async () => {
    const before = await version();
    await cluster.stop();
    await soon(async () => {
      for (const { gateway } of doors) {
        const { status, body } = await readyz(gateway);
        expect(status).toBe(200);
        expect(body.policyStore).toMatchObject({
          connected: false,
          version: before,
          reason: expect.any(String),
        });
      }
    });
    for (const door of doors) {
      expect((await door.ask(PING)).status).toBe(200);
      expect((await door.ask(LIST)).status).toBe(403);
      expect(door.gateway.log()).toContain('the policy database is lost');
    }
    const metrics = await scrape(doors[0].gateway);
    expect(metrics.of('quaywarden_policy_store_connected')).toBe(0);
    expect(metrics.of('quaywarden_policy_store_version')).toBe(before);
    expect(metrics.of('quaywarden_policy_store_last_contact_timestamp_seconds')).toBeGreaterThan(
      1_700_000_000,
    );
    // Everything else can be reloaded meanwhile.
    expect(await reload(doors[0].gateway.dir)).toMatchObject({ outcome: 'unchanged' });
    await cluster.start();
    editor = await cluster.as('policy_editor');
    // Before any gateway is back, or after: none may miss it.
    const line = await add(MAY_LIST);
    await vi.waitFor(
      async () => {
        for (const door of doors) expect((await door.ask(LIST)).status).toBe(200);
      },
      { timeout: 30_000, interval: 100 },
    );
    expect(doors[0].gateway.log()).toContain('the policy database is back');
    expect((await scrape(doors[0].gateway)).of('quaywarden_policy_store_connected')).toBe(1);
    await remove(line);
    await settled();
  });

  it('lets a gateway start with the last good policy where that is kept, and no other', async () => {
    const { gateway, ask } = doors[0];
    await soon(() => {
      expect(JSON.parse(readFileSync(cache, 'utf8'))).toMatchObject({
        grants: `# who may ping\n${MAY_PING}\n`,
      });
    });
    expect(statSync(cache).mode & 0o777).toBe(0o600);
    expect((await ask(PING)).status).toBe(200);
    await gateway.stop();
    await doors[1].gateway.stop();
    await cluster.stop();

    const without = await run(['serve', '--config', doors[1].gateway.config]);
    expect(without.code).toBe(2);
    expect(without.stderr).toMatch(
      /policy\.postgres: no database answers at 127\.0\.0\.1:\d+\/quaywarden \(ECONNREFUSED\); with policy\.postgres\.cache/,
    );

    chmodSync(cache, 0o620);
    const writable = await run(['serve', '--config', gateway.config]);
    expect(writable.code).toBe(2);
    expect(writable.stderr).toContain('can be written by others');
    chmodSync(cache, 0o600);

    const restarted = await startGateway({
      dir: gateway.dir,
      engineSocket: doors[0].engine.socketPath,
      config: { admin: { listen: '127.0.0.1:0' } },
    });
    try {
      expect((await readyz(restarted)).body.policyStore).toMatchObject({
        connected: false,
        version: await lastVersion(),
      });
      expect(restarted.log()).toContain('the policy is the one that was kept on disk');
      await cluster.start();
      await vi.waitFor(
        async () => expect((await readyz(restarted)).body.policyStore).toMatchObject({ connected: true }),
        { timeout: 30_000, interval: 100 },
      );
    } finally {
      await restarted.stop();
    }
  });
});

async function lastVersion(): Promise<number> {
  return (JSON.parse(readFileSync(cache, 'utf8')) as { version: number }).version;
}

it('no password stands in what a gateway wrote', () => {
  for (const { gateway } of doors) {
    const written = [
      gateway.log(),
      readFileSync(gateway.config, 'utf8'),
      ...gateway.auditLines().map((line) => JSON.stringify(line)),
    ];
    for (const password of Object.values(PASSWORDS)) expect(written.join('\n')).not.toContain(password);
  }
  expect(existsSync(cache) && readFileSync(cache, 'utf8')).not.toContain(PASSWORDS.quaywarden);
});
