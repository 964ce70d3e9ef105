import { cpSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type FrontDoor, json, openFrontDoor } from '../support/front-door.ts';
import { MAIN } from '../support/gateway.ts';

/** What a file that is loaded late does first. */
const SLOW = 'await new Promise((resolve) => setTimeout(resolve, 4_000));';
const BROKEN = "throw new Error('can not be read');";
const CREATE = json('POST /v1.41/volumes/create', '{"Name":"late"}');

let door: FrontDoor | undefined;
let program = '';
afterEach(async () => {
  await door?.close();
  door = undefined;
  rmSync(program, { recursive: true, force: true });
});

/** A gateway whose program does something else first in a part that is loaded late. */
async function openWith(part: 'proxy-road' | 'otlp-agent', first: string, config = {}): Promise<FrontDoor> {
  program = mkdtempSync(`${tmpdir()}/qw-program-`);
  const dist = `${program}/dist`;
  cpSync(dirname(MAIN), dist, { recursive: true });
  cpSync(`${dirname(MAIN)}/../package.json`, `${program}/package.json`);
  const name = readdirSync(dist).find((file) => file.startsWith(`${part}-`) && file.endsWith('.js'));
  if (name === undefined) throw new Error(`${part} is not loaded late`);
  renameSync(`${dist}/${name}`, `${dist}/real-${name}`);
  writeFileSync(`${dist}/${name}`, `${first}\nexport * from './real-${name}';\n`);
  door = await openFrontDoor({ config, main: `${dist}/main.js` });
  return door;
}

describe('while the proxy is being loaded', () => {
  it('requests that need it wait, and no others do', async () => {
    const { ask, engine, records } = await openWith('proxy-road', SLOW);
    engine.taken();
    const began = performance.now();
    const creating = ask(CREATE).then((answer) => [answer.status, performance.now() - began] as const);
    const [ping, volumes] = [await ask(json('GET /_ping', '')), await ask(json('GET /v1.41/volumes', ''))];
    expect([ping.status, volumes.status]).toEqual([200, 200]);
    const others = performance.now() - began;
    const [status, took] = await creating;
    expect(status).toBe(200);
    expect(took).toBeGreaterThan(others);
    expect(engine.taken().join('')).toContain('{"Name":"late"}');
    expect((await records(6)).map(({ stage }) => stage)).toHaveLength(6);
  });

  it('what is broken off is forgotten, with a record', async () => {
    const { ask, engine, gateway, records } = await openWith('proxy-road', SLOW, {
      shutdown: { graceSeconds: 0 },
    });
    engine.taken();
    const asked = ask(CREATE).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await gateway.stop()).toEqual({ code: 0 });
    await asked;
    expect(await records(1)).toMatchObject([{ stage: 'refused', decision: { reason: 'client-gone' } }]);
    expect(engine.taken().join('')).not.toContain('late');
  });

  it('a gateway that is told to stop answers, and stops', async () => {
    const { ask, gateway } = await openWith('proxy-road', SLOW);
    const asked = ask(CREATE);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await gateway.stop()).toEqual({ code: 0 });
    expect((await asked).status).toBe(200);
  });
});

describe('a part that can not be loaded', () => {
  it('ends the gateway, as it would have at the start', async () => {
    const { gateway } = await openWith('proxy-road', BROKEN);
    await vi.waitFor(() => expect(gateway.log()).toContain('an unexpected error; the gateway ends'), 5_000);
    expect(await gateway.stop()).toEqual({ code: 1 });
  });

  it('is read at the start where OTLP needs it', async () => {
    const tracing = { endpoint: 'http://127.0.0.1:1/v1/traces' };
    await expect(openWith('otlp-agent', BROKEN, { tracing })).rejects.toThrow(
      /The gateway ended \(1\) before it listened.*can not be read/s,
    );
  });
});
