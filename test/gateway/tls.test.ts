import { appendFileSync, existsSync, statSync } from 'node:fs';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FrontDoor, http, openFrontDoor } from '../support/front-door.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { rawClient, readAnswer } from '../support/http.ts';
import { createCa } from '../support/pki.ts';

const info = http('GET /v1.41/info');

/** One request on a connection of its own, and what that connection was. */
async function over(
  door: FrontDoor,
  options: Parameters<FrontDoor['connect']>[1],
  as: string | null = 'alice',
) {
  const client = await door.connect(as, options);
  client.write(info);
  const answer = readAnswer(await client.answered());
  return { answer, socket: client.socket };
}

function nextSession(socket: TLSSocket): Promise<Buffer> {
  return new Promise((resolve) => socket.once('session', resolve));
}

describe('TLS as it is by default', () => {
  let door: FrontDoor;
  beforeAll(async () => {
    door = await openFrontDoor({
      config: { tls: { clientCa: 'clients/ca.pem', clientCertificate: 'required' } },
    });
  });
  beforeEach(async () => void (await door.records()));
  afterAll(() => door.close());

  it.each(['TLSv1', 'TLSv1.1', 'TLSv1.2'] as const)(
    '%s is refused in the handshake: no request, no record',
    async (version) => {
      door.engine.taken();
      const lax = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' };
      await expect(door.connect('alice', lax)).rejects.toThrow(/protocol version|unsupported protocol/i);
      expect(await door.records()).toEqual([]);
      expect(door.engine.taken()).toEqual([]);
    },
  );

  it('TLS 1.3 is spoken, with http/1.1 to who offers h2 too, and recorded', async () => {
    const { answer, socket } = await over(door, { ALPNProtocols: ['h2', 'http/1.1'] });
    expect([answer.status, socket.getProtocol(), socket.alpnProtocol]).toEqual([200, 'TLSv1.3', 'http/1.1']);
    socket.end();
    expect((await door.records(2))[0]?.client).toMatchObject({ address: '127.0.0.1', tls: 'TLSv1.3' });
  });

  it('who offers h2 alone is refused in the handshake', async () => {
    await expect(door.connect('alice', { ALPNProtocols: ['h2'] })).rejects.toThrow(/alert/);
  });

  it('a client without a certificate is told what it needs, not reset', async () => {
    const { answer } = await over(door, {}, null);
    expect([answer.status, answer.body]).toEqual([401, expect.stringContaining('[certificate-missing]')]);
    expect(await door.records(1)).toMatchObject([{ stage: 'refused', principal: null }]);
  });

  it('a resumed session is authenticated like a new one', async () => {
    const client = await door.connect();
    const ticket = nextSession(client.socket);
    client.write(info);
    await client.answered();
    const session = await ticket;
    client.end();
    await door.records(2);
    const { answer, socket } = await over(door, { session });
    expect([answer.status, socket.isSessionReused()]).toEqual([200, true]);
    socket.end();
    for (const record of await door.records(2))
      expect(record.principal).toMatchObject({ name: 'alice', method: 'certificate' });
  });

  it('a session of a client that had no certificate gives it none when it is resumed', async () => {
    const client = await door.connect(null);
    const ticket = nextSession(client.socket);
    client.write(info);
    await client.answered();
    const session = await ticket;
    client.end();
    const { answer } = await over(door, { session }, null);
    expect([answer.status, answer.body]).toEqual([401, expect.stringContaining('[certificate-missing]')]);
  });

  it('HTTP without TLS gets no answer and nothing of it is served', async () => {
    const { connect } = await import('node:net');
    door.engine.taken();
    const socket = connect(door.gateway.port, '127.0.0.1');
    const said: Buffer[] = [];
    socket.on('data', (chunk) => said.push(chunk)).on('error', () => {});
    socket.write(info);
    await new Promise((resolve) => socket.once('close', resolve));
    expect(Buffer.concat(said).toString('latin1')).not.toContain('HTTP/');
    expect(door.engine.taken()).toEqual([]);
  });
});

