import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { reload } from '../support/control.ts';
import { type FrontDoor, openFrontDoor } from '../support/front-door.ts';

const RELOADS = 1_000;
const CLIENTS = 4;

/** The line of the grant that decides tells which policy it was. */
const MAY_LIST = 'p, user:alice, container/**, ContainerList, true, allow\n';
/** So large that a policy that is kept for ever shows. */
const OTHERS = Array.from(
  { length: 60 },
  (_, index) =>
    `p, user:u${index}, container/-/c${index}, ContainerCreate, memoryAtMost('${index + 1}m'), allow\n`,
).join('');
const POLICIES = [MAY_LIST + OTHERS, `# another line\n${MAY_LIST}${OTHERS}`] as const;

let door: FrontDoor;

beforeAll(async () => {
  door = await openFrontDoor({
    config: { reload: { watchSeconds: 0 } },
    prepare: (dir) => writeFileSync(`${dir}/policies/grants.csv`, POLICIES[0]),
  });
});
afterAll(() => door.close());

function used(): { readonly memory: number; readonly files: number } {
  const { pid } = door.gateway;
  const [, kilobytes = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return { memory: Number(kilobytes) / 1_024, files: readdirSync(`/proc/${pid}/fd`).length };
}

it('1,000 reloads under load fail no request, mix no policies and leave nothing behind', async () => {
  const dir = await door.certPath('alice');
  const agent = new Agent({
    keepAlive: true,
    maxSockets: CLIENTS,
    ca: readFileSync(`${door.gateway.certPath('admin')}/ca.pem`),
    cert: readFileSync(`${dir}/cert.pem`),
    key: readFileSync(`${dir}/key.pem`),
  });
  const statuses = new Map<number, number>();
  let over = false;
  const list = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: door.gateway.port, path: '/v1.41/containers/json', agent };
      request(options, (answer) => {
        answer.resume().once('end', () => {
          statuses.set(answer.statusCode ?? 0, (statuses.get(answer.statusCode ?? 0) ?? 0) + 1);
          resolve();
        });
      })
        .once('error', reject)
        .end();
    });
  const clients = Array.from({ length: CLIENTS }, async () => {
    while (!over) await list();
  });
  const versions = new Map<string, number>();
  let before = used();
  for (let index = 0; index < RELOADS; index += 1) {
    writeFileSync(`${door.gateway.dir}/policies/grants.csv`, POLICIES[(index + 1) % 2] as string);
    const { outcome, policyVersion } = await reload(door.gateway.dir);
    expect(outcome).toBe('reloaded');
    versions.set(policyVersion, (index + 1) % 2);
    // What the compiler and the collector take at first is not a leak.
    if (index === RELOADS / 2) before = used();
  }
  over = true;
  await Promise.all(clients);
  agent.destroy();
  const after = used();
  expect([...statuses.keys()]).toEqual([200]);
  expect(statuses.get(200)).toBeGreaterThan(RELOADS / 10);
  expect(versions.size).toBe(2);
  const decided = (await door.records()).filter(({ stage }) => stage === 'decision');
  for (const { decision } of decided) {
    const policy = versions.get(decision.policyVersion ?? '');
    expect(decision.grant).toBe(policy === 0 ? 'grants.csv:1' : 'grants.csv:2');
  }
  const lines = door.gateway.auditLines().filter(({ type }) => type === 'reload');
  expect(lines).toHaveLength(RELOADS);
  // 500 policies that were kept would take 100 MB and more.
  expect(after.memory - before.memory).toBeLessThan(60);
  expect(after.files - before.files).toBeLessThan(10);
}, 180_000);
