import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Engine, startEngine } from '../../../support/engine.ts';
import { ask } from '../ask.ts';
import { type EngineClient, engineClient } from './engine-client.ts';

// A private Engine of its own, for it becomes a swarm.
let engine: Engine;
let client: EngineClient;
beforeAll(async () => {
  engine = await startEngine({ images: false, args: ['--experimental'] });
  client = engineClient(engine.socket);
  const { status } = await client.call('POST', '/v1.41/swarm/init', {
    ListenAddr: '127.0.0.1:2377',
    AdvertiseAddr: '127.0.0.1',
  });
  expect(status).toBe(200);
});
afterAll(async () => {
  client.close();
  await engine.destroy();
});

interface Spec {
  readonly TaskTemplate: {
    readonly ContainerSpec: { readonly Mounts: readonly Mount[] };
  };
  readonly EndpointSpec: {
    readonly Ports: readonly { readonly Protocol: string; readonly PublishMode: string }[];
  };
}

interface Mount {
  readonly Type: string;
  readonly BindOptions?: { readonly Propagation?: string };
}

const service = (mount: object, more: object = {}) => ({
  Mode: { Replicated: { Replicas: 0 } },
  TaskTemplate: {
    ContainerSpec: { Image: 'busybox', Mounts: [{ Source: '/srv', Target: '/t', ...mount }] },
    ...more,
  },
});

/** What the swarm made of a service without tasks; its message when it refuses. */
async function made(body: object): Promise<Spec | string> {
  const { status, body: reply } = await client.call('POST', '/v1.41/services/create', body);
  if (status !== 201) return (reply as { message: string }).message;
  const path = `/v1.41/services/${(reply as { ID: string }).ID}`;
  const shown = await client.call('GET', path);
  await client.call('DELETE', path);
  return (shown.body as { Spec: Spec }).Spec;
}

describe('a mount of a service is to the facts what it is to the swarm', () => {
  it.each(['', 'bind', 'Bind', 'bınd', 'BIND', 'volume', 'VoLuMe', 'tmpfs', 'TMPFS', 'npipe', ' bind', 'x'])(
    'of type %j',
    async (type) => {
      const body = service({ Type: type });
      const { mountTypes, hostPaths } = ask('POST /v1.41/services/create', body);
      const spec = await made(body);
      if (typeof spec === 'string') {
        // The swarm refuses it: to another one it may mean any path.
        expect(hostPaths).toMatchObject([{ path: null }]);
      } else {
        expect(mountTypes).toMatchObject([{ type: spec.TaskTemplate.ContainerSpec.Mounts[0]?.Type }]);
      }
    },
  );

  it.each(['rshared', 'Shared', 'rſhared', 'rslave', 'private', '', 'x'])(
    'with the propagation %j',
    async (propagation) => {
      const body = service({ Type: 'bind', BindOptions: { Propagation: propagation } });
      const { hostPaths } = ask('POST /v1.41/services/create', body);
      const spec = await made(body);
      if (typeof spec === 'string') return expect(spec).toMatch(/Propagation/);
      const shown = spec.TaskTemplate.ContainerSpec.Mounts[0]?.BindOptions?.Propagation ?? '';
      expect(hostPaths.some(({ via }) => via === 'propagation')).toBe(/shared$/.test(shown));
    },
  );

  it('may have a source that is a template', async () => {
    const Source = '/srv/{{print "../etc"}}';
    expect(await made(service({ Type: 'bind', Source }))).toMatchObject({
      TaskTemplate: { ContainerSpec: { Mounts: [{ Source }] } },
    });
    expect(await made(service({ Type: 'bind', Source: '/srv/{{nothing}}' }))).toMatch(/template/);
  });
});

describe('a port of a service is to the facts what it is to the swarm', () => {
  it.each([
    ['tcp', 'host'],
    ['UDP', 'HOST'],
    ['ſctp', 'ingress'],
    ['x', 'hoſt'],
    ['', ''],
  ])('by %j and %j', async (Protocol, PublishMode) => {
    const EndpointSpec = { Ports: [{ Protocol, PublishMode, TargetPort: 80, PublishedPort: 8080 }] };
    const body = { ...service({ Type: 'tmpfs', Source: '' }), EndpointSpec };
    const spec = await made(body);
    if (typeof spec === 'string') throw new Error(spec);
    expect(ask('POST /v1.41/services/create', body).ports).toMatchObject([
      { container: `80/${spec.EndpointSpec.Ports[0]?.Protocol}`, host: { first: 8080, last: 8080 } },
    ]);
  });
});

describe('a plugin of a service', () => {
  it.each([
    // Nobody listens there: it is not installed.
    { remote: '127.0.0.1:1/a' },
    { Remote: '127.0.0.1:1/a' },
  ])('is the one that the facts name: %j', async (PluginSpec) => {
    const body = { Mode: { Global: {} }, TaskTemplate: { Runtime: 'plugin', PluginSpec } };
    expect(ask('POST /v1.41/services/create', body).plugins).toMatchObject([
      { reference: '127.0.0.1:1/a:latest' },
    ]);
    expect(await made(body)).toMatchObject({ TaskTemplate: { PluginSpec: { remote: '127.0.0.1:1/a' } } });
  });
});
