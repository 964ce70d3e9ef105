import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isRecord } from '../support/audit.ts';
import { createCrl } from '../support/crl.ts';
import { type FakeClock, fakeClock } from '../support/faketime.ts';
import { type FrontDoor, http, openFrontDoor } from '../support/front-door.ts';
import { quaywarden } from '../support/gateway.ts';
import { type RawClient, readAnswer } from '../support/http.ts';
import { type Authority, createCa } from '../support/pki.ts';
import { audience, createSigner, issuer } from '../support/tokens.ts';
import { soon } from './client.ts';

const HOUR = 3_600;
const DAY = 24 * HOUR;
const PING = http('GET /v1.41/_ping');

describe('a wall clock that is set while the gateway runs', () => {
  const signer = createSigner();
  let clock: FakeClock;
  let ca: Authority;
  let door: FrontDoor;

  beforeAll(async () => {
    clock = fakeClock();
    ca = await createCa({ cn: 'Client CA' });
    door = await openFrontDoor({
      env: clock.env,
      prepare: async (dir) => {
        mkdirSync(`${dir}/lists`);
        writeFileSync(`${dir}/own-ca.pem`, ca.certificate);
        writeFileSync(`${dir}/issuer.pem`, signer.publicPem);
        const nextUpdate = new Date(Date.now() + 90 * DAY * 1_000);
        const revoked = [await ca.issue({ cn: 'nobody' })];
        writeFileSync(`${dir}/lists/clients.crl`, createCrl(ca, { revoked, nextUpdate }));
      },
      config: {
        tls: { clientCa: 'own-ca.pem', clientCertificate: 'optional' },
        identity: {
          jwt: {
            issuers: [{ issuer, audience: [audience], algorithms: ['ES256'], keys: { file: 'issuer.pem' } }],
          },
        },
        audit: { checkpoint: { seconds: 1 } },
        revocation: { crls: [{ file: 'lists/clients.crl' }] },
        shutdown: { graceSeconds: 2 },
        limits: {
          principals: [
            { for: ['user:forth', 'user:back'], requestsPerSecond: 0.25, burst: 2 },
            { for: ['*'], requestsPerSecond: 1_000 },
          ],
        },
      },
    });
    for (const name of ['alice', 'forth', 'back']) {
      await door.certPath(name, await ca.issue({ cn: name, o: 'team-a', ou: 'operator' }));
    }
  });
  beforeEach(() => clock.set(0));
  afterAll(async () => {
    await door.close();
    clock.remove();
  });

  /** One more request on a connection that stays open: `200`, or the status and the reason id. */
  async function again(on: RawClient, token?: string): Promise<string> {
    const before = on.received().length;
    on.write(token === undefined ? PING : http('GET /v1.41/_ping', `Authorization: Bearer ${token}`));
    await soon(() => /\r\n\r\n(OK|\{.*\n)$/.test(on.received().slice(before))).toBe(true);
    const { status, body } = readAnswer(on.received().slice(before));
    return `${status}${/ \[[\w-]+\]/.exec(body)?.[0] ?? ''}`;
  }
  const anew = async (): Promise<string> => {
    const on = await door.connect('alice');
    const found = await again(on);
    on.socket.destroy();
    return found;
  };

  it('decides about certificates, on kept connections as on new ones, and the right time serves again', async () => {
    const kept = await door.connect('alice');
    await soon(() => again(kept)).toBe('200');
    clock.set(31 * DAY);
    await soon(() => again(kept)).toBe('401 [certificate-expired]');
    expect(await anew()).toBe('401 [certificate-expired]');
    clock.set(0);
    await soon(() => again(kept)).toBe('200');
    clock.set(-2 * DAY);
    await soon(() => again(kept)).toBe('401 [certificate-not-yet-valid]');
    expect(await anew()).toMatch(/^401 \[certificate-/);
    clock.set(0);
    await soon(() => again(kept)).toBe('200');
    expect(await anew()).toBe('200');
  });

  it('decides about tokens, remembered ones too', async () => {
    const on = await door.connect(null);
    const token = signer.mint({ sub: 'alice', roles: ['operator'] });
    await soon(() => again(on, token)).toBe('200');
    clock.set(HOUR);
    await soon(() => again(on, token)).toBe('401 [token-expired]');
    clock.set(0);
    await soon(() => again(on, token)).toBe('200');
    clock.set(-HOUR);
    await soon(() => again(on, token)).toBe('401 [token-not-yet-valid]');
  });

  it('decides about CRLs that are out of date', async () => {
    const certificate = await ca.issue({
      cn: 'old',
      o: 'team-a',
      ou: 'operator',
      notAfter: new Date(Date.now() + 400 * DAY * 1_000),
    });
    await door.certPath('old', certificate);
    const kept = await door.connect('old');
    await soon(() => again(kept)).toBe('200');
    clock.set(100 * DAY);
    await soon(() => again(kept)).toBe('401 [revocation-unknown]');
    clock.set(0);
    await soon(() => again(kept)).toBe('200');
  });

  it.each([
    ['forth', HOUR],
    ['back', -HOUR],
  ] as const)('set %s, gives nobody more requests a second, and takes none', async (who, step) => {
    const on = await door.connect(who);
    expect([await again(on), await again(on), await again(on)]).toEqual(['200', '200', '429 [rate-limited]']);
    clock.set(step);
    expect(await again(on)).toBe('429 [rate-limited]');
    // One comes every four seconds of the steady clock.
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    expect(await again(on)).toBe('200');
  });

  it('keeps the audit log in order: it is signed in time, and verifies', async () => {
    const on = await door.connect('alice');
    const checkpoints = () => door.gateway.auditLines().filter((line) => line.type === 'checkpoint').length;
    clock.set(HOUR);
    const timeOfLast = () => Date.parse(door.gateway.auditLines().findLast(isRecord)?.time ?? '');
    await soon(async () => {
      await again(on);
      return timeOfLast() - Date.now() > 3_000_000;
    }).toBe(true);
    clock.set(-HOUR);
    await soon(async () => {
      await again(on);
      return Date.now() - timeOfLast() > 3_000_000;
    }).toBe(true);
    const before = checkpoints();
    await again(on);
    await soon(checkpoints, 10_000).toBeGreaterThan(before);
    const numbers = door.gateway.auditLines().map(({ sequence }) => sequence);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    const { stdout } = await quaywarden(['audit', 'verify', '--config', door.gateway.config]);
    expect(stdout).toMatch(/verified|ok/i);
  });

  it('lengthens no grace period', async () => {
    door.engine.script = () => {};
    const waiting = await door.connect('alice');
    waiting.write(http('GET /v1.41/events'));
    await soon(() => door.engine.heads().some((head) => head.includes('/events'))).toBe(true);
    const ended = door.gateway.stop();
    await new Promise((resolve) => setTimeout(resolve, 100));
    clock.set(-HOUR);
    expect((await ended).code).toBe(0);
  });
});
