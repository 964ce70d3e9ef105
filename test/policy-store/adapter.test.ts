import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { newEnforcer, newModel } from 'casbin';
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import { PostgresAdapter } from '../../src/policy-store/adapter.ts';
import { connect, DatabaseError } from '../../src/policy-store/connection.ts';
import { migrate, TABLES } from '../../src/policy-store/migrations.ts';
import { MOST, padded } from '../../src/policy-store/rows.ts';
import { createCa } from '../support/pki.ts';
import { type Cluster, PASSWORDS, startCluster } from './cluster.ts';

const MODEL = `
[request_definition]
r = sub, obj
[policy_definition]
p = subject, resource, operations, condition, eft
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = g(r.sub, p.subject) && r.obj == p.resource`;

const ca = await createCa({ cn: 'Database CA' });
let cluster: Cluster;
let owner: pg.Client;
let client: pg.Client;
let adapter: PostgresAdapter;

const place = () => ({
  host: '127.0.0.1',
  port: cluster.port,
  database: 'quaywarden',
  user: 'policy_editor',
});

beforeAll(async () => {
  cluster = await startCluster(await ca.issueServer());
  owner = await cluster.as('policy_owner');
  await migrate(owner, { gateway: 'quaywarden', editor: 'policy_editor' });
  client = await connect({ ...place(), passwordFile: cluster.passwordFile('policy_editor') });
  adapter = new PostgresAdapter(client);
});
afterAll(async () => {
  await client?.end();
  await cluster?.destroy();
});
beforeEach(async () => {
  await adapter.replace([]);
});

const stored = async (): Promise<unknown[]> =>
  (await adapter.read()).rows.map(({ line, ptype, values }) => [
    line,
    ptype,
    ...values.filter((v) => v !== null),
  ]);

