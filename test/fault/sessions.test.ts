import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { removeNamed } from '../cli/cleanup.ts';
import type { Gateway } from '../support/gateway.ts';
import { endings, exec, idle, soon, tell, unfinished, upgraded } from './client.ts';
import { each, echo } from './many.ts';
import { connectionsOf, descriptorsOf, report } from './meter.ts';
import { heldBy, startMetered } from './metered.ts';

const SESSIONS = 500;

describe(`${SESSIONS} open exec sessions`, () => {
  const { socket } = inject('engine');
  const id = `sessions-${randomBytes(4).toString('hex')}`;
  let gateway: Gateway;

  beforeEach(async () => {
    gateway = await startMetered({ engineSocket: socket });
  });

  afterEach(async () => {
    await removeNamed(socket, id);
    const { code } = await gateway.stop();
    expect(code, gateway.log()).toBe(0);
    expect(unfinished(gateway)).toEqual([]);
  });

  it('all answer, cost little each, and leave nothing behind', { timeout: 240_000 }, async () => {
    const container = await idle(gateway, `${id}-${randomBytes(2).toString('hex')}`);
    const open = async (): Promise<Duplex> => {
      const made = await exec(gateway, container, { AttachStdin: true, Cmd: ['cat'] });
      return upgraded(gateway, `/v1.41/exec/${made}/start`, { Detach: false, Tty: false });
    };
    const first = await open(); // compiles
    await echo(first, 'warm\n');
    first.end();
    await soon(() => endings(gateway, 'ExecStart')).toEqual(['101 finished']);
    await soon(() => connectionsOf(gateway.pid).clients).toBe(0);
    const before = { ...(await heldBy(gateway)), descriptors: descriptorsOf(gateway.pid) };

    let started = performance.now();
    const sessions = await each(SESSIONS, open);
    const opening = performance.now() - started;
    await soon(() => connectionsOf(gateway.pid).clients).toBe(SESSIONS);
    expect(connectionsOf(gateway.pid).engine).toBeGreaterThanOrEqual(SESSIONS);
    const opened = { ...(await heldBy(gateway)), descriptors: descriptorsOf(gateway.pid) };

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
    const after = { ...(await heldBy(gateway)), descriptors: descriptorsOf(gateway.pid) };
    const perSession = (what: 'live' | 'resident') => (opened[what] - before[what]) / SESSIONS;
    const shown = (what: 'live' | 'resident' | 'descriptors') =>
      `${what} ${before[what]} before, ${opened[what]} open, ${after[what]} after`;
    report(
      `${SESSIONS} exec sessions: opened in ${(opening / 1_000).toFixed(1)} s, each echoed within ` +
        `${Math.round(echoing)} ms, a ping took ${Math.round(pinged)} ms beside them, closed in ` +
        `${(closing / 1_000).toFixed(1)} s; MB ${shown('live')}; MB ${shown('resident')}; ${shown('descriptors')}`,
    );
    expect(perSession('resident')).toBeLessThan(0.3);
    expect(perSession('live')).toBeLessThan(0.1);
    expect(after.live - before.live).toBeLessThan(6);
    await soon(
      async () => (await tell(gateway, { path: `/v1.41/containers/${container}/top` })).body,
    ).not.toContain('"cat"');
  });
});
