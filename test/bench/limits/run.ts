import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { configSchema } from '../../../src/config/schema.ts';
import { startEngine } from '../../support/engine.ts';
import { type Gateway, startGateway } from '../../support/gateway.ts';
import { progress, provision } from '../../support/provision.ts';
import { offered } from '../load/offered.ts';
import { spread } from '../publish/spread.ts';
import { table } from '../publish/table.ts';

/**
 * `npm run bench:limits`: what becomes of one principal's p99 while another floods the gateway, with the limits that hold
 * by default and without any. The floods take turns, each beside the quiet of its own round; docs/limits.md has the table.
 */

const ROUNDS = 3;
/** A flood's beginning, in which it opens its connections, and what follows, in milliseconds. */
const BEGINNING_MS = 1_500;
const MS = 16_000;
const PER_SECOND = 50;
/** After this what was used up is there again. */
const RECOVERY_MS = 2_500;
const FLOOD = fileURLToPath(new URL('./flood.mjs', import.meta.url));
const SINK = fileURLToPath(new URL('./sink.mjs', import.meta.url));

const DEFAULTS = configSchema.shape.limits.parse({});

interface Flood {
  readonly name: string;
  readonly connections: number;
  readonly lives: 'kept' | 'new';
  /** It is for another process, and what is seen is what the machine bears of it. */
  readonly isElsewhere?: true;
}

const FLOODS: readonly Flood[] = [
  { name: '16 connections', connections: 16, lives: 'kept' },
  { name: '64 connections', connections: 64, lives: 'kept' },
  { name: '256 connections', connections: 256, lives: 'kept' },
  { name: '256, of another process', connections: 256, lives: 'kept', isElsewhere: true },
  { name: '16, a new one for each request', connections: 16, lives: 'new' },
];

interface Seen {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

interface UnderFlood {
  readonly beginning: Seen;
  readonly after: Seen;
  readonly answers: Readonly<Record<string, number>>;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
// In memory: how long a disk takes that others write to as well is not what is measured.
const audit = mkdtempSync('/dev/shm/qwb-');
process.once('exit', () => rmSync(audit, { recursive: true, force: true }));
await provision();
const engine = await startEngine();
try {
  const rows: string[][] = [];
  for (const [name, config] of [
    ['default', { limits: DEFAULTS }],
    ['none', {}],
  ] as const) {
    const gateway = await startGateway({
      engineSocket: engine.socket,
      config: { ...config, audit: { folder: `${audit}/${name}` } },
    });
    const sink = await startSink(gateway);
    try {
      rows.push(...(await measured(name, gateway, sink.port)));
    } finally {
      sink.process.kill();
      await gateway.stop();
    }
  }
  const head = [
    ...['limits', 'flood of `admin`', `its answers in ${(BEGINNING_MS + MS) / 1_000} s`],
    ...['p50 ms', 'p99 ms', 'p99 to quiet', 'p99 to quiet, at its beginning'],
  ];
  process.stdout.write(`\n${table(head, rows, 3)}\n`);
} finally {
  await engine.destroy();
}

/** The rows of a gateway: the quiet, and each flood. */
async function measured(name: string, gateway: Gateway, sinkPort: number): Promise<string[][]> {
  progress(`bench: limits ${name}, warming up`);
  await viewer(gateway, MS);
  const quiet: Seen[] = [];
  const floods = FLOODS.map((flood) => ({ flood, seen: [] as UnderFlood[] }));
  for (let round = 0; round < ROUNDS; round += 1) {
    progress(`bench: limits ${name}, quiet, round ${round + 1} of ${ROUNDS}`);
    quiet.push(await viewer(gateway, MS));
    for (const { flood, seen } of floods) {
      progress(`bench: limits ${name}, flood ${flood.name}, round ${round + 1} of ${ROUNDS}`);
      seen.push(await underFlood(gateway, flood, flood.isElsewhere === true ? sinkPort : gateway.port));
    }
  }
  const ratios = (p99s: readonly number[]): string => {
    const { median, least, most } = spread(
      p99s.map((p99, round) => p99 / (quiet[round]?.p99Ms ?? Number.NaN)),
    );
    return `${median.toFixed(2)} (${least.toFixed(2)} to ${most.toFixed(2)})`;
  };
  const middle = (values: readonly number[]): string => spread(values).median.toFixed(2);
  const row = (told: string, answers: string, seen: readonly Seen[]): string[] => [
    ...[name, told, answers],
    ...[middle(seen.map(({ p50Ms }) => p50Ms)), middle(seen.map(({ p99Ms }) => p99Ms))],
    ratios(seen.map(({ p99Ms }) => p99Ms)),
  ];
  return [
    [...row('none: quiet', '–', quiet), '–'],
    ...floods.map(({ flood, seen }) => [
      ...row(
        flood.name,
        said(seen[0]?.answers ?? {}),
        seen.map(({ after }) => after),
      ),
      ratios(seen.map(({ beginning }) => beginning.p99Ms)),
    ]),
  ];
}

function said(answers: Readonly<Record<string, number>>): string {
  return Object.entries(answers)
    .map(([status, count]) => `${count} x ${status}`)
    .join(', ');
}

/** `viewer` asks at a constant rate, and counts from when a request was due. */
async function viewer(gateway: Gateway, ms: number): Promise<Seen> {
  const target = { port: gateway.port, certs: gateway.certPath('viewer') };
  const request = 'GET /v1.41/containers/json HTTP/1.1\r\nHost: docker\r\n\r\n';
  return offered({ kind: 'offered', target, request, connections: 4, perSecond: PER_SECOND, ms }, () => {});
}

async function underFlood(
  gateway: Gateway,
  { connections, lives }: Flood,
  port: number,
): Promise<UnderFlood> {
  const ms = BEGINNING_MS + MS;
  const args = [FLOOD, port, gateway.certPath('admin'), connections, lives, ms].map(String);
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += String(chunk);
  });
  const over = once(child, 'exit');
  const beginning = await viewer(gateway, BEGINNING_MS);
  const after = await viewer(gateway, MS);
  await over;
  await sleep(RECOVERY_MS);
  return { beginning, after, answers: JSON.parse(said) as UnderFlood['answers'] };
}

async function startSink(
  gateway: Gateway,
): Promise<{ readonly process: ChildProcess; readonly port: number }> {
  const server = gateway.certPath('server');
  const args = [SINK, `${server}/cert.pem`, `${server}/key.pem`, `${gateway.certPath('admin')}/ca.pem`];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  process.once('exit', () => child.kill());
  const [chunk] = await once(child.stdout, 'data');
  return { process: child, port: Number(String(chunk)) };
}
