import { readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { reload } from '../../support/control.ts';
import { type FrontDoor, openFrontDoor } from '../../support/front-door.ts';
import { type Spread, spread } from '../publish/spread.ts';

/** How long reloads of many grants took, and how long requests waited meanwhile; in milliseconds. */
export interface ReloadCosts {
  readonly grants: number;
  readonly tookMs: Spread;
  /** The slowest request during each reload, and in as long a time without one. */
  readonly slowestMs: { readonly during: Spread; readonly without: Spread };
}

/** What one reload came to. */
export interface ReloadRound {
  readonly tookMs: number;
  readonly duringMs: number;
  readonly withoutMs: number;
}

const CLIENTS = 4;
const PAUSE_MS = 2;
/** How long the clients ask before the first reload, in milliseconds: their handshakes and first requests are none of its. */
const WARM_MS = 3_000;
const CONDITIONS = [
  'true',
  "memoryAtMost('512m')",
  "satisfies('baseline')",
  "imageFrom('registry.example.com/**')",
];

/**
 * Reloads grants again and again while four clients ask on kept-alive connections, in front of a recording Engine, in turn with
 * as long a time without a reload. The clients are warm; the first reload finds its own part of the program cold, as the first one
 * of a process does.
 *
 * @param onRound is told of each
 */
export async function reloadCosts(
  { grants, rounds }: { readonly grants: number; readonly rounds: number },
  onRound: (round: ReloadRound) => void = () => {},
): Promise<ReloadCosts> {
  const door = await openFrontDoor({
    config: { reload: { watchSeconds: 0 } },
    startMs: 60_000,
    prepare: (dir) => writeFileSync(`${dir}/policies/grants.csv`, policy(grants, 0)),
  });
  try {
    const all: ReloadRound[] = [];
    const clients = await startClients(door);
    await sleep(WARM_MS);
    for (let round = 1; round <= rounds; round += 1) {
      writeFileSync(`${door.gateway.dir}/policies/grants.csv`, policy(grants, round));
      clients.forget();
      const began = performance.now();
      const { outcome, faults } = await reload(door.gateway.dir);
      const tookMs = performance.now() - began;
      if (outcome !== 'reloaded') throw new Error(faults.join('; '));
      const duringMs = clients.slowest();
      clients.forget();
      await sleep(tookMs);
      const one = { tookMs, duringMs, withoutMs: clients.slowest() };
      onRound(one);
      all.push(one);
    }
    await clients.stop();
    const slowestMs = {
      during: spread(all.map(({ duringMs }) => duringMs)),
      without: spread(all.map(({ withoutMs }) => withoutMs)),
    };
    return { grants, tookMs: spread(all.map(({ tookMs }) => tookMs)), slowestMs };
  } finally {
    await door.close();
  }
}

function policy(grants: number, mark: number): string {
  const lines = Array.from({ length: grants }, (_, index) => {
    const condition = CONDITIONS[index % CONDITIONS.length];
    return `p, user:u${index % 1_000}, container/-/c${index}, ContainerCreate, "${condition}", allow`;
  });
  return `# ${mark}\np, user:alice, engine, SystemPing, true, allow\n${lines.join('\n')}\n`;
}

/** Clients that ask all the time, and how long they waited since it was forgotten. */
async function startClients(
  door: FrontDoor,
): Promise<{ forget(): void; slowest(): number; stop(): Promise<void> }> {
  const dir = await door.certPath('alice');
  const agent = new Agent({
    keepAlive: true,
    ca: readFileSync(`${door.gateway.certPath('admin')}/ca.pem`),
    cert: readFileSync(`${dir}/cert.pem`),
    key: readFileSync(`${dir}/key.pem`),
  });
  let waits: number[] = [];
  let over = false;
  const ping = (): Promise<void> => {
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
  };
  const asking = Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      while (!over) {
        await ping();
        await sleep(PAUSE_MS);
      }
    }),
  );
  asking.catch(() => {}); // told by `stop`
  return {
    forget() {
      waits = [];
    },
    slowest: () => Math.max(...waits),
    async stop() {
      over = true;
      await asking;
      agent.destroy();
    },
  };
}
