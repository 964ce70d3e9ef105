import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AuditLine } from '../../src/audit/record.ts';
import { polite, type Script } from '../support/fake-engine.ts';
import { type FrontDoor, openFrontDoor } from '../support/front-door.ts';
import { quaywarden } from '../support/gateway.ts';
import { readAnswer } from '../support/http.ts';
import { createCa, writeCertDir } from '../support/pki.ts';

const LIST = 'GET /v1.41/containers/json HTTP/1.1\r\nHost: d\r\n\r\n';
const PING = 'GET /_ping HTTP/1.1\r\nHost: d\r\n\r\n';
const EVENTS = 'GET /v1.41/events HTTP/1.1\r\nHost: d\r\n\r\n';

const MAY_LIST = 'p, user:alice, container/**, ContainerList, true, allow\n';
const MAY_PING = 'p, user:alice, engine, SystemPing, true, allow\n';
const MAY_FOLLOW = 'p, user:alice, engine, SystemEvents, true, allow\n';

/** Events never end. */
const script: Script = (connection, head) => {
  if (!/\/events/.test(head)) return polite(connection, head);
  connection.socket.write(
    'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
  );
};

const eventually = (check: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(check, { timeout: 15_000, interval: 100 });

let door: FrontDoor;

beforeAll(async () => {
  door = await openFrontDoor({
    script,
    config: { admin: { listen: '127.0.0.1:0' }, reload: { watchSeconds: 0 } },
    prepare: (dir) => writeFileSync(`${dir}/policies/grants.csv`, MAY_PING),
  });
});
afterAll(() => door.close());

/** Replaces a file at once, as an editor or a secret's volume does it. */
function put(file: string, text: string): void {
  const path = `${door.gateway.dir}/${file}`;
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

type Reloaded = Extract<AuditLine, { type: 'reload' }>;

const reloads = (): Reloaded[] =>
  door.gateway.auditLines().filter((line): line is Reloaded => line.type === 'reload');

async function reload(): Promise<string> {
  return (await quaywarden(['reload', '--config', door.gateway.config])).stdout;
}

async function refusedReload(): Promise<{ code: number; stderr: string }> {
  return quaywarden(['reload', '--config', door.gateway.config]).then(
    () => ({ code: 0, stderr: '' }),
    (error: { code: number; stderr: string }) => error,
  );
}

async function readyz(): Promise<{ status: number; body: Record<string, unknown> }> {
  const [, port] = /"port":(\d+),"msg":"the admin listener/.exec(door.gateway.log()) ?? [];
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`);
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

describe('a policy that changes', () => {
  it('is in force without a word, once its file has changed', async () => {
    const watching = await openFrontDoor({
      config: { reload: { watchSeconds: 1 } },
      prepare: (dir) => writeFileSync(`${dir}/policies/grants.csv`, MAY_PING),
    });
    try {
      const grants = `${watching.gateway.dir}/policies/grants.csv`;
      expect((await watching.ask(LIST)).status).toBe(403);
      writeFileSync(grants, MAY_PING + MAY_LIST);
      await eventually(async () => expect((await watching.ask(LIST)).status).toBe(200));
      const last = watching.gateway.auditLines().findLast(({ type }) => type === 'reload');
      expect(last).toMatchObject({ changed: [grants] });
      const [record] = (await watching.records()).slice(-1);
      expect(record?.decision.policyVersion).toBe((last as Reloaded).policyVersion);
    } finally {
      await watching.close();
    }
  });

  it('is read at a SIGHUP', async () => {
    expect((await door.ask(LIST)).status).toBe(403);
    put('policies/grants.csv', `${MAY_PING}\n${MAY_LIST}`);
    door.gateway.signal('SIGHUP');
    await eventually(async () => expect((await door.ask(LIST)).status).toBe(200));
  });

  it('is read by `quaywarden reload`, which says so', async () => {
    put('policies/grants.csv', MAY_PING + MAY_LIST);
    expect(await reload()).toMatch(/^in force: .*grants\.csv; policy [0-9a-f]{12}\n$/);
    expect((await door.ask(LIST)).status).toBe(200);
    expect(reloads().at(-1)?.changed).toEqual([`${door.gateway.dir}/policies/grants.csv`]);
    expect(await reload()).toMatch(/^nothing has changed; policy [0-9a-f]{12} is in force\n$/);
  });

  it('leaves all as it was when it is not valid, and names the line', async () => {
    const before = reloads().length;
    put('policies/grants.csv', `${MAY_PING}p, user:alice, container/**, ContainerLost, true, allow\n`);
    const { code, stderr } = await refusedReload();
    expect(code).toBe(1);
    expect(stderr).toMatch(/grants\.csv:2: .*ContainerLost/);
    expect((await door.ask(LIST)).status).toBe(200);
    const { status, body } = await readyz();
    expect(status).toBe(200);
    expect(body['reload']).toMatchObject({
      outcome: 'refused',
      faults: [expect.stringMatching(/grants\.csv:2: /)],
    });
    expect(door.gateway.log()).toMatch(/a reload was refused/);
    expect(reloads()).toHaveLength(before);
    put('policies/grants.csv', MAY_PING + MAY_LIST);
    await reload();
  });
});

describe('a configuration that changes', () => {
  it('is in force', async () => {
    put('quaywarden.yaml', `${readFileSync(door.gateway.config, 'utf8')}redactions: []\n`);
    expect(await reload()).toMatch(/quaywarden\.yaml/);
  });

  it('is refused whole when one key can only change at a restart', async () => {
    const before = readFileSync(door.gateway.config, 'utf8');
    put('quaywarden.yaml', before.replace('listen: 127.0.0.1:0', 'listen: 127.0.0.1:1'));
    const { code, stderr } = await refusedReload();
    expect(code).toBe(1);
    expect(stderr).toMatch(/listen: this can only change when the gateway is restarted/);
    put('quaywarden.yaml', before);
    expect(await reload()).toMatch(/nothing has changed/);
  });

  it('is refused with the line of its fault', async () => {
    const before = readFileSync(door.gateway.config, 'utf8');
    put('quaywarden.yaml', `${before}nonsense: true\n`);
    door.gateway.signal('SIGHUP');
    await eventually(() => expect(door.gateway.log()).toMatch(/quaywarden\.yaml:\d+:\d+: .*nonsense/));
    expect((await door.ask(LIST)).status).toBe(200);
    put('quaywarden.yaml', before);
  });
});

describe('certificates that change', () => {
  it('of the server: who connects then sees it, who is connected goes on', async () => {
    const old = await door.connect();
    const before = old.socket.getPeerCertificate().fingerprint256;
    const server = await door.ca.issueServer();
    // A key without its certificate is no pair: nothing happens.
    put('certs/server/key.pem', server.key);
    const { code, stderr } = await refusedReload();
    expect([code, stderr]).toEqual([1, expect.stringMatching(/tls: .*mismatch/)]);
    put('certs/server/cert.pem', server.certificate);
    await reload();
    const client = await door.connect('alice', { ca: door.ca.certificate });
    expect(client.socket.getPeerCertificate().fingerprint256).not.toBe(before);
    client.socket.destroy();
    old.write(PING);
    expect(readAnswer(await old.answered()).status).toBe(200);
    old.socket.destroy();
  });

  it('of the CA of clients: who holds one of the old CA is out at once, on open connections too', async () => {
    put('policies/grants.csv', MAY_PING + MAY_LIST + MAY_FOLLOW);
    await reload();
    const tls = { ca: door.ca.certificate };
    const idle = await door.connect('alice', tls);
    idle.write(PING);
    expect(readAnswer(await idle.answered()).status).toBe(200);
    const follower = await door.connect('alice', tls);
    follower.write(EVENTS);
    const ca = await createCa({ cn: 'Another CA' });
    put('clients/ca.pem', ca.certificate);
    await reload();
    idle.write(PING);
    const answer = readAnswer(readAnswer(await idle.closed()).rest);
    expect(answer.status).toBe(401);
    expect(answer.body).toMatch(/\[certificate-untrusted\]/);
    await follower.closed();
    const fresh = await door.connect('alice', tls);
    fresh.write(PING);
    expect(readAnswer(await fresh.answered()).status).toBe(401);
    fresh.socket.destroy();
    const dir = writeCertDir(
      `${door.gateway.dir}/clients/new`,
      ca,
      await ca.issue({ cn: 'alice', o: 'team-a' }),
    );
    const cert = { cert: readFileSync(`${dir}/cert.pem`), key: readFileSync(`${dir}/key.pem`) };
    const welcome = await door.connect(null, { ...tls, ...cert });
    welcome.write(PING);
    expect(readAnswer(await welcome.answered()).status).toBe(200);
    // Both CAs at once: the old certificate is good again, and the connection of the new one goes on.
    put('clients/ca.pem', `${ca.certificate}\n${door.ca.certificate}`);
    await reload();
    welcome.write(PING);
    expect(readAnswer(readAnswer(await welcome.closed()).rest).status).toBe(200);
    const again = await door.connect('alice', tls);
    again.write(PING);
    expect(readAnswer(await again.answered()).status).toBe(200);
    again.socket.destroy();
    const endings = (await door.records()).map(({ outcome }) => outcome?.ending);
    expect(endings).toContain('revoked');
  });

  it('of the CA of clients, while one waits for its handshake: those count that are in force when it begins', async () => {
    const addresses = { handshakesPerSecond: 1, handshakeBurst: 1 };
    const busy = await openFrontDoor({
      config: { limits: { addresses }, reload: { watchSeconds: 0 } },
      prepare: (dir) => writeFileSync(`${dir}/policies/grants.csv`, MAY_PING),
    });
    try {
      const ping = async (): Promise<number> => {
        const client = await busy.connect();
        client.write(PING);
        const { status } = readAnswer(await client.answered());
        client.socket.destroy();
        return status;
      };
      await busy.certPath('alice');
      // One a second: the last begins in three.
      const [first, ...waiting] = [ping(), ping(), ping(), ping()];
      expect(await first).toBe(200);
      writeFileSync(`${busy.gateway.dir}/clients/ca.pem`, (await createCa({ cn: 'Another CA' })).certificate);
      busy.gateway.signal('SIGHUP');
      expect((await Promise.all(waiting)).at(-1)).toBe(401);
    } finally {
      await busy.close();
    }
  });
});
