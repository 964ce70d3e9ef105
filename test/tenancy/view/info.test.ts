import { describe, expect, it } from 'vitest';
import type { Sight } from '../../../src/tenancy/sight.ts';
import { api, EVERYTHING, jsonView, plainly, real, sightOf } from './sight.ts';

const asked: string[] = [];

/** The information of a real Engine as a principal sees it, with the lists of the same Engine. */
async function info(sight: Sight, body = real('SystemInfo'), request = plainly('SystemInfo')) {
  asked.length = 0;
  return jsonView('SystemInfo').rewrite(body, sight, request, async (target) => {
    asked.push(target);
    return real(target.includes('/containers/json') ? 'ContainerList' : 'ImageList');
  });
}

const BUSYBOX = 'docker.io/library/busybox:latest';

describe('the information of an Engine', () => {
  it('counts the containers and images that are seen', async () => {
    const shown = JSON.parse(await info(sightOf({ images: [BUSYBOX] })));
    expect(shown).toMatchObject({
      Containers: 3,
      ContainersRunning: 1,
      ContainersPaused: 0,
      ContainersStopped: 2,
      Images: 1,
    });
    expect(asked).toEqual(['/v1.41/containers/json?all=1', '/v1.41/images/json']);
  });

  it('counts as the Engine does: what restarts does not run', async () => {
    const states = ['running', 'paused', 'restarting', 'created', 'exited', 'dead', 'removing', 'running'];
    const list = JSON.stringify(states.map((State, at) => ({ Id: `${at}`, State })));
    const sight = { ...sightOf(), sees: async () => true };
    const shown = await jsonView('SystemInfo').rewrite(
      '{"Containers":1,"ContainersRunning":1,"ContainersPaused":1,"ContainersStopped":1,"Images":1}',
      sight,
      plainly('SystemInfo'),
      async (target) => (target.includes('containers') ? list : '[]'),
    );
    expect(shown).toBe(
      '{"Containers":8,"ContainersRunning":2,"ContainersPaused":1,"ContainersStopped":5,"Images":0}',
    );
  });

  it('is of the same API version in all that is asked', async () => {
    await info(sightOf(), real('SystemInfo'), api('GET /v1.30/info'));
    expect(asked).toEqual(['/v1.30/containers/json?all=1', '/v1.30/images/json']);
  });

  it("of a real Engine stays as it is but for what is the operator's", async () => {
    const before = JSON.parse(real('SystemInfo'));
    const shown = JSON.parse(await info(sightOf({ images: [BUSYBOX] })));
    const changed = Object.keys(before).filter(
      (name) => JSON.stringify(before[name]) !== JSON.stringify(shown[name]),
    );
    expect(changed.sort()).toEqual(
      ['Containers ContainersRunning Images NFd NGoroutines RegistryConfig Runtimes'].flatMap((line) =>
        line.split(' '),
      ),
    );
    expect(Object.keys(shown)).toEqual(Object.keys(before));
  });

  it('tells of a swarm only that there is one', async () => {
    const shown = JSON.parse(await info(sightOf(), real('SystemInfoSwarm')));
    expect(shown.Swarm).toEqual({
      NodeID: '',
      NodeAddr: '',
      LocalNodeState: 'active',
      ControlAvailable: true,
      Error: '',
      RemoteManagers: null,
    });
  });

  it('tells nothing of the operator: proxies, registries, labels, devices, networks, warnings, what is new', async () => {
    const body = JSON.stringify({
      ID: 'x',
      HttpProxy: 'http://CANARY',
      HttpsProxy: 'http://CANARY',
      NoProxy: 'CANARY',
      RegistryConfig: {
        InsecureRegistryCIDRs: ['CANARY'],
        IndexConfigs: { CANARY: {} },
        Mirrors: ['CANARY'],
      },
      Labels: ['CANARY=CANARY'],
      GenericResources: [{ NamedResourceSpec: { Kind: 'CANARY' } }],
      Warnings: ['CANARY'],
      SystemStatus: [['CANARY', 'CANARY']],
      ClusterStore: 'CANARY',
      ClusterAdvertise: 'CANARY',
      DefaultAddressPools: [{ Base: 'CANARY' }],
      FirewallBackend: { Driver: 'CANARY' },
      CDISpecDirs: ['CANARY'],
      DiscoveredDevices: [{ ID: 'CANARY' }],
      NRI: { Info: ['CANARY'] },
      Containerd: { Address: 'CANARY' },
      ProductLicense: 'CANARY',
      Plugins: { Volume: ['local'], Network: null, Authorization: ['CANARY'], Log: [], New: ['CANARY'] },
      Runtimes: { runc: { path: 'CANARY', runtimeArgs: ['CANARY'], status: { x: 'CANARY' } } },
      DriverStatus: [['driver-type', 'io.containerd.snapshotter.v1'], ['Data file', '/dev/CANARY'], 'CANARY'],
      NFd: 17,
      NGoroutines: 18,
      NEventsListener: 19,
      New: 'CANARY',
    });
    const shown = await info(sightOf(), body);
    expect(shown).not.toContain('CANARY');
    expect(JSON.parse(shown)).toMatchObject({
      ID: 'x',
      Plugins: { Volume: ['local'], Network: null, Authorization: null, Log: [] },
      Runtimes: { runc: {} },
      DriverStatus: [['driver-type', 'io.containerd.snapshotter.v1']],
      NFd: 0,
      NGoroutines: 0,
      NEventsListener: 0,
    });
  });

  it('is whole but for the counts for whom the Engine is seen', async () => {
    const shown = JSON.parse(await info(sightOf({ all: ['engine'] })));
    const { Containers, ContainersRunning, ContainersStopped, Images, ...rest } = shown;
    expect([Containers, ContainersRunning, ContainersStopped, Images]).toEqual([3, 1, 2, 0]);
    expect(JSON.parse(real('SystemInfo'))).toMatchObject(rest);
  });

  it('is untouched, and nothing is asked, for whom everything is seen', async () => {
    expect(await info(EVERYTHING)).toBe(real('SystemInfo'));
    expect(asked).toEqual([]);
  });

  it('that is malformed is an error', async () => {
    await expect(info(sightOf(), '[]')).rejects.toThrow();
    await expect(info(sightOf(), '{"Swarm":"x"}')).rejects.toThrow();
  });
});
