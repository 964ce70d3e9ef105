import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createNetServer, type Server } from 'node:net';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { probeEngine } from '../../src/upstream/probe.ts';
import { createCa } from '../support/pki.ts';

const dir = mkdtempSync('/tmp/quaywarden-probe-');
afterAll(() => rmSync(dir, { recursive: true }));

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

let count = 0;
async function listen(server: Server): Promise<string> {
  servers.push(server);
  count += 1;
  const path = `${dir}/${count}.sock`;
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return path;
}

const versions = { Version: '20.10.24', ApiVersion: '1.41', MinAPIVersion: '1.12' };
const answer =
  (body: unknown, status = 200): RequestListener =>
  (_, response) => {
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
  };

describe('probeEngine', () => {
  it('asks for the versions on a connection that it closes', async () => {
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers.host} ${request.headers.connection}`);
      response.end(JSON.stringify(versions));
    });
    const path = await listen(server);
    expect(await probeEngine({ address: `unix://${path}` })).toEqual({
      reachable: true,
      version: '20.10.24',
      apiVersion: '1.41',
      minApiVersion: '1.12',
    });
    expect(asked).toEqual(['GET /version docker close']);
    const open = await new Promise<number>((resolve) =>
      server.getConnections((_, number) => resolve(number)),
    );
    expect(open).toBe(0);
  });

  it('names a socket that is not there, and what to do', async () => {
    expect(await probeEngine({ address: 'unix:///nowhere/docker.sock' })).toEqual({
      reachable: false,
      code: 'ENOENT',
      error:
        'there is no socket /nowhere/docker.sock; start dockerd, or name its socket in engine.address or DOCKER_SOCK',
    });
  });

  it('tells a socket that nobody listens on from a file that is none', async () => {
    const plain = `${dir}/plain`;
    writeFileSync(plain, '');
    expect(await probeEngine({ address: `unix://${plain}` })).toEqual({
      reachable: false,
      code: 'ECONNREFUSED',
      error: `nobody listens on ${plain}, though the socket is there; start dockerd`,
    });
    expect(await probeEngine({ address: 'tcp://127.0.0.1:1' })).toEqual({
      reachable: false,
      code: 'ECONNREFUSED',
      error: 'nobody listens on tcp://127.0.0.1:1; start dockerd there, or check engine.address',
    });
  });

  const strangers: readonly [what: string, listener: RequestListener][] = [
    ['text', answer('hello')],
    ['null', answer('null')],
    ['another status', answer(versions, 404)],
    ['JSON without versions', answer({ Version: '1' })],
    ['versions of another form', answer({ ...versions, ApiVersion: '1.41.1' })],
    ['an endless answer', (_, response) => void response.end('x'.repeat(2_000_000))],
  ];
  it.each(strangers)('does not take %s for a Docker Engine', async (_, listener) => {
    const path = await listen(createServer(listener));
    expect(await probeEngine({ address: `unix://${path}` })).toEqual({
      reachable: false,
      code: 'NOT_DOCKER',
      error: `what answers at ${path} is not a Docker Engine; check engine.address`,
    });
  });

  it('does not take bytes that are not HTTP for a Docker Engine', async () => {
    const path = await listen(createNetServer((socket) => void socket.end('SSH-2.0-OpenSSH\r\n')));
    expect(await probeEngine({ address: `unix://${path}` })).toMatchObject({
      reachable: false,
      code: 'NOT_DOCKER',
    });
  });

  it.each(['nothing', 'half an answer'])('does not wait for ever on %s', async (what) => {
    const path = await listen(
      createNetServer((socket) => {
        if (what !== 'nothing') socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{');
        socket.on('error', () => {});
      }),
    );
    const started = performance.now();
    expect(await probeEngine({ address: `unix://${path}` }, 300)).toEqual({
      reachable: false,
      code: 'NO_ANSWER',
      error: `${path} does not answer in time; look at dockerd's log, or check engine.address and the network`,
    });
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe('probeEngine over TLS', async () => {
  const [ca, other] = await Promise.all([createCa(), createCa()]);
  const pair = await ca.issueServer();
  writeFileSync(`${dir}/ca.pem`, ca.certificate);
  writeFileSync(`${dir}/other.pem`, other.certificate);

  async function address(): Promise<string> {
    const server = createTlsServer({ cert: pair.certificate, key: pair.key }, answer(versions));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `tcp://127.0.0.1:${(server.address() as { port: number }).port}`;
  }

  it('reaches an Engine whose certificate its CA vouches for', async () => {
    const probe = await probeEngine({ address: await address(), tls: { ca: `${dir}/ca.pem` } });
    expect(probe).toMatchObject({ reachable: true, version: '20.10.24' });
  });

  it('says that it is TLS when another CA issued it', async () => {
    const place = await address();
    expect(await probeEngine({ address: place, tls: { ca: `${dir}/other.pem` } })).toEqual({
      reachable: false,
      code: expect.stringMatching(/UNABLE_TO_VERIFY_LEAF_SIGNATURE|CERT_SIGNATURE_FAILURE/),
      error: expect.stringMatching(
        /^tcp:\/\/127\.0\.0\.1:\d+ can not be reached by TLS \(\w+\); check engine\.tls against the Engine's own certificates$/,
      ),
    });
  });

  it('names a TLS file that is not there', async () => {
    expect(await probeEngine({ address: 'tcp://127.0.0.1:1', tls: { ca: '/nowhere.pem' } })).toEqual({
      reachable: false,
      code: 'TLS_FILES',
      error: expect.stringContaining('/nowhere.pem: can not be read (ENOENT)'),
    });
  });
});