describe('a TLS session after the gateway was started again', () => {
  let door: FrontDoor;
  let gateway: Gateway;
  beforeAll(async () => {
    door = await openFrontDoor();
    gateway = door.gateway;
  });
  afterAll(async () => {
    await gateway.stop();
    await door.close();
  });

  const client = async (session?: Buffer) =>
    rawClient(
      gateway.port,
      `${gateway.certPath('admin')}/ca.pem`,
      await door.certPath('alice'),
      session === undefined ? {} : { session },
    );

  /** @returns a ticket of the gateway that runs now */
  async function ticketOf(): Promise<Buffer> {
    const first = await client();
    const ticket = nextSession(first.socket);
    first.write(info);
    await first.answered();
    first.socket.destroy();
    return ticket;
  }

  async function again(config: object = {}): Promise<void> {
    await gateway.stop();
    gateway = await startGateway({ dir: gateway.dir, engineSocket: door.engine.socketPath, config });
  }

  async function isResumed(session: Buffer): Promise<boolean> {
    const next = await client(session);
    next.write(info);
    expect(readAnswer(await next.answered()).status).toBe(200);
    expect(gateway.auditRecords().at(-1)?.principal).toMatchObject({ name: 'alice', method: 'certificate' });
    const reused = next.socket.isSessionReused();
    next.socket.destroy();
    return reused;
  }

  it('is resumed, by a key that nobody else may read', async () => {
    const session = await ticketOf();
    await again();
    expect(await isResumed(session)).toBe(true);
    expect(statSync(`${gateway.dir}/certs/server/session-tickets.key`).mode & 0o777).toBe(0o600);
  });

  it('is not when other CAs are trusted than before', async () => {
    const session = await ticketOf();
    appendFileSync(`${gateway.dir}/clients/ca.pem`, (await createCa({ cn: 'Another' })).certificate);
    await again();
    expect(await isResumed(session)).toBe(false);
  });

  it('is not when TLS 1.2 is allowed, as no key is kept then', async () => {
    await again({ tls: { minVersion: '1.2', sessionTickets: 'certs/server/other.key' } });
    const session = await ticketOf();
    expect(await isResumed(session)).toBe(true);
    await again();
    expect(await isResumed(session)).toBe(false);
    expect(existsSync(`${gateway.dir}/certs/server/other.key`)).toBe(false);
  });

  it('is never resumed when there are no tickets', async () => {
    await again({ tls: { minVersion: '1.3', sessionTickets: 'off' } });
    expect(await isResumed(await ticketOf())).toBe(false);
  });
});

describe('TLS 1.2 by option', () => {
  let door: FrontDoor;
  beforeAll(async () => {
    door = await openFrontDoor({ config: { tls: { clientCa: 'clients/ca.pem', minVersion: '1.2' } } });
  });
  afterAll(() => door.close());

  it('is spoken, and the certificate counts as on TLS 1.3', async () => {
    const { answer, socket } = await over(door, { maxVersion: 'TLSv1.2' });
    expect([answer.status, socket.getProtocol()]).toEqual([200, 'TLSv1.2']);
    socket.end();
    const [record] = await door.records(2);
    expect(record).toMatchObject({
      client: { tls: 'TLSv1.2' },
      principal: { name: 'alice', method: 'certificate' },
    });
  });

  it('is not renegotiated: nobody becomes somebody else on a connection that stands', async () => {
    const client = await door.connect('alice', { maxVersion: 'TLSv1.2' });
    const outcome = await new Promise<string>((resolve) => {
      client.socket.once('error', () => resolve('cut off')).once('close', () => resolve('cut off'));
      client.socket.renegotiate({}, (error) => resolve(error === null ? 'renegotiated' : 'refused'));
      setTimeout(() => resolve('ignored'), 500);
    });
    expect(outcome).not.toBe('renegotiated');
    client.socket.destroy();
  });

  it('TLS 1.1 is still refused', async () => {
    const lax = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    await expect(door.connect('alice', lax)).rejects.toThrow(/protocol version|unsupported protocol/i);
  });
});
