import { readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { reload } from '../../support/control.ts';
import { openFrontDoor } from '../../support/front-door.ts';

// `npm run bench:reload [-- --grants N]`: how long a reload of many grants takes, and how long requests wait meanwhile: those
// of four clients on kept-alive connections, in front of a recording Engine. In turn with as long without a reload.

const { argv } = process;
const at = argv.indexOf('--grants');
const grants = at === -1 ? 10_000 : Number(argv[at + 1]);
const ROUNDS = 12;
const CONDITIONS = [
  'true',
  "memoryAtMost('512m')",
  "satisfies('baseline')",
  "imageFrom('registry.example.com/**')",
];

function policy(mark: number): string {
  const lines = Array.from({ length: grants }, (_, index) => {
    const condition = CONDITIONS[index % CONDITIONS.length];
    return `p, user:u${index % 1_000}, container/-/c${index}, ContainerCreate, "${condition}", allow`;
  });
  return `# ${mark}\np, user:alice, engine, SystemPing, true, allow\n${lines.join('\n')}\n`;
}

const door = await openFrontDoor({
  config: { reload: { watchSeconds: 0 } },
  startMs: 60_000,
  prepare: (dir) => writeFileSync(`${dir}/policies/grants.csv`, policy(0)),
});
const dir = await door.certPath('alice');
const agent = new Agent({
  keepAlive: true,
  ca: readFileSync(`${door.gateway.certPath('admin')}/ca.pem`),
  cert: readFileSync(`${dir}/cert.pem`),
  key: readFileSync(`${dir}/key.pem`),
});
let waits: number[] = [];
let over = false;

function ping(): Promise<void> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port: door.gateway.port, path: '/_ping', agent }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`answered ${answer.statusCode}`));
      answer.resume().once('end', () => {
        waits.push(performance.now() - began);
        resolve();
      });
    })
      .once('error', reject)
      .end();
  });
}

const clients = Array.from({ length: 4 }, async () => {
  while (!over) {
    await ping();
    await sleep(2);
  }
});
const took: number[] = [];
const slowest = { during: [] as number[], without: [] as number[] };
for (let round = 1; round <= ROUNDS; round += 1) {
  writeFileSync(`${door.gateway.dir}/policies/grants.csv`, policy(round));
  waits = [];
  const began = performance.now();
  const { outcome, faults } = await reload(door.gateway.dir);
  const spent = performance.now() - began;
  if (outcome !== 'reloaded') throw new Error(faults.join('; '));
  const during = Math.max(...waits);
  waits = [];
  await sleep(spent);
  const without = Math.max(...waits);
  // The first ones find the compiler cold, as the first reload of a process does.
  console.log(
    `${String(round).padStart(2)}  reload ${spent.toFixed(0)} ms; slowest request ${during.toFixed(0)} ms, without one ${without.toFixed(0)} ms`,
  );
  took.push(spent);
  slowest.during.push(during);
  slowest.without.push(without);
}
over = true;
await Promise.all(clients);
agent.destroy();
await door.close();

const median = (values: readonly number[]): string =>
  ([...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0).toFixed(0);
console.log(
  `${grants} grants: a reload takes ${median(took)} ms (${Math.min(...took).toFixed(0)} to ${Math.max(...took).toFixed(0)}); the slowest request during one ${median(slowest.during)} ms (at most ${Math.max(...slowest.during).toFixed(0)}), in the same time without ${median(slowest.without)} ms (at most ${Math.max(...slowest.without).toFixed(0)})`,
);
