import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OPERATIONS } from '../../src/docker/operations.ts';
import { expectForwarded, expectRefused, type FrontDoor, openFrontDoor } from '../support/front-door.ts';
import { sampleOf } from './samples.ts';

let door: FrontDoor;
beforeAll(async () => {
  door = await openFrontDoor();
  await door.certPath('dev', { o: 'team-a', ou: 'developer' });
  await door.certPath('ci', { o: 'team-a', ou: 'ci' });
});
afterAll(() => door.close());

/** All that a viewer may do, written down here so that the catalogue can not widen it unnoticed. */
const VIEWER = new Set([
  ...['SystemPing', 'SystemPingHead', 'SystemVersion', 'SystemInfo', 'SystemDataUsage', 'SystemEvents'],
  ...['ContainerList', 'ContainerInspect', 'ContainerStats'],
  ...['ImageList', 'ImageInspect', 'ImageHistory'],
  ...['NetworkList', 'NetworkInspect', 'VolumeList', 'VolumeInspect'],
  ...['PluginList', 'PluginInspect', 'PluginInspectLegacy'],
  ...['NodeList', 'NodeInspect', 'ServiceList', 'ServiceInspect', 'TaskList', 'TaskInspect'],
]);

/** What a developer may not: the swarm, its secrets, and all that is equal to root by its nature. */
const NOT_DEVELOPER = new Set(['admin', 'swarm', 'secret']);

/** Operations some of whose parameters no profile but `privileged` allows, with the first reason. */
const REFUSED_BY_BASELINE: Readonly<Record<string, string>> = {
  ContainerStart: 'checkpoint-path',
  ImageBuild: 'cgroup-parent',
};

const all = OPERATIONS.map((operation) => [operation.id, operation] as const);
const never = all.filter(([, operation]) => NOT_DEVELOPER.has(operation.class));

describe('an operator', () => {
  it.each(all)('may do %s, and the Engine receives it in its canonical form', async (id, operation) => {
    const { sent, forwarded } = sampleOf(operation);
    const { records } = await expectForwarded(door, sent, forwarded);
    for (const record of records) {
      expect(record).toMatchObject({
        principal: { name: 'alice', tenant: 'team-a', roles: ['operator'] },
        request: { operation: id, class: operation.class },
        decision: { effect: 'allow', reason: 'granted', grant: expect.stringMatching(/^grants\.csv:\d+$/) },
      });
    }
  });
});

describe('a viewer', () => {
  it('may list and inspect: these operations exist', () => {
    const ids = new Set(OPERATIONS.map(({ id }) => id));
    expect([...VIEWER].filter((id) => !ids.has(id))).toEqual([]);
  });

  it.each(all.filter(([id]) => VIEWER.has(id)))(
    'may %s, and no parameter of it is lost',
    async (_id, operation) => {
      const { sent, forwarded } = sampleOf(operation);
      await expectForwarded(door, sent, forwarded, 'viewer');
    },
  );

  it.each(all.filter(([id]) => !VIEWER.has(id)))(
    'may not %s: refused, recorded once, nothing forwarded',
    async (id, operation) => {
      await expectRefused(
        door,
        sampleOf(operation).sent,
        {
          status: 403,
          reason: 'not-granted',
          operation: id,
          message: `viewer (role viewer) may not do ${id} on `,
        },
        'viewer',
      );
    },
  );
});

describe('somebody without a role', () => {
  it.each(all)('may not do %s', async (id, operation) => {
    await expectRefused(
      door,
      sampleOf(operation).sent,
      { status: 403, reason: 'not-granted', operation: id, message: `nobody (no role) may not do ${id} on ` },
      'nobody',
    );
  });
});

describe('a developer', () => {
  const may = all.filter(([, operation]) => !NOT_DEVELOPER.has(operation.class));

  it.each(may.filter(([id]) => REFUSED_BY_BASELINE[id] === undefined))('may %s', async (_id, operation) => {
    const { sent, forwarded } = sampleOf(operation);
    await expectForwarded(door, sent, forwarded, 'dev');
  });

  it.each(may.filter(([id]) => REFUSED_BY_BASELINE[id] !== undefined))(
    'may not %s with all parameters there are: baseline forbids some',
    async (id, operation) => {
      const reason = REFUSED_BY_BASELINE[id] as string;
      await expectRefused(door, sampleOf(operation).sent, { status: 403, reason, operation: id }, 'dev');
    },
  );

  it.each(never)('may not %s', async (id, operation) => {
    await expectRefused(
      door,
      sampleOf(operation).sent,
      { status: 403, reason: 'not-granted', operation: id },
      'dev',
    );
  });
});

describe('a build job', () => {
  it.each(never)('may not %s', async (id, operation) => {
    await expectRefused(
      door,
      sampleOf(operation).sent,
      { status: 403, reason: 'not-granted', operation: id },
      'ci',
    );
  });
});
