/**
 * `npm run fuzz -- [--count N] [--seed N] [--seconds N]`: generated bodies through the gateway to a private Engine.
 * Ends by itself; exit code 1 when something was found.
 */
import { parseArgs } from 'node:util';
import { startEngine } from '../support/engine.ts';
import { startGateway } from '../support/gateway.ts';
import { progress, provision } from '../support/provision.ts';
import { fuzz, type Report } from './fuzz.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '20000' },
    seed: { type: 'string', default: String(Math.floor(Date.now() / 1_000)) },
    seconds: { type: 'string', default: '3600' },
  },
});
const [count, seed, seconds] = [Number(values.count), Number(values.seed), Number(values.seconds)];

await provision();
const engine = await startEngine();
let report: Report;
try {
  const gateway = await startGateway({ engineSocket: engine.socket });
  progress(`fuzz: ${count} bodies, seed ${seed}, at most ${seconds} s`);
  const started = Date.now();
  let told = 0;
  report = await fuzz({
    ...{ gateway, socket: engine.socket, seed, count, seconds },
    progress: ({ sent, created, findings }) => {
      const seconds = Math.round((Date.now() - started) / 1_000);
      progress(`fuzz: ${sent} sent, ${created} created, ${findings.length} findings (${seconds} s)`);
      for (; told < findings.length; told += 1) progress(`fuzz: ${findings[told]}`);
    },
  });
  await gateway.stop();
} finally {
  await engine.destroy();
}
process.stdout.write(`${JSON.stringify({ seed, ...report }, null, 2)}\n`);
process.exitCode = report.findings.length === 0 && report.created > 0 ? 0 : 1;
