import { describe, expect, it } from 'vitest';
import { ALL, tryPlaces } from './matrix.ts';

/** What a request can name but no tenant has: answered without a look at anybody's objects. */
const NAMELESS = [
  ...['SystemPing', 'SystemPingHead', 'SystemVersion', 'SystemInfo', 'Session', 'Grpc'],
  ...['DebugVars', 'DebugPprofCmdline', 'DebugPprofProfile', 'DebugPprofSymbol', 'DebugPprofTrace'],
  ...['SwarmInspect', 'SwarmUnlockkey', 'SwarmLeave'],
];

const opened = tryPlaces(['bob', 'bert'], ({ kind }) => kind !== undefined, 1_500);

describe('the places where a request names something', () => {
  it('are there in all operations but those that name nothing', () => {
    expect(ALL.flatMap(([id, , places]) => (places.length === 0 ? [id] : [])).sort()).toEqual(
      [...NAMELESS].sort(),
    );
  });

  it('are found by the gateway where the Engine finds them', () => {
    const known = ALL.flatMap(([id, , places]) =>
      places.filter(({ kind, at }) => kind !== undefined && at !== 'path').map(({ at }) => `${id} ${at}`),
    );
    expect(known.length).toBeGreaterThan(50);
  });
});

describe('what is the beginning of the id of one thing and the name of another', () => {
  it.each([
    ['container', 'GET /containers/@/json', 'POST /containers/create?name=@', { Image: 'busybox:latest' }],
    ['network', 'GET /networks/@', 'POST /networks/create', { Name: '@' }],
    [
      'service',
      'GET /services/@',
      'POST /services/create',
      {
        Name: '@',
        TaskTemplate: { ContainerSpec: { Image: 'busybox:latest' } },
        Mode: { Replicated: { Replicas: 0 } },
      },
    ],
    ['secret', 'GET /secrets/@', 'POST /secrets/create', { Name: '@', Data: 'eA==' }],
    ['config', 'GET /configs/@', 'POST /configs/create', { Name: '@', Data: 'eA==' }],
  ] as const)("stands for a %s of one's own, whoever has the other", async (kind, look, make, body) => {
    const world = opened();
    const { id } = world.own.of[kind];
    // One's own names would come first: the second thing of team-b has eight digits.
    for (const [who, length] of [
      [world.as.alan, 9],
      [world.as.engine, 10],
    ] as const) {
      const name = id.slice(0, length);
      const named = JSON.parse(JSON.stringify(body).replace('@', name)) as object;
      const made = await who.json<{ Id?: string; ID?: string }>(make.replace('@', name), named);
      const found = await world.as.bert.json<{ Id?: string; ID?: string }>(look.replace('@', name));
      expect(found.Id ?? found.ID).toBe(id);
      await who.json(`DELETE /${kind}s/${made.Id ?? made.ID}`);
    }
  });
});
