import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { removeNamed } from '../cli/cleanup.ts';
import { docker } from '../support/docker.ts';
import { type FrontDoor, openFrontDoor } from '../support/front-door.ts';
import { type Gateway, quaywarden, startGateway } from '../support/gateway.ts';
import { readAnswer } from '../support/http.ts';

const folder = mkdtempSync('/tmp/qw-local-');
afterAll(() => rmSync(folder, { recursive: true }));

/** Sends bytes on a connection without TLS; resolves with all that came back until it was closed. */
function send(to: string | number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = typeof to === 'string' ? connect(to) : connect(to, '127.0.0.1');
    let all = '';
    socket.setEncoding('latin1').on('data', (text: string) => {
      all += text;
    });
    socket.once('error', reject).once('close', () => resolve(all));
    socket.write(bytes);
    setTimeout(() => socket.end(), 300);
  });
}

describe('a local listener, with a real docker CLI in front of a real Engine', () => {
  const { socket: engineSocket } = inject('engine');
  const path = `${folder}/gateway.sock`;
  const target = { host: `unix://${path}` };
  const viewed = { host: `unix://${folder}/view.sock` };
  const name = `local-${process.pid}`;
  let gateway: Gateway;

  beforeAll(async () => {
    gateway = await startGateway({
      engineSocket,
      config: {
        listeners: [
          {
            listen: `unix://${path}`,
            mode: '0600',
            principal: { name: 'agent', tenant: 'local', roles: ['operator'] },
          },
          {
            listen: `unix://${folder}/view.sock`,
            principal: { name: 'traefik', tenant: 'local', roles: ['viewer'] },
          },
        ],
      },
    });
  });
  afterAll(async () => {
    await removeNamed(engineSocket, name);
    const { code } = await gateway.stop();
    expect(code, gateway.log()).toBe(0);
    expect(() => statSync(path)).toThrow(/ENOENT/);
  });

  it('makes its sockets for those who may have them', () => {
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(`${folder}/view.sock`).mode & 0o777).toBe(0o660);
  });

  it('serves sessions, streams and all else as its principal', async () => {
    const run = await docker(['run', '-i', '--name', name, 'busybox', 'cat'], {
      ...target,
      input: 'as typed\n',
    });
    expect([run.code, run.stdout, run.stderr]).toEqual([0, 'as typed\n', '']);
    expect((await docker(['start', name], target)).code).toBe(0);
    expect((await docker(['logs', name], target)).stdout).toBe('as typed\n');
    const attached = gateway.auditRecords().filter(({ request }) => request.operation === 'ContainerAttach');
    expect(attached[0]).toMatchObject({
      principal: {
        name: 'agent',
        tenant: 'local',
        roles: ['operator'],
        method: 'listener',
        issuer: `unix://${path}`,
        expiresAt: null,
      },
      client: { address: '', port: 0, tls: null },
      decision: { effect: 'allow', grant: 'grants.csv:15' },
    });
  });

  it('is held to what the policy grants its principal, and to the floor', async () => {
    expect((await docker(['ps', '-a', '--format', '{{.Names}}'], viewed)).stdout).toContain(name);
    const refused = await docker(['rm', '-f', name], viewed);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/traefik \(role viewer\) may not do ContainerDelete .*\[not-granted\]/);
    const body = '{"Image":"busybox","Hostconfig":{}}';
    const answer = await send(
      path,
      `POST /v1.41/containers/create HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    expect(readAnswer(answer).status).toBe(400);
  });

  it('is told of by doctor', async () => {
    const { stdout } = await quaywarden(['doctor', '--json', '--config', gateway.config]).catch(
      (error: { stdout: string }) => error,
    );
    const { findings } = JSON.parse(stdout) as { findings: { subject: string; sentence: string }[] };
    expect(findings.filter(({ subject }) => subject === 'local listeners')).toMatchObject([
      { level: 'ok', sentence: `whoever reaches unix://${path} is agent of local (mode 0600)` },
      { level: 'ok' },
    ]);
  });

  it('keeps a second gateway from its socket', async () => {
    const listeners = [{ listen: `unix://${path}`, principal: { name: 'a', tenant: 'b' } }];
    await expect(startGateway({ engineSocket, config: { listeners } })).rejects.toThrow(
      /listeners\[0\]\.listen: another gateway listens on/,
    );
  });
});

