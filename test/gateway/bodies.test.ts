import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resourceText } from '../support/audit.ts';
import { reply } from '../support/fake-engine.ts';
import {
  expectForwarded,
  expectRefused,
  type FrontDoor,
  json,
  openFrontDoor,
  plainly,
} from '../support/front-door.ts';

const CREATE = 'POST /v1.41/containers/create';
const roots = mkdtempSync(join(tmpdir(), 'qw-roots-'));
mkdirSync(`${roots}/ci/build`, { recursive: true });
symlinkSync('/etc', `${roots}/ci/link`);

const GRANTS = `
p, role:developer, **, *, "satisfies('baseline')", allow
p, role:limited, **, *, "satisfies('restricted')", allow
p, role:newer, **, *, true, allow
p, role:newer, container/**, UnknownFields, true, allow
p, role:bare, **, *, true, allow
p, role:ci, **, *, "hostPathsWithin('${roots}/ci')", allow
p, role:denied, **, @read, true, allow
`;

/** What the Engine receives of a create. */
const created = (body: string) =>
  plainly(CREATE, 'content-type: application/json', `content-length: ${Buffer.byteLength(body)}`, '', body);

let door: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor({
    prepare: (dir) => writeFileSync(`${dir}/policies/grants.csv`, GRANTS),
    config: {
      policy: { contact: 'ops@example.com', roles: [{ role: 'bare', floor: 'off' }] },
      engine: { onThisHost: true },
      api: { floor: '1.40' },
      limits: { bodyBytes: 65_536 },
      mutations: [
        { for: ['user:mutated'], pids: 100, mirrors: [{ from: 'docker.io', to: 'reg.example.com/hub' }] },
      ],
    },
  });
  for (const role of ['developer', 'limited', 'newer', 'bare', 'ci', 'denied']) {
    await door.certPath(role, { cn: role, o: 'team-a', ou: role });
  }
  await door.certPath('mutated', { cn: 'mutated', o: 'team-a', ou: 'developer' });
});
afterAll(() => door.close());

describe('a body on its way', () => {
  it('reaches the Engine as our own encoding of what was judged', async () => {
    const { records } = await expectForwarded(
      door,
      json(CREATE, ' {"Tty":false, "Cmd":"\\u0069d", "Image" : "busybox", "New": null} '),
      created('{"Tty":false,"Cmd":["id"],"Image":"busybox"}'),
      'developer',
    );
    expect(records[0]).toMatchObject({ changes: [], decision: { grant: 'grants.csv:2', reasons: [] } });
  });

  it('of a privileged container is refused in a sentence with field, rule and remedy', async () => {
    const { record } = await expectRefused(
      door,
      json(CREATE, '{"Image":"busybox","HostConfig":{"Privileged":true,"Binds":["/:/h"]}}'),
      { status: 403, reason: 'privileged', operation: 'ContainerCreate', field: 'HostConfig.Privileged' },
      'developer',
    );
    expect(record.decision.message).toMatch(
      /^developer \(role developer\) may not do this ContainerCreate on container\/-: HostConfig\.Privileged gives .* which the profile baseline forbids \(privileged\): .*; HostConfig\.Binds\[0\] .*; or ask ops@example\.com for a grant$/,
    );
    expect(record.decision.reasons.map(({ check, field }) => `${check} ${field}`)).toEqual([
      'privileged HostConfig.Privileged',
      'host-path HostConfig.Binds[0]',
    ]);
  });

  it('is not asked for where no body could be allowed', async () => {
    const client = await door.connect('denied');
    client.write(
      `${CREATE} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n`,
    );
    const answer = await client.answered('POST');
    client.socket.destroy();
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(answer).not.toContain('100 Continue');
    expect((await door.records(1)).at(-1)?.decision.reason).toBe('not-granted');
  });

  it.each([
    ['{"Image":"busybox"', 'body-json', 400],
    ['\ufeff{"Image":"busybox"}', 'body-json', 400],
    ['{"Image":"busybox","image":"evil"}', 'body-field-duplicate', 400],
    ['{"image":"busybox"}', 'body-field-case', 400],
    ['{"Image":1}', 'body-field-type', 400],
    ['{"Image":"busybox","Privileged":true}', 'body-field-unknown', 400],
    ['{"Image":"busybox","Labels":{"io.quaywarden.tenant":"b"}}', 'own-label', 403],
    [`{"Image":"${'x'.repeat(66_000)}"}`, 'body-too-large', 413],
  ])('of %.60s is refused as %s', async (body, reason, status) => {
    await expectRefused(door, json(CREATE, body), { status, reason }, 'developer');
  });
});

