import { copyFileSync, readFileSync } from 'node:fs';
import { get } from 'node:https';
import { fileURLToPath } from 'node:url';
import { quaywarden, startGateway } from '../../support/gateway.ts';
import type { Contender } from '../contenders/contender.ts';
import { peakMemory } from '../contenders/process.ts';
import { startCrowd } from '../engines/crowd.ts';
import { type Idle, OWNER } from '../engines/fixture.ts';
import { type Load, measure } from '../load/measure.ts';
import type { Target } from '../load/task.ts';
import { crowdRow, type Row, tenancyRows } from '../rows.ts';
import { type TenancyCosts, type TenancyResult, tenancyResultsOf, type Way } from './tenancy-report.ts';

const GRANTS = fileURLToPath(new URL('../../../policies/tenants.csv', import.meta.url));

/** The same gateway twice in front of one Engine, and its clients. */
interface Pair {
  readonly clients: readonly Contender<Way>[];
  peakMiB(): TenancyCosts['peakMiB'];
  stop(): Promise<void>;
}

/**
 * Measures what it costs to keep tenants apart: a developer and an operator at a gateway with the starter grants for
 * tenants, against the same people at one with the starter grants for one group and tenancy off. On the Engine are
 * only containers of the developer's tenant; of the long list a quarter is.
 *
 * @param container one of them
 * @param onRow told what is measured next
 */
export async function tenancyCosts(
  load: Load,
  engineSocket: string,
  container: Idle,
  onRow: (row: string) => void,
): Promise<TenancyCosts> {
  const results: TenancyResult[] = [];
  const run = async (
    socket: string,
    rows: readonly Row[],
    counts: readonly number[],
  ): Promise<TenancyCosts['peakMiB']> => {
    const pair = await openPair(socket);
    try {
      for (const [index, client] of pair.clients.entries()) await checkCount(client, counts[index] ?? 0);
      for (const row of rows) {
        onRow(row.name);
        results.push(...tenancyResultsOf(await measure(load, row, pair.clients)));
      }
      return pair.peakMiB();
    } finally {
      await pair.stop();
    }
  };
  await run(engineSocket, tenancyRows(container), [50, 50, 50, 50]);
  const crowd = await startCrowd(engineSocket);
  try {
    return { results, peakMiB: await run(crowd.socket, [crowdRow()], [5_000, 1_250, 5_000, 5_000]) };
  } finally {
    await crowd.close();
  }
}

async function openPair(engineSocket: string): Promise<Pair> {
  const off = await startGateway({ engineSocket, config: { tenancy: { enabled: false } } });
  const on = await startGateway({
    engineSocket,
    config: { tenancy: { enabled: true } },
    prepare: (dir) => copyFileSync(GRANTS, `${dir}/policies/grants.csv`),
  });
  // Both are copies of one folder, so that the CA of one is that of the other.
  const { tenant, name } = OWNER;
  const named = ['--client', name, '--role', 'developer', '--tenant', tenant];
  await quaywarden(['init', '--dir', off.dir, ...named]);
  const certs = { developer: off.certPath(name), operator: off.certPath('admin') };
  const client = (role: keyof typeof certs, tenancy: 'off' | 'on'): Contender<Way> => {
    const { pid, port } = tenancy === 'on' ? on : off;
    return { name: `${role}, ${tenancy}`, pid, target: { port, certs: certs[role] } };
  };
  return {
    clients: [
      client('developer', 'off'),
      client('developer', 'on'),
      client('operator', 'off'),
      client('operator', 'on'),
    ],
    peakMiB: () => ({ off: peakMemory(off.pid), on: peakMemory(on.pid) }),
    stop: async () => {
      await off.stop();
      await on.stop();
    },
  };
}

/** A client who sees other containers than it should would be measured at something else. */
async function checkCount({ name, target }: Contender<Way>, wanted: number): Promise<void> {
  const listed = JSON.parse(await listThrough(target)) as readonly unknown[];
  if (listed.length !== wanted) throw new Error(`${name}: lists ${listed.length} containers, not ${wanted}`);
}

function listThrough(target: Target): Promise<string> {
  if (!('port' in target)) throw new Error('Clients of a gateway have a port and certificates.');
  const read = (file: string): Buffer => readFileSync(`${target.certs}/${file}`);
  const tls = { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem'), agent: false };
  const where = { host: '127.0.0.1', port: target.port, servername: 'localhost' };
  return new Promise((resolve, reject) => {
    get({ ...where, ...tls, path: '/v1.41/containers/json?all=1' }, async (reply) => {
      const chunks: Buffer[] = [];
      for await (const chunk of reply) chunks.push(chunk as Buffer);
      resolve(Buffer.concat(chunks).toString());
    }).on('error', reject);
  });
}