describe('a local listener on a port', () => {
  let door: FrontDoor;
  let port: number;

  beforeAll(async () => {
    door = await openFrontDoor({
      config: {
        listeners: [
          {
            listen: '127.0.0.1:0',
            hosts: ['quaywarden'],
            principal: { name: 'agent', tenant: 'local', roles: ['operator'] },
          },
        ],
      },
    });
    port = Number(/"address":"127\.0\.0\.1:(\d+)","principal":"agent"/.exec(door.gateway.log())?.[1]);
  });
  afterAll(() => door.close());

  async function ask(head: string): Promise<[number, string | undefined]> {
    door.engine.taken();
    await door.records();
    const answer = readAnswer(await send(port, head));
    const [record] = await door.records(1);
    if (answer.status >= 400) expect(door.engine.taken()).toEqual([]);
    return [answer.status, record?.decision.reason];
  }

  it.each(['127.0.0.1:2375', 'localhost', 'quaywarden:2375', '[::1]:2375'])(
    'knows the host %s',
    async (host) => {
      expect(await ask(`GET /v1.41/info HTTP/1.1\r\nHost: ${host}\r\n\r\n`)).toEqual([200, 'granted']);
    },
  );

  it.each([
    ['credentials', 'Host: localhost\r\nAuthorization: Bearer x.y.z', 401, 'authorization-not-taken'],
    ['a page of another origin', 'Host: 127.0.0.1\r\nOrigin: https://evil.example', 403, 'no-browsers'],
    ['an image in a page', 'Host: 127.0.0.1\r\nSec-Fetch-Site: cross-site', 403, 'no-browsers'],
    ['a name that was made to lead here', 'Host: evil.example:2375', 403, 'no-such-host'],
    ['a body framed twice', 'Host: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked', 400, undefined],
    ['two hosts', 'Host: localhost\r\nHost: localhost', 400, 'header-duplicate'],
  ])('refuses %s', async (_, headers, status, reason) => {
    const [got, why] = await ask(`POST /v1.41/containers/x/start HTTP/1.1\r\n${headers}\r\n\r\n`);
    expect(got).toBe(status);
    if (reason !== undefined) expect(why).toBe(reason);
  });

  it('needs no more than an upgrade to tunnel, and never one that was not asked for by the operation', async () => {
    const tunnel = await send(
      port,
      'POST /v1.41/containers/x/attach?stream=1&stdout=1 HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n',
    );
    expect(tunnel).toMatch(/^HTTP\/1\.1 101 .*\r\n\r\nwelcome$/s);
    const none = await send(
      port,
      'GET /v1.41/info HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n',
    );
    expect(readAnswer(none).status).toBe(200);
    const asked = door.engine.heads().findLast((head) => head.startsWith('GET /v1.41/info'));
    expect(asked).toBeDefined();
    expect(asked).not.toMatch(/upgrade/i);
  });
});

describe('listeners in the configuration', () => {
  const principal = { name: 'a', tenant: 'b' };
  const check = (listener: object): string => {
    const file = `${folder}/check.yaml`;
    writeFileSync(
      file,
      JSON.stringify({ tls: { certificate: 'a', key: 'b', clientCa: 'c' }, listeners: [listener] }),
    );
    try {
      loadConfig(file, {});
    } catch (error) {
      return (error as Error).message;
    }
    return 'nothing is wrong';
  };

  it.each([
    [{ listen: '0.0.0.0:2375', principal }, /can be reached from other machines.*allowPlaintext/],
    [{ listen: 'gateway.internal:2375', principal }, /can be reached from other machines/],
    [{ listen: 'unix:///run/x', allowPlaintext: true, principal }, /no meaning for a unix socket/],
    [{ listen: 'unix:///run/x', hosts: ['a'], principal }, /no meaning for a unix socket/],
    [{ listen: '127.0.0.1:2375', mode: '0660', principal }, /mode is for unix sockets/],
    [{ listen: 'unix:///run/x', mode: '0777', principal }, /permissions such as "0660"/],
    [{ listen: 'unix:///run/x' }, /principal is missing/],
    [{ listen: 'unix:///run/x', principal: { ...principal, method: 'jwt' } }, /not a known key/],
  ])('%j is refused', (listener, why) => {
    expect(check(listener)).toMatch(why);
  });
});
