import { mkdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { RequestLine } from '../../src/audit/record.ts';
import { docker } from '../support/docker.ts';
import { type FrontDoor, http, openFrontDoor } from '../support/front-door.ts';
import { type Gateway, startGateway } from '../support/gateway.ts';

const NAME = 'break-glass';
const GRANTS = `p, role:viewer, **, @read, true, allow
p, role:viewer, container/**, ContainerRestart ContainerPause ContainerUnpause ContainerExec, reasonGiven('INC-**'), allow
p, role:viewer, exec/**, @exec, reasonGiven('INC-**'), allow
p, role:operator, **, *, true, allow
`;

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({
    engineSocket: inject('engine').socket,
    prepare: (dir) => writeFileSync(`${dir}/policies/grants.csv`, GRANTS),
  });
  const started = await run('admin', ['run', '-d', '--name', NAME, 'busybox', 'sleep', '600']);
  expect(started.code, started.stderr).toBe(0);
});
afterAll(async () => {
  await run('admin', ['rm', '-f', NAME]);
  await gateway.stop();
});

/** The records of requests that came with a reason, once there are that many. */
async function recorded(reason: string, least: number): Promise<RequestLine[]> {
  for (const until = Date.now() + 10_000; ; await sleep(20)) {
    const found = gateway.auditRecords().filter(({ request }) => request.reason === reason);
    if (found.length >= least || Date.now() > until) return found;
  }
}

/** The docker CLI, with the reason in its config.json. */
async function run(as: string, args: string[], reason?: string) {
  const config = `${gateway.dir}/config-${reason === undefined ? 'none' : 'reason'}`;
  mkdirSync(config, { recursive: true });
  const headers = reason === undefined ? {} : { HttpHeaders: { 'Quaywarden-Reason': reason } };
  writeFileSync(`${config}/config.json`, JSON.stringify(headers));
  return docker(args, { host: gateway.host, certPath: gateway.certPath(as), config });
}

describe('a right that asks for a reason', () => {
  it('is refused without one, and the sentence says what to send', async () => {
    const { code, stderr } = await run('viewer', ['restart', '-t', '0', NAME]);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/send the header Quaywarden-Reason with INC-\*\*.*\[reason-not-given\]/s);
  });

  it('is had with one, on both roads, and every record keeps it', async () => {
    const reason = 'INC-4711: glass hangs / paged';
    const restarted = await run('viewer', ['restart', '-t', '0', NAME], reason);
    expect(restarted.code, restarted.stderr).toBe(0);
    const asked = await run('viewer', ['exec', NAME, 'echo', 'broken'], reason);
    expect(asked.stdout).toBe('broken\n');
    const records = await recorded(reason, 6);
    const of = (operation: string) => records.filter(({ request }) => request.operation === operation);
    for (const operation of ['ContainerRestart', 'ContainerExec', 'ExecStart']) {
      expect(of(operation).length).toBeGreaterThan(1);
      for (const { request } of of(operation)) expect(request.reason).toBe(reason);
    }
  });

  it('is refused with another, which is recorded too', async () => {
    const { stderr } = await run('viewer', ['restart', '-t', '0', NAME], 'because');
    expect(stderr).toMatch(/gives another reason.*\[reason-not-given\]/s);
    expect(stderr).not.toContain('because');
    expect((await recorded('because', 1)).some(({ stage }) => stage === 'refused')).toBe(true);
  });

  it('is not remembered from the request before', async () => {
    // Of requests that say little else verdicts are remembered.
    expect((await run('viewer', ['pause', NAME], 'INC-1')).code).toBe(0);
    expect((await run('viewer', ['unpause', NAME], 'INC-1')).code).toBe(0);
    expect((await run('viewer', ['pause', NAME])).stderr).toContain('[reason-not-given]');
  });
});

describe('the header Quaywarden-Reason', () => {
  let door: FrontDoor;
  beforeAll(async () => {
    door = await openFrontDoor();
  });
  afterAll(() => door.close());

  it('is not forwarded', async () => {
    const { status } = await door.ask(http('GET /v1.41/containers/json', 'Quaywarden-Reason: INC-1'));
    expect(status).toBe(200);
    const bytes = door.engine.taken().join('');
    expect(bytes).toContain('/containers/json');
    expect(bytes).not.toMatch(/INC-1|quaywarden-reason/i);
  });

  it.each([
    ['twice', ['Quaywarden-Reason: INC-1', 'Quaywarden-Reason: INC-2'], 'header-duplicate'],
    ['too long', [`Quaywarden-Reason: ${'x'.repeat(257)}`], 'header-malformed'],
    ['not ASCII', ['Quaywarden-Reason: INC-\u00e9'], 'header-malformed'],
  ])('is taken once, in ASCII and not without end: %s', async (_, headers, reason) => {
    const { status, body } = await door.ask(http('GET /v1.41/containers/json', ...headers), 'viewer');
    expect(status).toBe(400);
    expect(body).toContain(`[${reason}]`);
  });
});