describe('the adapter', () => {
  it('is where a Casbin enforcer keeps its policy', async () => {
    const enforcer = await newEnforcer(newModel(MODEL), adapter);
    await enforcer.addPolicy('role:a', 'web', 'x', 'true', 'allow');
    await enforcer.addPolicies([
      ['role:b', 'web', 'x', 'true', 'allow'],
      ['role:b', 'db', 'x', 'true', 'allow'],
    ]);
    await enforcer.addGroupingPolicy('user:u', 'role:a');
    expect(await stored()).toEqual([
      [1, 'p', 'role:a', 'web', 'x', 'true', 'allow'],
      [2, 'p', 'role:b', 'web', 'x', 'true', 'allow'],
      [3, 'p', 'role:b', 'db', 'x', 'true', 'allow'],
      [4, 'g', 'user:u', 'role:a'],
    ]);
    const other = await newEnforcer(newModel(MODEL), adapter);
    expect(await other.enforce('user:u', 'web')).toBe(true);
    expect(await other.enforce('user:u', 'db')).toBe(false);
    await enforcer.removeFilteredPolicy(0, 'role:b', '', 'x');
    await enforcer.removePolicy('role:a', 'web', 'x', 'true', 'allow');
    expect(await stored()).toEqual([[4, 'g', 'user:u', 'role:a']]);
    await enforcer.addPolicies([['role:c', 'web', 'x', 'true', 'allow']]);
    await enforcer.removePolicies([['role:c', 'web', 'x', 'true', 'allow']]);
    await enforcer.addPolicy('role:d', 'web', 'x', 'true', 'allow');
    await enforcer.savePolicy();
    expect(await stored()).toEqual([
      [1, 'p', 'role:d', 'web', 'x', 'true', 'allow'],
      [2, 'g', 'user:u', 'role:a'],
    ]);
  });

  it('takes every text as a text', async () => {
    const hostile = [
      `'; DROP TABLE quaywarden.grants; --`,
      '$1',
      `\\'`,
      '{"a",NULL}',
      'NULL',
      `"x", (y)`,
      '%s',
    ];
    for (const text of hostile) await adapter.addPolicy('g', 'g', [text, 'role:x']);
    expect(await stored()).toEqual(hostile.map((text, index) => [index + 1, 'g', text, 'role:x']));
    await adapter.removeFilteredPolicy('g', 'g', 0, hostile[0] ?? '');
    expect(await stored()).toHaveLength(hostile.length - 1);
    await expect(adapter.removeFilteredPolicy('g', 'g', 4, 'a', 'b')).rejects.toThrow(
      'a rule has no column 5',
    );
    await adapter.addPolicy('g', 'g', ['user:a', 'role:x']);
    await adapter.removePolicy('g', "g' OR true --", ['user:a', 'role:x']);
    expect(await stored()).toHaveLength(hostile.length);
  });

  it('finds rows refused by the tables themselves that would be two lines, or none', async () => {
    for (const [ptype, value] of [
      ['p', 'a\nb'],
      ['g', 'a\u0085b'],
      ['#', 'a\rb'],
      ['x', 'a'],
      ['p', 'a'.repeat(MOST.column + 1)],
    ] as const)
      await expect(adapter.addPolicy('p', ptype, [value])).rejects.toMatchObject({ code: '23514' });
  });

  it('counts every change, and takes all of one back that fails', async () => {
    const before = await adapter.version();
    await adapter.replace([{ line: 1, ptype: '#', values: padded([' one']) }], 'profiles: {}\n');
    const after = await adapter.version();
    expect(after).toBeGreaterThan(before);
    await expect(
      adapter.replace([
        { line: 1, ptype: 'g', values: padded(['user:a', 'role:b']) },
        { line: 1, ptype: 'g', values: padded(['user:b', 'role:b']) },
      ]),
    ).rejects.toThrow();
    expect(await adapter.read()).toMatchObject({
      version: after,
      profiles: 'profiles: {}\n',
      rows: [{ ptype: '#' }],
    });
    await expect(adapter.replace([], undefined, before)).rejects.toThrow(ConfigError);
    expect(await adapter.version()).toBe(after);
  });

  it('has one of two that replace the same version fail, and says what to do', async () => {
    const second = await connect({ ...place(), passwordFile: cluster.passwordFile('policy_editor') });
    const seen = await adapter.version();
    const results = await Promise.allSettled(
      [adapter, new PostgresAdapter(second)].map((each, index) =>
        each.replace([{ line: 1, ptype: '#', values: padded([` ${index}`]) }], undefined, seen),
      ),
    );
    await second.end();
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const lost = results.find((result) => result.status === 'rejected');
    expect(String(lost?.reason)).toMatch(/somebody was faster.*--over \d+/);
  });
});

describe('what is more than a policy', () => {
  const refusal = async (): Promise<string> => {
    const error: unknown = await adapter.read().catch((cause: unknown) => cause);
    if (!(error instanceof ConfigError)) throw error;
    return error.faults.join('\n');
  };

  it('is not read: millions of rows', async () => {
    await owner.query(
      `INSERT INTO quaywarden.grants (line, ptype, v0) SELECT n, '#', 'x' FROM generate_series(1, ${MOST.rows + 600}) n`,
    );
    expect(await refusal()).toContain(`at most ${MOST.rows} rows`);
  });

  it('is not read: texts without end', async () => {
    await owner.query('ALTER TABLE quaywarden.grants DROP CONSTRAINT grants_v0_check');
    await owner.query(
      `INSERT INTO quaywarden.grants (line, ptype, v0) VALUES (1, '#', repeat('x', 50000000))`,
    );
    // What comes over the wire is one character more than there may be.
    expect((await adapter.read()).rows[0]?.values[0]).toHaveLength(MOST.column + 1);
    await owner.query('ALTER TABLE quaywarden.policy DROP CONSTRAINT policy_profiles_check');
    await owner.query(`UPDATE quaywarden.policy SET profiles = repeat('x', ${MOST.profiles + 1})`);
    expect(await refusal()).toContain('postgres/profiles: the profiles are longer');
    await owner.query(`UPDATE quaywarden.policy SET profiles = ''`);
  });

  it('is not read: tables of another release', async () => {
    await owner.query(`INSERT INTO quaywarden.quaywarden_schema VALUES (${TABLES + 1})`);
    expect(await refusal()).toContain('upgrade it');
    await expect(migrate(owner, {})).rejects.toThrow('upgrade it');
    await owner.query(`DELETE FROM quaywarden.quaywarden_schema WHERE version = ${TABLES + 1}`);
    expect(await migrate(owner, {})).toEqual({ from: TABLES, to: TABLES });
  });
});

