import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect, createSecureContext, type SecureContext } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Gateway } from '../support/gateway.ts';
import { type BulkEngine, startBulkEngine } from './bulk-engine.ts';
import { endings, soon, unfinished, upgraded } from './client.ts';
import { each, echo } from './many.ts';
import { connectionsOf, report } from './meter.ts';
import { type Held, heldBy, startMetered } from './metered.ts';

const SESSIONS = 250;
const ROUNDS = 4;
const HANDSHAKES = 60;
/** Certificates that a client sends along with its own. */
const CHAIN = 60;

let engine: BulkEngine;
let gateway: Gateway;

beforeEach(async () => {
  engine = await startBulkEngine();
  gateway = await startMetered({ engineSocket: engine.socketPath });
});

afterEach(async () => {
  const { code } = await gateway.stop();
  await engine.close();
  expect(code, gateway.log()).toBe(0);
  expect(unfinished(gateway)).toEqual([]);
});

/** Runs a round several times; resolves with what the gateway held after each. */
async function heldAfterEach(rounds: number, round: () => Promise<void>): Promise<Held[]> {
  const after: Held[] = [];
  for (let count = 0; count < rounds; count += 1) {
    await round();
    await soon(() => connectionsOf(gateway.pid).clients, 30_000).toBe(0);
    after.push(await heldBy(gateway));
  }
  return after;
}

function shown(after: readonly Held[]): string {
  return after.map(({ live, resident }) => `${live} (${resident})`).join(', ');
}

describe('sessions that come and go by the hundred', () => {
  it('leave no memory behind', { timeout: 240_000 }, async () => {
    engine.onUpgrade = (socket) => {
      socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
      socket.pipe(socket);
    };
    const after = await heldAfterEach(ROUNDS, async () => {
      const sessions = await each(SESSIONS, (index) =>
        upgraded(gateway, `/v1.41/exec/${index}/start`, { Detach: false }),
      );
      await Promise.all(sessions.map((session, index) => echo(session, `line ${index}\n`)));
      for (const session of sessions) session.destroy();
    });
    report(`live (and resident) after each round of ${SESSIONS} sessions: ${shown(after)} MB`);
    await soon(() => endings(gateway, 'ExecStart').length).toBe(ROUNDS * SESSIONS);
    const [, second, , last] = after;
    // A session that stays holds tens of KB: two rounds of them 5 MB and more.
    expect((last?.live ?? 0) - (second?.live ?? 0)).toBeLessThan(1.5);
  });
});

describe('clients that send a long chain with their certificate', () => {
  /** A client's certificate as the gateway accepts it, with more above it than anybody asked for. */
  function longChain(): SecureContext {
    const pem = (name: string) => readFileSync(`${gateway.certPath('admin')}/${name}.pem`, 'utf8');
    return createSecureContext({
      ca: pem('ca'),
      cert: pem('cert') + pem('ca').repeat(CHAIN),
      key: pem('key'),
    });
  }

  function list(secureContext: SecureContext): Promise<number> {
    const to = { host: '127.0.0.1', port: gateway.port, servername: 'localhost', secureContext };
    return new Promise((resolve, reject) => {
      request({ path: '/v1.41/containers/json', createConnection: () => connect(to) }, (answer) => {
        answer.resume().once('close', () => resolve(answer.statusCode ?? 0));
      })
        .once('error', reject)
        .end();
    });
  }

  // Node's own handles leaked it: src/listener/peer-chain.ts.
  it('leave no memory behind', { timeout: 240_000 }, async () => {
    engine.act = (_request, response) => void response.end('[]\n');
    const secureContext = longChain();
    const after = await heldAfterEach(ROUNDS, async () => {
      const statuses = await each(HANDSHAKES, () => list(secureContext));
      expect(new Set(statuses)).toEqual(new Set([200]));
    });
    report(`live (and resident) after each ${HANDSHAKES} handshakes with a long chain: ${shown(after)} MB`);
    const [, second, , last] = after;
    // A chain of that length that stays holds half a megabyte: two rounds of them 60 MB.
    expect((last?.resident ?? 0) - (second?.resident ?? 0)).toBeLessThan(25);
  });
});
