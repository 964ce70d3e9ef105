import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type FrontDoor, json, openFrontDoor } from '../support/front-door.ts';
import { MAIN } from '../support/gateway.ts';
import { readAnswer } from '../support/http.ts';

/** What the parts that are made late do first. */
const SLOW = 'await new Promise((resolve) => setTimeout(resolve, 4_000))';
const BROKEN = "throw new Error('can not be made')";
const CREATE = json('POST /v1.41/volumes/create', '{"Name":"late"}');

let door: FrontDoor | undefined;
let program = '';
afterEach(async () => {
  await door?.close();
  door = undefined;
  rmSync(program, { recursive: true, force: true });
});

/** A gateway of a copy of the program, which does something else first where it makes the parts that are made late. */
async function openWith(first: string, config = {}): Promise<FrontDoor> {
  program = mkdtempSync(`${tmpdir()}/qw-program-`);
  const dist = `${program}/dist`;
  cpSync(dirname(MAIN), dist, { recursive: true });
  cpSync(`${dirname(MAIN)}/../package.json`, `${program}/package.json`);
  const making = 'exports.loadProxy=async()=>(';
  const holders = readdirSync(dist)
    .map((name) => [`${dist}/${name}`, readFileSync(`${dist}/${name}`, 'utf8')] as const)
    .filter(([, text]) => text.includes(making));
  expect(holders).toHaveLength(1);
  for (const [path, text] of holders)
    writeFileSync(path, text.replace(making, `${making}await(async()=>{${first}})(),`));
  door = await openFrontDoor({ config, main: `${dist}/main.js` });
  return door;
}

/** A ping that comes later is answered: what came before has been read by then. */
async function isUnderWay(): Promise<void> {
  expect((await door?.ask(json('GET /_ping', '')))?.status).toBe(200);
}

describe('while the proxy is being made', () => {
  it('requests that need it wait, and no others do', async () => {
    const { ask, engine, records } = await openWith(SLOW);
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
    const { connect, engine, gateway, records } = await openWith(SLOW, {
      shutdown: { graceSeconds: 0 },
    });
    engine.taken();
    const client = await connect();
    client.write(CREATE);
    await isUnderWay();
    expect(await gateway.stop()).toEqual({ code: 0 });
    await client.closed();
    const made = (await records(3)).filter(({ request }) => request.operation === 'VolumeCreate');
    expect(made).toMatchObject([{ stage: 'refused', decision: { reason: 'client-gone' } }]);
    expect(engine.taken().join('')).not.toContain('late');
  });

  it('a gateway that is told to stop answers, and stops', async () => {
    const { connect, gateway } = await openWith(SLOW);
    const client = await connect();
    client.write(CREATE);
    await isUnderWay();
    const answered = client.answered('POST');
    expect(await gateway.stop()).toEqual({ code: 0 });
    expect(readAnswer(await answered, 'POST').status).toBe(200);
  });
});

it('a proxy that can not be made ends the gateway, as it would have at the start', async () => {
  const { gateway } = await openWith(BROKEN);
  await vi.waitFor(() => expect(gateway.log()).toContain('an unexpected error; the gateway ends'), 20_000);
  expect(gateway.log()).toContain('can not be made');
  expect(await gateway.stop()).toEqual({ code: 1 });
});

it('a gateway that listens reads nothing of its program any more', async () => {
  const { ask } = await openWith('');
  rmSync(program, { recursive: true });
  expect((await ask(CREATE)).status).toBe(200);
});