describe('a connection', () => {
  const password = () => ({ passwordFile: cluster.passwordFile('policy_editor') });
  const tlsWith = async (more: object = {}) => {
    const file = `${cluster.folder}/ca.pem`;
    writeFileSync(file, ca.certificate);
    return { ca: file, ...more };
  };

  it('is made over TLS to the one whose certificate it is, and to nobody else', async () => {
    const good = await connect({ ...place(), ...password(), tls: await tlsWith() });
    const { rows } = await good.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
    expect(rows).toEqual([{ ssl: true }]);
    await good.end();
    const named = connect({
      ...place(),
      ...password(),
      tls: await tlsWith({ serverName: 'db.example.org' }),
    });
    await expect(named).rejects.toThrow(/db\.example\.org/);
    const other = `${cluster.folder}/other-ca.pem`;
    writeFileSync(other, (await createCa()).certificate);
    await expect(connect({ ...place(), ...password(), tls: { ca: other } })).rejects.toThrow(DatabaseError);
  });

  it.each([
    ['lets anybody in', [0]],
    ['asks for the password as it is', [3]],
    ['asks for its MD5', [5, 0x01020304]],
  ])('is not made to another program on the port: one that %s', async (_, words) => {
    const heard: Buffer[] = [];
    const impostor = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (piece: Buffer) => heard.push(piece));
      socket.once('data', () => {
        const asks = Buffer.alloc(5 + 4 * words.length);
        asks.write('R');
        asks.writeUInt32BE(4 + 4 * words.length, 1);
        for (const [index, word] of words.entries()) asks.writeUInt32BE(word, 5 + 4 * index);
        socket.write(asks);
        if (words[0] === 0) socket.write(Buffer.from('Z\0\0\0\x05I', 'latin1'));
      });
    });
    await new Promise<void>((resolve) => impostor.listen(0, '127.0.0.1', resolve));
    const { port } = impostor.address() as AddressInfo;
    try {
      await expect(connect({ ...place(), ...password(), port })).rejects.toThrow(
        /asks for the password in a way that gives it away|does not prove that it is the database/,
      );
      // The start of a session, and at most its end.
      expect(Buffer.concat(heard).toString('latin1')).not.toMatch(/pw-of|md5[0-9a-f]{32}|SELECT|LISTEN/);
    } finally {
      impostor.close();
    }
  });

  it('takes nothing from the environment, and looks names up in pg_catalog alone', async () => {
    process.env['PGPASSWORD'] = PASSWORDS.policy_editor;
    process.env['PGOPTIONS'] = '-c search_path=public';
    try {
      await expect(connect(place())).rejects.toThrow(DatabaseError);
      const here = await connect({ ...place(), ...password() });
      expect((await here.query('SHOW search_path')).rows).toEqual([{ search_path: 'pg_catalog' }]);
      await here.end();
    } finally {
      delete process.env['PGPASSWORD'];
      delete process.env['PGOPTIONS'];
    }
  });

  it.each([
    [
      'a wrong password',
      () => ({ user: 'quaywarden', ...password() }),
      /does not take the password of quaywarden/,
    ],
    ['no such database', () => ({ database: 'nothing', ...password() }), /there is no database .*\/nothing/],
    ['nobody there', () => ({ port: 1, ...password() }), /no database answers at 127\.0\.0\.1:1/],
    [
      'no password file',
      () => ({ passwordFile: '/nowhere' }),
      /passwordFile: \/nowhere can not be read \(ENOENT\)/,
    ],
  ])('says what is wrong: %s', async (_, more, sentence) => {
    const error: unknown = await connect({ ...place(), ...more() }).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(DatabaseError);
    expect(String(error)).toMatch(sentence);
    for (const secret of Object.values(PASSWORDS)) expect(String(error)).not.toContain(secret);
  });
});
