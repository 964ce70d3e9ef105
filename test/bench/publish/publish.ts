import { writeFileSync } from 'node:fs';
import { auditTable } from '../costs/audit.ts';
import { commandTable } from '../costs/commands.ts';
import { costTable, decisionTable } from '../costs/judgement.ts';
import { memoryTables } from '../costs/memory.ts';
import { tenancyTable } from '../costs/tenancy-report.ts';
import { type Goal, goalsOf, goalTable } from './goals.ts';
import type { Facts, Measurements } from './measurements.ts';
import { intoPage } from './page.ts';
import { ratioPicture } from './ratios.ts';
import { connectionTable, echoTable, offeredTable, requestTable, transferTable } from './report.ts';
import { range } from './spread.ts';

const RESULTS = new URL('../results.json', import.meta.url);
const PICTURE = new URL('../../../docs/pictures/to-haproxy.svg', import.meta.url);

/** All of it as Markdown tables. */
export function allTables(measured: Measurements, goals: readonly Goal[]): string {
  const { firstAnswerMs, resumedAcrossRestarts } = measured.start;
  const { median, least, most } = firstAnswerMs;
  return [
    `### Goals\n\n${goalTable(goals)}`,
    `### Requests\n\n${requestTable(measured.requests)}`,
    offeredTable(measured.offered),
    connectionTable(measured.connections),
    `### Transfers and sessions\n\n${transferTable(measured.transfers)}`,
    echoTable(measured.echo),
    memoryTables(measured.memory),
    `### Commands and start\n\n${commandTable(measured.commands)}`,
    `From the start of the gateway's process to its first answer: ${median} ms (${least} to ${most}). ` +
      `A TLS session of before a restart is ${resumedAcrossRestarts ? '' : 'not '}resumed after it.`,
    workersAndReload(measured),
    `### Judging\n\n${costTable(measured.costs)}`,
    decisionTable(measured.decisions),
    `### Tenancy\n\n${tenancyTable(measured.tenancy)}`,
    `### The audit log\n\n${auditTable(measured.audit)}`,
  ].join('\n\n');
}

/** Writes results.json, the picture, and the tables into docs/performance.md. */
export function publish(facts: Facts, measured: Measurements): void {
  const goals = goalsOf(measured);
  writeFileSync(RESULTS, `${JSON.stringify({ ...facts, goals, ...measured }, null, 2)}\n`);
  writeFileSync(PICTURE, ratioPicture(measured, facts.time));
  intoPage('results', 'npm run bench', section(facts, measured, goals));
}

function workersAndReload({ workers, reload }: Measurements): string {
  const { during, without } = reload.slowestMs;
  return [
    `${workers.workers} workers answer ${range(workers.rateToOne, 2)} times the pings of one on 64 connections, at ${range(workers.cpuToOne, 2)} of its CPU time each,`,
    `on ${workers.cpus} CPUs that the load generator and the Engine use too; ${workers.resumed.toFixed(2)} of the sessions that they are offered are resumed.`,
    `A reload of ${reload.grants.toLocaleString('en')} grants takes ${range(reload.tookMs)} ms; the slowest request of four clients meanwhile ${range(during)} ms,`,
    `in as long a time without one ${range(without)} ms.`,
  ].join(' ');
}

function section(facts: Facts, measured: Measurements, goals: readonly Goal[]): string {
  const { loadAverage, peakMiB } = facts;
  const tenancyMiB = measured.tenancy.peakMiB;
  const machine = `${facts.cpu}, ${facts.memoryGiB} GiB, Linux ${facts.kernel}, Node ${facts.node}`;
  const software = `${facts.haproxy}; ${facts.nginx}; ${facts.engine}`;
  const busy = `load average ${loadAverage.before} before and ${loadAverage.after} after`;
  return [
    `Made by \`npm run bench\` on ${facts.time.slice(0, 10)} in ${facts.seconds} seconds: ${machine}; ${software}; ${busy}.`,
    '![The gateway beside haproxy, row by row](pictures/to-haproxy.svg)',
    allTables(measured, goals),
    `Most memory resident: gateway ${peakMiB.gateway} MiB, haproxy ${peakMiB.haproxy} MiB, nginx ${peakMiB.nginx} MiB; with the list of 5,000, gateway without tenancy ${tenancyMiB.off} MiB, with it ${tenancyMiB.on} MiB.`,
  ].join('\n\n');
}
