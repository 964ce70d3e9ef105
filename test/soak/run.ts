import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DockerResult, docker, dockerSpawn } from '../support/docker.ts';
import { startEngine } from '../support/engine.ts';
import { type Gateway, quaywarden, startGateway } from '../support/gateway.ts';
import { provision } from '../support/provision.ts';
import { type Judgement, judge, type Sample } from './judge.ts';

// `npm run soak [-- --minutes N]`: thirty minutes of everything at the same time, by the docker CLI, on a gateway in front of
// a private Engine. Exit code 1 when something grew, failed without a reason, or the audit log does not verify.

const { argv } = process;
const minutes = Number(argv[argv.indexOf('--minutes') + 1] ?? 30);
const span = (Number.isFinite(minutes) && minutes > 0 ? minutes : 30) * 60_000;

const SAMPLE_MS = 5_000;
const DOCKERFILE = 'FROM busybox\nRUN echo soaked > /soaked\n';

/** What is done again and again; it throws when it did not end as it must. */
type Work = (as: { readonly host: string; readonly admin: string; readonly viewer: string }) => Promise<void>;

function must(result: DockerResult, code = 0): void {
  if (result.code !== code) throw new Error(`exit ${result.code}: ${result.stderr.slice(0, 300)}`);
}

const WORKS: Readonly<Record<string, Work>> = {
  async reads({ host, admin }) {
    for (const args of [['ps', '-a'], ['images'], ['info'], ['inspect', 'soak'], ['version']])
      must(await docker(args, { host, certPath: admin }));
  },
  async creates({ host, admin }) {
    must(await docker(['run', '--rm', 'busybox', 'true'], { host, certPath: admin }));
  },
  async sessions({ host, admin }) {
    must(await docker(['exec', 'soak', 'sh', '-c', 'echo out; echo err >&2'], { host, certPath: admin }));
    must(await docker(['exec', '-i', 'soak', 'cat'], { host, certPath: admin, input: 'x'.repeat(100_000) }));
  },
  async builds({ host, admin }) {
    const env = { DOCKER_BUILDKIT: '0' };
    must(
      await docker(['build', '--no-cache', '-t', 'soaked', '-'], {
        host,
        certPath: admin,
        env,
        input: DOCKERFILE,
      }),
    );
    must(await docker(['image', 'prune', '-f'], { host, certPath: admin }));
  },
  async logs({ host, admin }) {
    must(await docker(['logs', '--tail', '5', 'soak'], { host, certPath: admin }));
    const follower = dockerSpawn(['logs', '-f', '--tail', '1', 'soak'], { host, certPath: admin });
    await sleep(1_000);
    follower.signal('SIGINT');
    await follower.exit();
  },
  async refusals({ host, viewer }) {
    const result = await docker(['run', '--rm', '--privileged', 'busybox', 'true'], {
      host,
      certPath: viewer,
    });
    if (result.code === 0 || !/quaywarden: /.test(result.stderr))
      throw new Error(`not refused as it must be: ${result.stderr.slice(0, 300)}`);
    await sleep(500);
  },
};

function sampleOf(pid: number, at: number): Sample {
  const [, kilobytes = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  const files = readdirSync(`/proc/${pid}/fd`);
  const sockets = files.filter((file) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${file}`).startsWith('socket:');
    } catch {
      return false;
    }
  });
  return { at, memory: Number(kilobytes) / 1_024, files: files.length, sockets: sockets.length };
}

/** Another policy each time, and the same rights: what is measured is the reload. */
async function reloads(gateway: Gateway, until: number): Promise<number> {
  const file = `${gateway.dir}/policies/grants.csv`;
  const grants = readFileSync(file, 'utf8');
  let count = 0;
  while (Date.now() < until) {
    count += 1;
    writeFileSync(file, `${grants}# ${count}\n`);
    gateway.signal('SIGHUP');
    await sleep(2_000);
  }
  return count;
}

await provision();
const engine = await startEngine();
const failures = new Map<string, { count: number; last: string }>();
const done = new Map<string, number>();
let judgement: Judgement | undefined;
let verified = '';
try {
  const gateway = await startGateway({
    engineSocket: engine.socket,
    config: { reload: { watchSeconds: 0 } },
  });
  const as = {
    host: gateway.host,
    admin: gateway.certPath('admin'),
    viewer: gateway.certPath('viewer'),
  };
  must(
    await docker(['run', '-d', '--name', 'soak', 'busybox', 'sh', '-c', 'while :; do date; sleep 1; done'], {
      host: as.host,
      certPath: as.admin,
    }),
  );
  await sleep(2_000);
  const rest = sampleOf(gateway.pid, 0);
  const began = Date.now();
  const until = began + span;
  const samples: Sample[] = [];
  const sampling = setInterval(() => {
    const sample = sampleOf(gateway.pid, Date.now() - began);
    samples.push(sample);
    if (samples.length % 12 === 0) {
      const total = [...done.values()].reduce((sum, count) => sum + count, 0);
      console.log(
        `${Math.round(sample.at / 60_000)} min: ${total} rounds, ${Math.round(sample.memory)} MB, ${sample.files} files, ${sample.sockets} sockets`,
      );
    }
  }, SAMPLE_MS);
  const working = Object.entries(WORKS).map(async ([name, work]) => {
    while (Date.now() < until) {
      try {
        await work(as);
        done.set(name, (done.get(name) ?? 0) + 1);
      } catch (error) {
        const known = failures.get(name) ?? { count: 0, last: '' };
        failures.set(name, { count: known.count + 1, last: (error as Error).message });
      }
    }
  });
  done.set('reloads', await reloads(gateway, until));
  await Promise.all(working);
  clearInterval(sampling);
  // Kept-alive connections of clients are gone with them; those to the Engine close by themselves.
  await sleep(Math.min(40_000, span));
  judgement = judge(rest, samples, sampleOf(gateway.pid, Date.now() - began));
  const errors = gateway
    .log()
    .split('\n')
    .filter((line) => /^\{"level":(50|60)/.test(line));
  if (errors.length > 0) failures.set('log', { count: errors.length, last: errors.at(-1) ?? '' });
  const { code } = await gateway.stop();
  if (code !== 0) failures.set('stop', { count: 1, last: `exit ${code}` });
  verified = await quaywarden(['audit', 'verify', '--config', gateway.config]).then(
    ({ stdout }) => stdout.trim(),
    (error: { stdout?: string }) => `NOT OK ${error.stdout ?? ''}`,
  );
} finally {
  await engine.destroy();
}

console.log(`\nrounds: ${[...done].map(([name, count]) => `${name} ${count}`).join(', ')}`);
for (const line of judgement?.lines ?? []) console.log(line);
console.log(verified);
for (const [name, { count, last }] of failures)
  console.log(`FAILED ${name} ${count} times, at last: ${last}`);
const isGood = judgement?.isGood === true && failures.size === 0 && verified.startsWith('OK');
console.log(isGood ? 'the soak is good' : 'the soak is NOT good');
process.exitCode = isGood ? 0 : 1;
