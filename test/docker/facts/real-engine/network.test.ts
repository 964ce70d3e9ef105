import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { askContainer } from '../ask.ts';
import { type EngineClient, engineClient, type Inspected } from './engine-client.ts';

let engine: EngineClient;
beforeAll(() => {
  engine = engineClient(inject('engine').socket);
});
afterAll(() => engine.close());

/** Starts a container and tells what inspect shows while it runs. */
async function running(body: object): Promise<Inspected | string> {
  const made = await engine.call('POST', '/v1.41/containers/create', {
    Image: 'busybox',
    Cmd: ['sleep', '60'],
    ...body,
  });
  const { Id: id, message } = made.body as { Id?: string; message?: string };
  if (id === undefined) return message ?? '';
  const started = await engine.call('POST', `/v1.41/containers/${id}/start`);
  const inspected = await engine.call('GET', `/v1.41/containers/${id}/json`);
  await engine.call('DELETE', `/v1.41/containers/${id}?v=1&force=1`);
  return started.status === 204
    ? (inspected.body as Inspected)
    : (started.body as { message: string }).message;
}

describe('EndpointsConfig', () => {
  const networks = new Map<string, string>();
  beforeAll(async () => {
    for (const name of ['facts-alice', 'facts-bob']) {
      const made = await engine.call('POST', '/v1.41/networks/create', { Name: name });
      networks.set(name, (made.body as { Id: string }).Id);
    }
  });
  afterAll(async () => {
    for (const name of networks.keys()) await engine.call('DELETE', `/v1.41/networks/${name}`);
  });

  it('joins the network of NetworkID, whatever name it stands under', async () => {
    const id = networks.get('facts-bob') ?? '';
    const body = {
      HostConfig: { NetworkMode: 'facts-alice' },
      NetworkingConfig: { EndpointsConfig: { 'facts-alice': { NetworkID: id } } },
    };
    const got = await running(body);
    if (typeof got === 'string') throw new Error(got);
    expect(got.NetworkSettings.Networks['facts-bob']?.NetworkID).toBe(id);
    expect(askContainer(body).networks).toContainEqual(
      expect.objectContaining({
        name: id,
        field: 'NetworkingConfig.EndpointsConfig["facts-alice"].NetworkID',
      }),
    );
  });

  it('joins its networks whatever NetworkMode says', async () => {
    const body = { NetworkingConfig: { EndpointsConfig: { 'facts-bob': {} } } };
    const got = await running(body);
    if (typeof got === 'string') throw new Error(got);
    expect(Object.keys(got.NetworkSettings.Networks)).toEqual(['facts-bob']);
    expect(askContainer(body).networks.map(({ name }) => name)).toContain('facts-bob');
  });

  it.each(['', 'default', 'bridge'])('and NetworkMode %j is the network bridge', async (mode) => {
    const got = await running({ HostConfig: { NetworkMode: mode } });
    if (typeof got === 'string') throw new Error(got);
    expect(Object.keys(got.NetworkSettings.Networks)).toEqual(
      askContainer({ HostConfig: { NetworkMode: mode } }).networks.map(({ name }) => name),
    );
  });
});

describe('a host port', () => {
  const body = (HostPort: string) => ({
    ExposedPorts: { '80/tcp': {} },
    HostConfig: { PortBindings: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort }] } },
  });
  const host = (HostPort: string) => askContainer(body(HostPort)).ports[0]?.host;

  it.each([
    '18080',
    '018080',
    '18080/udp',
    '18080/',
    '18080-18080',
    '18080-18090',
    '18080-18090-7',
    '00018080-18099/tcp',
  ])('%j is one that the facts name', async (text) => {
    const got = await running(body(text));
    if (typeof got === 'string') throw new Error(got);
    const port = Number(got.NetworkSettings.Ports?.['80/tcp']?.[0]?.HostPort);
    const range = host(text);
    expect(port).toBeGreaterThanOrEqual(range?.first ?? Number.NaN);
    expect(port).toBeLessThanOrEqual(range?.last ?? Number.NaN);
    expect((range?.last ?? 0) - (range?.first ?? 0)).toBeLessThan(20);
  });

  it.each(['', '0', '00', '/tcp', '0/udp', '0-0'])('%j is one that the Engine picks', async (text) => {
    const got = await running(body(text));
    if (typeof got === 'string') throw new Error(got);
    expect(Number(got.NetworkSettings.Ports?.['80/tcp']?.[0]?.HostPort)).toBeGreaterThan(1023);
    expect(host(text)).toBeNull();
  });

  it.each([' 80', '+80', '-80', '80-', '80-70', '65536', 'a', '0x50', '８０'])(
    '%j is none to the Engine, and may be any to another one',
    async (text) => {
      expect(await running(body(text))).toMatch(/invalid port specification/);
      expect(host(text)).toEqual({ first: 0, last: 65_535 });
    },
  );
});
