import { readdirSync, readFileSync, renameSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { polite } from '../support/fake-engine.ts';
import { type FrontDoor, http, json, openFrontDoor } from '../support/front-door.ts';
import { issueToken } from '../support/gateway.ts';
import { planted } from '../support/planted.ts';

let door: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor();
});
afterAll(() => door.close());

it('the decision is in the file before the Engine sees the request', async () => {
  const seen: string[][] = [];
  door.engine.script = async (connection, head) => {
    seen.push(door.gateway.auditRecords().map(({ stage, request }) => `${stage} ${request.operation}`));
    await polite(connection, head);
  };
  const before = door.gateway.auditRecords().length;
  await door.ask(http('GET /v1.41/info'));
  await door.ask(http('POST /v1.41/containers/x/wait'));
  await door.ask(json('POST /v1.41/exec/x/start', '{}', 'Connection: Upgrade', 'Upgrade: tcp'));
  door.engine.script = polite;
  expect(seen.map((stages) => stages.slice(before).at(-1))).toEqual([
    'decision SystemInfo',
    'decision ContainerWait',
    'decision ExecStart',
  ]);
});

it('without a record nothing is forwarded, and the gateway goes on by itself', async () => {
  await door.records();
  const folder = join(door.gateway.dir, 'audit');
  renameSync(folder, `${folder}.away`);
  writeFileSync(folder, 'no folder');
  door.engine.taken();
  for (const request of [
    http('GET /v1.41/info'),
    http('GET /v1.41/events'),
    json('POST /v1.41/exec/x/start', '{}', 'Connection: Upgrade', 'Upgrade: tcp'),
  ]) {
    const answer = await door.ask(request);
    expect(answer.status).toBe(503);
    expect(answer.body).toContain('[audit-unavailable]');
  }
  expect(door.engine.taken()).toEqual([]);
  unlinkSync(folder);
  renameSync(`${folder}.away`, folder);
  expect((await door.ask(http('GET /v1.41/info'))).status).toBe(200);
  const records = await door.records();
  // The refusals themselves waited until they could be written.
  expect(records.map(({ stage, decision }) => `${stage} ${decision.reason}`).sort()).toEqual([
    'complete granted',
    'decision granted',
    'refused audit-unavailable',
    'refused audit-unavailable',
    'refused audit-unavailable',
  ]);
});

describe('secrets', () => {
  it('occur in no file of the gateway and in nothing it says', async () => {
    const token = await issueToken(door.gateway, 'bob', '--role', 'operator');
    const secrets = ['registry', 'config', 'arg', 'env', 'remote', 'body'].map(planted);
    const [auth = '', config = '', arg = '', env = '', remote = '', body = ''] = secrets;
    const encoded = (text: string) => Buffer.from(text).toString('base64url');
    const bearer = `Authorization: Bearer ${token}`;
    await door.ask(
      http(
        `POST /v1.41/images/create?fromImage=a&fromSrc=https://u:${remote}@h/`,
        `X-Registry-Auth: ${encoded(auth)}`,
        bearer,
      ),
      null,
    );
    const build = `POST /v1.41/build?buildargs=${encodeURIComponent(JSON.stringify({ A: arg }))}&remote=https://u:${remote}@h/`;
    await door.ask(http(build, `X-Registry-Config: ${encoded(config)}`, bearer), null);
    await door.ask(
      json(`POST /v1.41/containers/create?name=x&Env=${env}`, JSON.stringify({ Env: [`A=${body}`] }), bearer),
      null,
    );
    await door.ask(http(`GET /v1.41/info?token=${env}`, bearer, bearer), null);
    await door.records();
    const files = readdirSync(door.gateway.dir, { recursive: true, encoding: 'utf8' })
      .map((name) => join(door.gateway.dir, name))
      .filter((name) => statSync(name).isFile());
    const told = `${files.map((name) => readFileSync(name, 'latin1')).join('\n')}\n${door.gateway.log()}`;
    expect(told).toContain('"operation":"ImageBuild"');
    for (const secret of secrets) {
      expect(told).not.toContain(secret);
      expect(told).not.toContain(encoded(secret));
    }
    for (const part of token.split('.')) expect(told).not.toContain(part);
  });

  it('and nobody writes lines of his own into the log', async () => {
    const forged = '%0A{"stage":"decision"}';
    await door.ask(http(`GET /v1.41/containers/${forged}/json`));
    await door.ask(http('GET /v1.41/info', 'User-Agent: a\\n{"stage":"x"}'));
    await door.records();
    // Each is held against the schema as it is read.
    expect(door.gateway.auditLines().length).toBeGreaterThan(2);
  });
});
