import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { rawClient } from '../support/http.ts';
import { curl, json } from './curl-client.ts';
import { textOf } from './frames.ts';
import { run } from './run.ts';
import { openSite, type Site, WAYS } from './site.ts';

/** The header that takes the place of a certificate, with its line end. */
function authorization({ way, token }: Site): string {
  return way === 'jwt' ? `Authorization: Bearer ${token}\r\n` : '';
}

function connect(site: Site): ReturnType<typeof rawClient> {
  return rawClient(site.gateway.port, `${site.certs}/ca.pem`, site.way === 'jwt' ? undefined : site.certs);
}

function bodyOf(answer: string): string {
  return answer.slice(answer.indexOf('\r\n\r\n') + 4);
}

async function cat(site: Site, name: string): Promise<string> {
  const made = await curl(
    site,
    `/v1.41/containers/create?name=${site.name(name)}`,
    json({ Image: 'busybox', Cmd: ['cat'], OpenStdin: true, StdinOnce: true, AttachStdin: true }),
  );
  const { Id } = made.json<{ Id: string }>();
  expect((await curl(site, `/v1.41/containers/${Id}/start`, ['-X', 'POST'])).status).toBe(204);
  return Id;
}

describe.each(WAYS)('bytes down a TLS pipe over %s', (way) => {
  const open = openSite(way);

  it('get the list of containers by HTTP/1.0 from openssl s_client', async () => {
    const site = open();
    const id = await cat(site, 'listed');
    const credentials =
      way === 'jwt' ? [] : ['-cert', `${site.certs}/cert.pem`, '-key', `${site.certs}/key.pem`];
    const { stdout } = await run(
      '/usr/bin/openssl',
      ['s_client', '-quiet', '-verify_return_error', '-CAfile', `${site.certs}/ca.pem`]
        .concat(['-servername', 'localhost', '-connect', `127.0.0.1:${site.gateway.port}`])
        .concat(credentials),
      { input: `GET /containers/json?all=1 HTTP/1.0\r\n${authorization(site)}\r\n` },
    );
    expect(stdout).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(stdout.slice(0, stdout.indexOf('\r\n\r\n'))).not.toMatch(/transfer-encoding/i);
    const listed = JSON.parse(bodyOf(stdout)) as { Id: string }[];
    expect(listed.map(({ Id }) => Id)).toContain(id);
  });

  it('get it when they end their side right after the request', async () => {
    const site = open();
    const client = await connect(site);
    client.write(`GET /containers/json?all=1 HTTP/1.0\r\n${authorization(site)}\r\n`);
    client.end();
    const answer = await client.closed();
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(JSON.parse(bodyOf(answer))).toBeInstanceOf(Array);
  });

  it('attach by HTTP/1.0 with input in the same segment, end their side and read all that comes back', async () => {
    const site = open();
    const id = await cat(site, 'attached');
    const client = await connect(site);
    const path = `/v1.41/containers/${id}/attach?stream=1&stdin=1&stdout=1&stderr=1`;
    client.write(`POST ${path} HTTP/1.0\r\n${authorization(site)}\r\nearly\n`);
    await client.until(/early\n/);
    client.write('late\n');
    client.end();
    const answer = await client.closed();
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\nContent-Type: application\/vnd\.docker\.raw-stream\r\n/);
    expect(textOf(Buffer.from(bodyOf(answer), 'latin1'), 1)).toBe('early\nlate\n');
  });

  it('are answered in order when two requests come in one segment', async () => {
    const site = open();
    const client = await connect(site);
    const ask = (path: string, more = '') =>
      `GET ${path} HTTP/1.1\r\nHost: x\r\n${authorization(site)}${more}\r\n`;
    client.write(ask('/_ping') + ask('/v1.41/containers/none/json', 'Connection: close\r\n'));
    const answer = await client.closed();
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nOKHTTP\/1\.1 404 Not Found\r\n/);
    expect(answer).toContain('{"message":"No such container: none"}');
  });

  it('speak to a container by WebSocket', async () => {
    const site = open();
    const id = await cat(site, 'socket');
    const client = await connect(site);
    client.write(
      `GET /v1.41/containers/${id}/attach/ws?stream=1&stdin=1&stdout=1 HTTP/1.1\r\nHost: x\r\n` +
        `${authorization(site)}Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
    );
    expect(await client.until(/\r\n\r\n/)).toMatch(
      /^HTTP\/1\.1 101 Switching Protocols\r\n[\s\S]*\r\nSec-WebSocket-Accept: /i,
    );
    const text = Buffer.from('by socket\n');
    const mask = randomBytes(4);
    const masked = text.map((byte, index) => byte ^ (mask[index % 4] as number));
    client.write(Buffer.concat([Buffer.from([0x81, 0x80 | text.length]), mask, masked]));
    expect(await client.until(/by socket\n/)).toMatch(/\x0aby socket\n$/); // a frame of 10 bytes
    client.socket.destroy();
  });
});

describe('a session that is opened with a chunked request, as dockerode does', () => {
  const open = openSite('mtls', { refusals: ['upgrade-chunked'] });
  const head = () =>
    'POST /session HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n' +
    `X-Docker-Expose-Session-Uuid: ${randomBytes(8).toString('hex')}\r\n` +
    'Transfer-Encoding: chunked\r\n\r\n';

  it.each(['in one segment with', 'after'])('stands when its empty body comes %s the head', async (how) => {
    const client = await connect(open());
    client.write(how === 'after' ? head() : `${head()}0\r\n\r\n`);
    if (how === 'after') {
      await new Promise((resolve) => setTimeout(resolve, 200));
      expect(client.received()).toBe('');
      client.write('0\r\n');
      client.write('\r\n');
    }
    expect(await client.until(/\r\n\r\n/)).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\n/);
    await client.until(/PRI \* HTTP\/2\.0/); // the Engine is the HTTP/2 client here
    client.socket.destroy();
  });

  it.each(['2\r\n{}\r\n0\r\n\r\n', '0;x=y\r\n\r\n', '0\r\nTrailer: x\r\n\r\n'])(
    'is refused with a body of %j',
    async (body) => {
      const client = await connect(open());
      client.write(head() + body);
      const answer = await client.closed();
      expect(answer).toMatch(/^HTTP\/1\.1 411 Length Required\r\n/);
      expect(JSON.parse(bodyOf(answer))).toEqual({
        message:
          'quaywarden: a request that becomes a stream needs a Content-Length, not chunks [upgrade-chunked]',
      });
    },
  );
});
