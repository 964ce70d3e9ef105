import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { removeNamed } from '../cli/cleanup.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';
import { startBulkEngine } from './bulk-engine.ts';
import { endings, exec, idle, soon, tell, unfinished, upgraded } from './client.ts';
import { connectionsOf, descriptorsOf, memoryOf, report } from './meter.ts';

const SESSIONS = 500;
const AT_ONCE = 16;
const ROUNDS = 4;

/** Does all tasks, some at once; returns their results in order. */
async function each<T>(count: number, task: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < count; index = next++) results[index] = await task(index);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}

/** Resolves with what comes back, once it holds the line. */
function echo(session: Duplex, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let seen = '';
    const onData = (chunk: Buffer) => {
      seen += chunk.toString('latin1');
      if (!seen.includes(line)) return;
      session.off('data', onData);
      resolve(seen);
    };
    session.on('data', onData);
    session.once('close', () => reject(new Error(`closed without ${line}`)));
    session.write(line);
  });
}

describe(`${SESSIONS} open exec sessions`, () => {
  const { socket } = inject('engine');
  const id = `sessions-${randomBytes(4).toString('hex')}`;
  let gateway: Gateway;

  beforeAll(async () => {
    gateway = await startGateway({ engineSocket: socket });
  });

  afterAll(async () => {
    await removeNamed(socket, id);
    const { code } = await gateway.stop();
    expect(code, gateway.log()).toBe(0);
    expect(unfinished(gateway)).toEqual([]);
  });

  it('all answer, cost little each, and leave nothing behind', { timeout: 180_000 }, async () => {
    const container = await idle(gateway, id);
    const open = async (): Promise<Duplex> => {
      const made = await exec(gateway, container, { AttachStdin: true, Cmd: ['cat'] });
      return upgraded(gateway, `/v1.41/exec/${made}/start`, { Detach: false, Tty: false });
    };
    const first = await open(); // compiles
    await echo(first, 'warm\n');
    first.end();
    await soon(() => endings(gateway, 'ExecStart')).toEqual(['101 finished']);
    await soon(() => connectionsOf(gateway.pid).clients).toBe(0);
    const before = { memory: memoryOf(gateway.pid), descriptors: descriptorsOf(gateway.pid) };

    let started = performance.now();
    const sessions = await each(SESSIONS, open);
    const opening = performance.now() - started;
    expect(connectionsOf(gateway.pid).clients).toBe(SESSIONS);
    expect(connectionsOf(gateway.pid).engine).toBeGreaterThanOrEqual(SESSIONS);
    const opened = { memory: memoryOf(gateway.pid), descriptors: descriptorsOf(gateway.pid) };

    started = performance.now();
    const echoed = await Promise.all(sessions.map((session, index) => echo(session, `line ${index}\n`)));
    const echoing = performance.now() - started;
    expect(echoed.map((seen) => seen.slice(8))).toEqual(sessions.map((_, index) => `line ${index}\n`));
    const ping = performance.now();
    expect((await tell(gateway, { path: '/_ping' })).body).toBe('OK');
    const pinged = performance.now() - ping;

    started = performance.now();
    // Half of them end their input and read to the end, as the docker CLI does; the others just go away.
    const ends = sessions.map(
      (session) => new Promise<void>((resolve) => session.resume().once('close', resolve)),
    );
    sessions.forEach((session, index) => {
      if (index % 2 === 0) session.end();
      else session.destroy();
    });
    await Promise.all(ends);
    await soon(() => endings(gateway, 'ExecStart').length, 60_000).toBe(SESSIONS + 1);
    await soon(() => connectionsOf(gateway.pid).clients).toBe(0);
    const closing = performance.now() - started;
    await soon(() => descriptorsOf(gateway.pid) - before.descriptors).toBeLessThan(30); // the pool's, for half a minute
    await sleep(1_000);
    report(
      `${SESSIONS} exec sessions: opened in ${(opening / 1_000).toFixed(1)} s, each echoed within ` +
        `${Math.round(echoing)} ms, a ping took ${Math.round(pinged)} ms beside them, closed in ` +
        `${(closing / 1_000).toFixed(1)} s; RSS ${before.memory} MB before, ${opened.memory} MB open ` +
        `(${Math.round(((opened.memory - before.memory) / SESSIONS) * 1_000)} KB each), ` +
        `${memoryOf(gateway.pid)} MB after; descriptors ${before.descriptors}, ${opened.descriptors}, ` +
        `${descriptorsOf(gateway.pid)}`,
    );
    expect((opened.memory - before.memory) / SESSIONS).toBeLessThan(0.3);
    const processes = await tell(gateway, { path: `/v1.41/containers/${container}/top` });
    expect(processes.body).not.toContain('"cat"');
  });
});

describe('sessions that come and go by the hundred', () => {
  it('leave no memory behind', { timeout: 240_000 }, async () => {
    const engine = await startBulkEngine();
    engine.onUpgrade = (socket) => {
      socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
      socket.pipe(socket);
    };
    const gateway = await startGateway({ engineSocket: engine.socketPath });
    const round = async (): Promise<number> => {
      const sessions = await each(SESSIONS, (index) =>
        upgraded(gateway, `/v1.41/exec/${index}/start`, { Detach: false }),
      );
      await Promise.all(sessions.map((session, index) => echo(session, `line ${index}\n`)));
      for (const session of sessions) session.destroy();
      await soon(() => connectionsOf(gateway.pid), 30_000).toEqual({ engine: 0, clients: 0 });
      return memoryOf(gateway.pid);
    };
    try {
      const after: number[] = [];
      for (let count = 0; count < ROUNDS; count += 1) after.push(await round());
      report(`RSS after each of ${after.length} rounds of ${SESSIONS} sessions: ${after.join(', ')} MB`);
      // One session that stays costs more than 100 KB: a round of them 50 MB.
      expect((after.at(-1) ?? 0) - (after[1] ?? 0)).toBeLessThan(30);
    } finally {
      expect((await gateway.stop()).code, gateway.log()).toBe(0);
      await engine.close();
    }
    expect(endings(gateway, 'ExecStart').length).toBe(ROUNDS * SESSIONS);
    expect(unfinished(gateway)).toEqual([]);
  });
});
