import { loadavg } from 'node:os';
import { progress, provision } from '../support/provision.ts';
import { peakMemory } from './contenders/process.ts';
import { type Stage, startStage } from './contenders/stage.ts';
import { auditCosts } from './costs/audit.ts';
import { commandCosts } from './costs/commands.ts';
import { judgementCosts } from './costs/judgement.ts';
import { memoryCosts } from './costs/memory.ts';
import { reloadCosts } from './costs/reload.ts';
import { startCosts } from './costs/start.ts';
import { tenancyCosts } from './costs/tenancy.ts';
import { workerCosts } from './costs/workers.ts';
import { createIdle, startBusy } from './engines/fixture.ts';
import { measure } from './load/measure.ts';
import { goalsOf } from './publish/goals.ts';
import { busy, machine, whenQuiet } from './publish/machine.ts';
import type { Facts, Measurements } from './publish/measurements.ts';
import { allTables, publish } from './publish/publish.ts';
import { type Result, resultsOf } from './publish/result.ts';
import {
  connectionRows,
  echoRow,
  longListRow,
  offeredRows,
  type Row,
  requestRows,
  transferRows,
} from './rows.ts';

/**
 * `npm run bench`: the gateway with everything on, Debian's haproxy and nginx, and dockerd's own TLS, in front of one
 * private Engine in one run; then what single parts of the gateway cost. Prints tables, holds them against the goals,
 * and publishes them.
 */

const IDLE_CONTAINERS = 50;
const MANY_CONTAINERS = 1_000;
const RELOADS = { grants: 10_000, rounds: 6 };

const started = Date.now();
const loadBefore = loadavg()[0] ?? 0;
// Everything that is started goes away with this process, by its `exit` event.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
await provision();
await whenQuiet();
say('judging a body');
const { costs, decisions } = await judgementCosts();
const stage = await startStage();
try {
  const measured = { costs, decisions, ...(await measureAll(stage)) };
  const facts: Facts = {
    ...machine(new Date(started), seconds()),
    loadAverage: busy(loadBefore),
    peakMiB: {
      gateway: peakMemory(stage.gateway.pid),
      haproxy: peakMemory(stage.haproxy.pid),
      nginx: peakMemory(stage.nginx.pid),
    },
  };
  process.stdout.write(`\n${allTables(measured, goalsOf(measured))}\n\n${JSON.stringify(facts, null, 2)}\n`);
  publish(facts, measured);
} finally {
  await stage.stop();
}

async function measureAll({
  engine,
  enginePort,
  gateway,
  haproxy,
  node,
  folder,
  load,
  contenders,
}: Stage): Promise<Omit<Measurements, 'costs' | 'decisions'>> {
  const { socket } = engine;
  const run = async (rows: readonly Row[]): Promise<Result[]> => {
    const results: Result[] = [];
    for (const row of rows) {
      say(row.name);
      results.push(...resultsOf(await measure(load, row, contenders)));
    }
    return results;
  };
  const [container] = await createIdle(socket, 0, IDLE_CONTAINERS);
  if (container === undefined) throw new Error('There is no container to inspect.');
  const requests = await run(requestRows(container));
  const offered = await run(offeredRows(container));
  const connections = await run(connectionRows());
  // Before there is another container.
  const tenancy = await tenancyCosts(load, socket, container, (row) => say(`tenancy, ${row}`));
  const audit = await auditCosts(load, socket, container, (row) => say(`audit log, ${row}`));
  say('workers');
  const workers = await workerCosts(load, folder, socket, {
    pid: gateway.pid,
    target: { port: gateway.port, certs: folder.developer },
  });
  say('reloads');
  const reload = await reloadCosts(RELOADS);
  say('cold start');
  const start = await startCosts(folder, socket);
  const fixture = await startBusy(socket);
  const transfers = await run(transferRows(fixture));
  const echo = await run([echoRow(fixture)]);
  say('docker commands');
  const ports = { gateway: gateway.port, haproxy: haproxy.port, node: node.port, dockerd: enginePort };
  const commands = await commandCosts(ports, folder.developer, fixture.container);
  say('memory');
  const memory = await memoryCosts(load, folder, socket, fixture);
  await createIdle(socket, IDLE_CONTAINERS, MANY_CONTAINERS);
  requests.push(...(await run([longListRow()])));
  const small = { tenancy, audit, workers, reload, start, echo, commands, memory };
  return { requests, offered, connections, transfers, ...small };
}

function say(what: string): void {
  progress(`bench: ${what} (${seconds()} s)`);
}

function seconds(): number {
  return Math.round((Date.now() - started) / 1_000);
}
