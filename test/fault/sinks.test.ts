import { readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { SinkState } from '../../src/audit/sinks/start.ts';
import { adminOf } from '../observe/scrape.ts';
import { startFakeEngine } from '../support/fake-engine.ts';
import { type Gateway, type GatewayOptions, startGateway } from '../support/gateway.ts';
import { createCa } from '../support/pki.ts';
import { otlpReceiver, syslogReceiver } from '../support/receivers.ts';
import { linesOf } from '../support/sample-log.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Asks for as long as it is let, on several connections; what a killed gateway leaves unanswered is no fault. */
function load(gateway: Gateway, connections: number): { stop(): Promise<number[]> } {
  const read = (name: string): Buffer => readFileSync(`${gateway.certPath('admin')}/${name}.pem`);
  const agent = new Agent({
    keepAlive: true,
    maxSockets: connections,
    servername: 'localhost',
    ca: read('ca'),
    cert: read('cert'),
    key: read('key'),
  });
  const times: number[] = [];
  let isOver = false;
  const ask = (): Promise<boolean> =>
    new Promise((resolve) => {
      const since = performance.now();
      request(
        { host: '127.0.0.1', port: gateway.port, path: '/v1.43/containers/json', agent },
        (response) => {
          response.resume().once('end', () => {
            times.push(performance.now() - since);
            resolve(response.statusCode === 200);
          });
          response.once('error', () => resolve(false));
        },
      )
        .once('error', () => resolve(false))
        .end();
    });
  const worker = async (): Promise<void> => {
    while (!isOver && (await ask()));
  };
  const workers = Promise.all(Array.from({ length: connections }, worker));
  return {
    stop: async () => {
      isOver = true;
      await workers;
      agent.destroy();
      return times;
    },
  };
}

async function start(options: Omit<GatewayOptions, 'engineSocket'>): Promise<Gateway> {
  const engine = await startFakeEngine();
  const gateway = await startGateway({ ...options, engineSocket: engine.socketPath });
  closers.push(() => engine.close());
  closers.push(() => gateway.kill());
  return gateway;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const carried = (messages: readonly string[]): string[] =>
  messages.map((text) => text.slice(text.indexOf('{')));

describe('sinks of a gateway', () => {
  it('lose nothing when the gateway is killed again and again under load, and repeat little', async () => {
    const ca = await createCa();
    const server = await ca.issueServer();
    const tls = { cert: server.certificate, key: server.key };
    const [syslog, otlp] = [await syslogReceiver({ tls }), await otlpReceiver(undefined, { tls })];
    closers.push(
      () => syslog.close(),
      () => otlp.close(),
    );
    const audit = {
      sinks: [
        {
          name: 'siem',
          type: 'syslog',
          address: `tls://127.0.0.1:${syslog.port}`,
          ca: 'receivers.pem',
          maxMessageBytes: 1_048_576,
        },
        { name: 'otel', type: 'otlp', url: otlp.url, ca: 'receivers.pem' },
        { name: 'out', type: 'stdout' },
      ],
    };
    let dir: string | undefined;
    let said = '';
    for (let round = 0; round < 4; round += 1) {
      const gateway = await start({
        config: { audit },
        ...(dir === undefined ? {} : { dir }),
        prepare: (folder) => writeFileSync(`${folder}/receivers.pem`, ca.certificate),
      });
      dir = gateway.dir;
      const asking = load(gateway, 8);
      await sleep(1_000 + 200 * round);
      if (round < 3) await gateway.kill();
      await asking.stop();
      if (round === 3) {
        // A stop waits for receivers a few seconds only.
        const last = linesOf(`${dir}/audit`).at(-1) ?? '';
        const arrived = (): boolean =>
          carried(syslog.messages).includes(last) &&
          otlp.records.some(({ body }) => body.stringValue === last);
        await expect.poll(arrived, { timeout: 20_000 }).toBe(true);
        expect(await gateway.stop()).toEqual({ code: 0 });
      }
      said += gateway.log();
    }
    const log = linesOf(`${dir}/audit`);
    const results = {
      siem: carried(syslog.messages),
      otel: otlp.records.map(({ body }) => body.stringValue),
      out: said.split('\n').filter((line) => line.startsWith('{"schema":2,')),
    };
    expect(log.length).toBeGreaterThan(200);
    for (const [sink, got] of Object.entries(results)) {
      const seen = new Set(got);
      expect([sink, log.filter((line) => !seen.has(line)).length]).toEqual([sink, 0]);
      expect([sink, [...seen].filter((line) => !log.includes(line)).length]).toEqual([sink, 0]);
      // What was on its way when the gateway was killed is sent again, and nothing more often than that.
      const times = new Map<string, number>();
      for (const line of got) times.set(line, (times.get(line) ?? 0) + 1);
      expect(Math.max(...times.values())).toBeLessThanOrEqual(4);
    }
  });

  it('that get nowhere hold up no request, and are told of by readyz', async () => {
    // It takes the connection and never reads.
    const deafened = new Set<Socket>();
    const deaf = createServer((socket) => {
      deafened.add(socket.on('error', () => {}).pause());
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => deaf.once('listening', resolve));
    closers.push(async () => {
      for (const socket of deafened) socket.destroy();
      await new Promise((resolve) => void deaf.close(resolve));
    });
    const { port } = deaf.address() as AddressInfo;
    const gateway = await start({
      config: {
        admin: { listen: '127.0.0.1:0' },
        audit: {
          sinks: [
            { name: 'deaf', type: 'syslog', address: `tcp://127.0.0.1:${port}` },
            { name: 'down', type: 'otlp', url: 'http://127.0.0.1:1/v1/logs' },
          ],
        },
      },
    });
    const asking = load(gateway, 4);
    await sleep(3_500);
    const times = (await asking.stop()).sort((a, b) => a - b);
    const answer = await fetch(`${adminOf(gateway)}/readyz`);
    const { ready, sinks } = (await answer.json()) as { ready: boolean; sinks: SinkState[] };
    expect([answer.status, ready]).toEqual([200, true]);
    expect(sinks).toMatchObject([
      { name: 'deaf', type: 'syslog', sequence: 0 },
      { name: 'down', type: 'otlp', sequence: 0, lastError: expect.stringContaining('ECONNREFUSED') },
    ]);
    expect(sinks[0]?.lag).toBeGreaterThan(50);
    expect(times.length).toBeGreaterThan(100);
    expect(times[Math.floor(times.length * 0.99)]).toBeLessThan(1_000);
    // A stop waits for receivers a few seconds, not for ever.
    const since = Date.now();
    await gateway.stop();
    expect(Date.now() - since).toBeLessThan(9_000);
  });
});
