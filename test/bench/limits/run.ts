import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { configSchema } from '../../../src/config/schema.ts';
import { startEngine } from '../../support/engine.ts';
import { type Gateway, startGateway } from '../../support/gateway.ts';
import { progress, provision } from '../../support/provision.ts';
import { offered } from '../load/offered.ts';
import { table } from '../publish/table.ts';

/**
 * `npm run bench:limits`: what becomes of one principal's p99 while another floods the gateway, with the limits that hold
 * by default and without any. Each line is the median of some rounds; docs/limits.md has the table.
 */

const ROUNDS = 3;
const MS = 3_000;
const PER_SECOND = 50;
const FLOOD = fileURLToPath(new URL('./flood.mjs', import.meta.url));

const DEFAULTS = configSchema.shape.limits.parse({});

const FLOODS = [
  { name: 'none: quiet', connections: 0, lives: 'kept' },
  { name: '16 connections', connections: 16, lives: 'kept' },
  { name: '64 connections', connections: 64, lives: 'kept' },
  { name: '256 connections', connections: 256, lives: 'kept' },
  { name: '16, a new one for each request', connections: 16, lives: 'new' },
] as const;

interface Seen {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly flood: Readonly<Record<string, number>>;
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
    try {
      let quiet = Number.NaN;
      for (const flood of FLOODS) {
        const seen: Seen[] = [];
        for (let round = 0; round < ROUNDS; round += 1) {
          progress(`bench: limits ${name}, flood ${flood.name}`);
          seen.push(await underFlood(gateway, flood));
        }
        const { p50Ms, p99Ms, flood: answers } = seen.sort((a, b) => a.p99Ms - b.p99Ms)[ROUNDS >> 1] as Seen;
        if (Number.isNaN(quiet)) quiet = p99Ms;
        const told = Object.entries(answers)
          .map(([status, count]) => `${count} x ${status}`)
          .join(', ');
        rows.push([
          name,
          flood.name,
          told || '–',
          p50Ms.toFixed(2),
          p99Ms.toFixed(2),
          (p99Ms / quiet).toFixed(2),
        ]);
      }
    } finally {
      await gateway.stop();
    }
  }
  const head = [
    'limits',
    'flood of `admin`',
    `its answers in ${MS / 1_000} s`,
    'p50 ms',
    'p99 ms',
    'p99 to quiet',
  ];
  process.stdout.write(`\n${table(head, rows, 3)}\n`);
} finally {
  await engine.destroy();
}

/** `viewer` asks at a constant rate, and counts from when a request was due. */
async function underFlood(
  gateway: Gateway,
  { connections, lives }: { readonly connections: number; readonly lives: string },
): Promise<Seen> {
  const args = [FLOOD, gateway.port, gateway.certPath('admin'), connections, lives, MS + 1_500].map(String);
  const child =
    connections === 0 ? undefined : spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child?.stdout.on('data', (chunk) => {
    said += String(chunk);
  });
  const over = child === undefined ? undefined : once(child, 'exit');
  await sleep(1_000);
  const target = { port: gateway.port, certs: gateway.certPath('viewer') };
  const request = 'GET /v1.41/containers/json HTTP/1.1\r\nHost: docker\r\n\r\n';
  const { p50Ms, p99Ms } = await offered(
    { kind: 'offered', target, request, connections: 4, perSecond: PER_SECOND, ms: MS },
    () => {},
  );
  await over;
  // What was used up is there again.
  await sleep(2_000);
  return { p50Ms, p99Ms, flood: said === '' ? {} : JSON.parse(said) };
}
