import { renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resourceText } from '../support/audit.ts';
import { bodyOf, PING, reply, type Script } from '../support/fake-engine.ts';
import { type FrontDoor, http, json } from '../support/front-door.ts';
import { openTenantDoor } from '../support/tenants.ts';

/** What the Engine was made to do, by the gateway or for a client. */
const done: string[] = [];
let network: object | undefined;

const engine: Script = async (connection, head) => {
  const [method = '', target = ''] = head.split(' ');
  const body = await bodyOf(connection, head);
  const say = (value: unknown, status = '200 OK') =>
    connection.socket.write(reply(status, JSON.stringify(value), ['Content-Type: application/json']));
  if (/_ping/.test(target)) return void connection.socket.write(PING);
  if (/\/version$/.test(target)) return void say({ Version: '20.10.24', ApiVersion: '1.41' });
  if (method !== 'GET') done.push(`${method} ${target.split('?')[0]}`);
  if (method === 'POST' && /\/networks\/create$/.test(target)) {
    const given = JSON.parse(body) as { Name: string };
    network = { Id: 'd'.repeat(64), Created: '2026-11-21T00:00:00Z', ...given };
    return void say({ Id: 'd'.repeat(64) }, '201 Created');
  }
  if (/\/networks(?:\?|$)/.test(target)) return void say(network === undefined ? [] : [network]);
  return void say({ message: 'not there' }, '404 Not Found');
};

let door: FrontDoor;
beforeAll(async () => {
  door = await openTenantDoor({ script: engine, config: { tenancy: { enabled: true, names: 'private' } } });
});
afterAll(() => door.close());

describe('the network that a tenant gets', () => {
  it('is not made while the audit log can not be written', async () => {
    await door.records();
    const folder = join(door.gateway.dir, 'audit');
    renameSync(folder, `${folder}.away`);
    writeFileSync(folder, 'no folder');
    const answers = [await door.ask(http('GET /v1.41/networks'), 'viewer')];
    answers.push(await door.ask(http('GET /v1.41/networks/bridge'), 'viewer'));
    unlinkSync(folder);
    renameSync(`${folder}.away`, folder);
    expect(answers.map(({ status }) => status)).toEqual([503, 503]);
    expect(done).toEqual([]);
    await door.records(2);
  });

  it('has a record of its own, written before it is made', async () => {
    done.length = 0;
    network = undefined;
    await door.records();
    const answer = await door.ask(json('POST /v1.41/networks/bridge/connect', '{"Container":"x"}'), 'alice');
    expect(answer.status).toBe(404);
    expect(done).toEqual(['POST /networks/create']);
    const records = await door.records(3);
    expect(
      records.map(({ stage, request, resource, decision, principal }) =>
        [stage, request.operation, resourceText(resource), decision.reason, principal?.name].join(' '),
      ),
    ).toEqual([
      'decision NetworkCreate network/team-a/bridge default-network alice',
      'complete NetworkCreate network/team-a/bridge default-network alice',
      expect.stringMatching(/^refused NetworkConnect /),
    ]);
  });
});
