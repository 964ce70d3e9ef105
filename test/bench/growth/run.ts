import { writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { progress, provision } from '../../support/provision.ts';
import { startStage } from '../contenders/stage.ts';
import { createIdle } from '../engines/fixture.ts';
import { busy, machine } from '../publish/machine.ts';
import { intoPage } from '../publish/page.ts';
import { table } from '../publish/table.ts';
import { type Axis, connectionAxis, containerAxis, grantAxis, tenantAxis } from './axes.ts';
import { curves } from './curves.ts';

/** `npm run bench:growth`: what becomes of rate, CPU and p99 as one thing after another grows. */

const RESULTS = new URL('../growth.json', import.meta.url);
const PICTURE = new URL('../../../docs/pictures/growth.svg', import.meta.url);

const started = Date.now();
const loadBefore = loadavg()[0] ?? 0;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
await provision();
const stage = await startStage();
try {
  const [container] = await createIdle(stage.engine.socket, 0, 50);
  if (container === undefined) throw new Error('There is no container to inspect.');
  const axes = [
    await connectionAxis(stage, say),
    await grantAxis(stage, container.id, say),
    await tenantAxis(stage, say),
    await containerAxis(stage, say),
  ];
  const facts = { ...machine(new Date(started), seconds()), loadAverage: busy(loadBefore) };
  writeFileSync(RESULTS, `${JSON.stringify({ ...facts, axes }, null, 2)}\n`);
  writeFileSync(PICTURE, curves(axes, facts.time));
  const { before, after } = facts.loadAverage;
  const text = [
    `Made by \`npm run bench:growth\` on ${facts.time.slice(0, 10)} in ${facts.seconds} seconds: ${facts.cpu}, Node ${facts.node}; load average ${before} before and ${after} after.`,
    '![Rate, CPU and p99 as connections, grants, tenants and containers grow](pictures/growth.svg)',
    growthTable(axes),
  ].join('\n\n');
  process.stdout.write(`\n${text}\n`);
  intoPage('growth', 'npm run bench:growth', text);
} finally {
  await stage.stop();
}

function growthTable(axes: readonly Axis[]): string {
  return table(
    ['grows', 'asked', 'through', 'to', 'per second', 'p99 ms', 'CPU us'],
    axes.flatMap(({ grows, asked, points }) =>
      points.map(({ contender, at, perSecond, p99Ms, cpuUs }) => [
        ...[grows, asked, contender, at.toLocaleString('en')],
        ...[perSecond.median.toFixed(0), p99Ms.median.toFixed(2), cpuUs.median.toFixed(0)],
      ]),
    ),
    3,
  );
}

function say(what: string): void {
  progress(`growth: ${what} (${seconds()} s)`);
}

function seconds(): number {
  return Math.round((Date.now() - started) / 1_000);
}
