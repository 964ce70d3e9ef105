import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FrontDoor, http, json, openFrontDoor } from '../support/front-door.ts';
import { quaywarden } from '../support/gateway.ts';

const GRANTS = `# lint: allow root-on-host - this role runs the Engine
p, role:operator, **, *, true, allow
p, role:developer, container/**, @read ContainerStart, true, allow
p, role:developer, container/**, ContainerCreate, satisfies('baseline'), allow
p, role:on-call, container/**, ContainerRestart, reasonGiven('INC-**'), allow
p, role:developer, engine/build/container/**, ContainerRestart, true, allow
p, role:viewer, container/**, ContainerUpdate, r.body.Memory >= 5000000, allow
`;

let door: FrontDoor;
let config: string;
beforeAll(async () => {
  door = await openFrontDoor({
    config: {
      audit: { rules: [{ level: 'Request' }] },
      engines: { build: { address: 'unix:///nowhere.sock', hosts: ['build.example'] } },
    },
    prepare: (dir) => writeFileSync(`${dir}/policies/grants.csv`, GRANTS),
  });
  config = door.gateway.config;
});
afterAll(() => door.close());

/** Runs `quaywarden policy`, whatever it makes of it. */
async function policy(...args: string[]) {
  return quaywarden(['policy', ...args, '--config', config]).then(
    ({ stdout }) => ({ code: 0, stdout, stderr: '' }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      code,
      stdout,
      stderr,
    }),
  );
}

describe('quaywarden policy', () => {
  it('can: tells what the gateway would say, and exits by it', async () => {
    const may = await policy('can', 'alice', 'ContainerStart', 'container/-/web', '--role', 'developer');
    expect([may.code, may.stdout]).toEqual([0, expect.stringContaining('ALLOWED')]);
    const body = `${door.gateway.dir}/create.json`;
    writeFileSync(body, '{"Image":"busybox","HostConfig":{"Privileged":true}}');
    const asked = ['can', 'alice', 'ContainerCreate', '--role', 'developer', '--body', body];
    const may2 = await policy(...asked, '--json');
    expect(may2.code).toBe(1);
    expect(JSON.parse(may2.stdout)).toMatchObject({ effect: 'deny', reason: 'privileged', status: 403 });
  });

  it('can: takes the reason that a grant wants to be told', async () => {
    const asked = ['can', 'bob', 'ContainerRestart', 'container/-/web', '--role', 'on-call'];
    expect((await policy(...asked)).stdout).toContain('[reason-not-given]');
    const told = await policy(...asked, '--reason', 'INC-1');
    expect([told.code, told.stdout]).toEqual([0, expect.not.stringContaining('reason-not-given')]);
  });

  it('can and who: know Engines apart', async () => {
    const asked = ['can', 'alice', 'ContainerRestart', 'container/-/web', '--role', 'developer'];
    expect((await policy(...asked)).code).toBe(1);
    expect((await policy(...asked, '--engine', 'build')).code).toBe(0);
    const who = ['who', 'ContainerRestart', 'container/-/web'];
    expect((await policy(...who)).stdout).not.toContain('role:developer');
    expect((await policy(...who, '--engine', 'build')).stdout).toMatch(
      /^role:developer +may, by grants\.csv:6$/m,
    );
    const written = await policy('who', 'ContainerRestart', 'engine/build/container/-/web');
    expect(written.stdout).toMatch(/^role:developer +may, by/m);
    const none = await policy(...who, '--engine', 'biuld');
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('there are default, build')]);
  });

  it('can and who: say what is mistyped', async () => {
    const impossible = await policy('who', 'ContainerRestart', 'container/web');
    expect([impossible.code, impossible.stderr]).toEqual([
      2,
      expect.stringContaining('write container/-/web'),
    ]);
    const role = await policy('can', 'alice', 'ContainerStart', 'container/-/web', '--role', 'developper');
    expect([role.code, role.stdout]).toEqual([1, expect.stringContaining('did you mean role:developer?')]);
  });

  it('lint: reads the grants of every Engine', async () => {
    const { code, stdout } = await policy('lint', '--json');
    const ids = (JSON.parse(stdout) as { id: string; line: number }[]).map(({ id, line }) => `${line} ${id}`);
    expect(ids.filter((id) => /invalid|silence/.test(id))).toEqual([]);
    expect(code).toBe(0);
  });

  it('explain: tells of a recorded request what every grant makes of it, then and now', async () => {
    const head = 'POST /v1.41/containers/create?name=web';
    const answer = await door.ask(json(head, '{"Image":"busybox"}'), 'viewer');
    expect(answer.status).toBe(403);
    const [record] = await door.records(1);
    const id = record?.id ?? '';
    const text = await policy('explain', id);
    expect(text.code).toBe(0);
    expect(text.stdout).toMatch(/then, by policy [0-9a-f]{12}: deny \[not-granted\]/);
    expect(text.stdout).toMatch(/now, by policy which is in force still: deny \[not-granted\]/);
    const told = JSON.parse((await policy('explain', id, '--json')).stdout);
    expect([told.id, told.then.effect, told.now.effect]).toEqual([id, 'deny', 'deny']);
    const allowed = await door.ask(http('GET /v1.41/containers/json'));
    expect(allowed.status).toBe(200);
    const decided = (await door.records()).find(({ request }) => request.operation === 'ContainerList');
    expect((await policy('explain', decided?.id ?? '')).stdout).toMatch(
      /now, .*: allow \[granted\] by grants\.csv:2/,
    );
    const none = await policy('explain', '00000000-0000-4000-8000-000000000000');
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('audit query')]);
  });

  it('explain: holds conditions on the body against what the record has of it', async () => {
    const body = '{"Memory":6000000}';
    expect((await door.ask(json('POST /v1.41/containers/web/update', body), 'viewer')).status).toBe(200);
    const record = (await door.records()).find(({ request }) => request.operation === 'ContainerUpdate');
    const { stdout } = await policy('explain', record?.id ?? '');
    expect(stdout).toMatch(/now, .*: allow \[granted\] by grants\.csv:7/);
    expect(stdout).not.toContain('not in the record: the body');
  });
});