describe('the floor', () => {
  const unknown = '{"Image":"busybox","New":{"a":1}}';

  it('is not removed by a grant of everything', async () => {
    await expectRefused(
      door,
      json(CREATE, unknown),
      {
        status: 400,
        reason: 'body-field-unknown',
        field: 'New',
        message: /ask ops@example\.com for a grant of UnknownFields$/,
      },
      'ci',
    );
    await expectRefused(
      door,
      json(CREATE, '{"Image":"busybox","Privileged":true}'),
      { status: 400, reason: 'body-field-unknown', field: 'Privileged', message: /HostConfig\.Privileged/ },
      'ci',
    );
  });

  it('lets unknown fields pass that a grant names', async () => {
    await expectForwarded(door, json(CREATE, unknown), created(unknown), 'newer');
    await expectRefused(
      door,
      json(CREATE, '{"Image":"busybox","Labels":{"io.quaywarden.owner":"b"}}'),
      { status: 403, reason: 'own-label' },
      'newer',
    );
  });

  it('is off for a role that the configuration names, old API versions included', async () => {
    await expectForwarded(door, json(CREATE, unknown), created(unknown), 'bare');
    await expectForwarded(
      door,
      'GET /v1.39/info HTTP/1.1\r\nHost: x\r\n\r\n',
      /^GET \/v1\.39\/info /,
      'bare',
    );
    await expectRefused(
      door,
      'GET /v1.39/info HTTP/1.1\r\nHost: x\r\n\r\n',
      { status: 403, reason: 'version-below-floor' },
      'newer',
    );
  });
});

describe('a mutation', () => {
  it('is forwarded, recorded, and told among the warnings of the answer', async () => {
    door.engine.script = ({ socket }) =>
      void socket.write(
        reply('201 Created', '{"Id":"a","Warnings":["of the Engine"]}\n', ['Content-Type: application/json']),
      );
    door.engine.taken();
    await door.records();
    const answer = await door.ask(json(CREATE, '{"Image":"alpine:3"}'), 'mutated');
    expect(door.engine.taken()).toEqual([
      created('{"Image":"reg.example.com/hub/library/alpine:3","HostConfig":{"PidsLimit":100}}'),
    ]);
    const records = await door.records(2);
    const changes = [
      'the number of processes was limited to 100',
      'the image alpine:3 was rewritten to reg.example.com/hub/library/alpine:3',
    ];
    expect(JSON.parse(answer.body)).toEqual({
      Id: 'a',
      Warnings: ['of the Engine', ...changes.map((change) => `quaywarden: ${change}`)],
    });
    expect(records.map((record) => record.changes)).toEqual([changes, changes]);
  });

  it('of a pull leaves the credentials for the other registry behind', async () => {
    const auth = Buffer.from('{"username":"u","password":"p"}').toString('base64');
    const { records } = await expectForwarded(
      door,
      `POST /v1.41/images/create?fromImage=alpine&tag=3 HTTP/1.1\r\nHost: x\r\nX-Registry-Auth: ${auth}\r\n\r\n`,
      /^POST \/v1\.41\/images\/create\?fromImage=reg\.example\.com%2Fhub%2Flibrary%2Falpine&tag=3 HTTP\/1\.1\r\n(?![\s\S]*x-registry-auth)/i,
      'mutated',
    );
    expect(resourceText(records[0]?.resource)).toBe('image/reg.example.com/hub/library/alpine:3');
  });
});

describe('a host path', () => {
  const bind = (path: string) => `{"Image":"busybox","HostConfig":{"Binds":["${path}:/h"]}}`;

  it('within the allowed folder passes', async () => {
    const body = bind(`${roots}/ci/build`);
    await expectForwarded(door, json(CREATE, body), created(body), 'ci');
  });

  it.each([['/ci/link'], ['/ci/link/cron.d'], ['/ci/../ci2'], ['/ci/build/../link']])(
    'that leads out of it is refused: %s (E003, E005)',
    async (path) => {
      await expectRefused(
        door,
        json(CREATE, bind(`${roots}${path}`)),
        { status: 403, reason: 'host-path-not-permitted', field: 'HostConfig.Binds[0]' },
        'ci',
      );
    },
  );
});

it('no secret of a body stands in the audit log or the log', async () => {
  await door.ask(
    json(CREATE, '{"Image":"busybox","Env":["PASSWORD=hunter2"],"HostConfig":{"Privileged":true}}'),
    'developer',
  );
  await door.ask(
    json('POST /v1.41/auth', '{"username":"u","password":"hunter2","New":"hunter2"}'),
    'developer',
  );
  await door.ask(json('POST /v1.41/auth', '{"username":"u","password":"hunter2"}'), 'developer');
  await door.records();
  expect(JSON.stringify(door.gateway.auditLines())).not.toContain('hunter2');
  expect(door.gateway.log()).not.toContain('hunter2');
});
