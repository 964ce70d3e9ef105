import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { startEngine } from '../support/engine.ts';
import { startGateway } from '../support/gateway.ts';
import { progress, provision } from '../support/provision.ts';
import { auditCosts } from './audit.ts';
import { type Contender, peakMemory, startHaproxy } from './contenders.ts';
import { createIdle, startBusy } from './fixture.ts';
import { judgementCosts } from './judgement.ts';
import { measure, startLoad } from './measure.ts';
import { allTables, type Facts, publish } from './publish.ts';
import { type Result, resultsOf } from './report.ts';
import { requestRows, transferRows } from './rows.ts';
import { tenancyCosts } from './tenancy.ts';

/**
 * `npm run bench`: the gateway and Debian's haproxy, both with TLS and client certificates, and dockerd's own
 * socket, in front of one private Engine in one run; then the gateway that keeps tenants apart beside one that does
 * not, and one for each way of keeping the audit log; before all that, what judging a body costs beside JSON.parse. Prints tables, and publishes them.
 */

const IDLE_CONTAINERS = 50;

const started = Date.now();
const loadBefore = loadavg()[0] ?? 0;
// Everything that is started goes away with this process, by its `exit` event.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
await provision();
progress('bench: judging a body');
const costs = await judgementCosts();
const closing: (() => unknown)[] = [];
try {
  const engine = await startEngine();
  closing.push(() => engine.destroy());
  const gateway = await startGateway({ engineSocket: engine.socket });
  closing.push(() => gateway.stop());
  const haproxy = await startHaproxy(engine.socket, gateway);
  closing.push(() => haproxy.stop());
  const load = startLoad();
  closing.push(() => load.stop());

  const certs = gateway.certPath('admin');
  const contenders: readonly Contender[] = [
    { name: 'gateway', pid: gateway.pid, target: { port: gateway.port, certs } },
    { name: 'haproxy', pid: haproxy.pid, target: { port: haproxy.port, certs } },
    { name: 'socket', pid: null, target: { socket: engine.socket } },
  ];
  const results: Result[] = [];
  const run = async (rows: ReturnType<typeof requestRows>): Promise<void> => {
    for (const row of rows) {
      progress(`bench: ${row.name} (${seconds()} s)`);
      results.push(...resultsOf(await measure(load, row, contenders)));
    }
  };
  const [container] = await createIdle(engine.socket, IDLE_CONTAINERS);
  if (container === undefined) throw new Error('There is no container to inspect.');
  await run(requestRows());
  // Before there is another container.
  const tenancy = await tenancyCosts(load, engine.socket, container, (row) =>
    progress(`bench: tenancy, ${row} (${seconds()} s)`),
  );
  const audit = await auditCosts(load, engine.socket, container, (row) =>
    progress(`bench: audit log, ${row} (${seconds()} s)`),
  );
  await run(transferRows(await startBusy(engine.socket)));

  const peakMiB = { gateway: peakMemory(gateway.pid), haproxy: peakMemory(haproxy.pid) };
  const facts: Facts = { ...machine(), seconds: seconds(), peakMiB };
  const measurements = { costs, results, tenancy, audit };
  process.stdout.write(`\n${allTables(measurements)}\n\n${JSON.stringify(facts, null, 2)}\n`);
  publish(facts, measurements);
} finally {
  for (const close of closing.reverse()) await close();
}

function seconds(): number {
  return Math.round((Date.now() - started) / 1_000);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

function machine(): Omit<Facts, 'seconds' | 'peakMiB'> {
  const line = (command: string, ...args: string[]): string =>
    execFileSync(command, args, { encoding: 'utf8' }).split('\n')[0]?.trim() ?? '';
  return {
    time: new Date(started).toISOString(),
    cpu: `${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}`,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    haproxy: line('haproxy', '-v'),
    engine: line('dockerd', '--version'),
    loadAverage: { before: round(loadBefore), after: round(loadavg()[0] ?? 0) },
  };
}
