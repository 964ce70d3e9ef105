import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { CONTAINER_CREATE } from '../../../src/docker/body/models/container-create.ts';
import { HOST_CONFIG } from '../../../src/docker/body/models/host-config.ts';
import { readBodyAs } from '../../../src/docker/body/read.ts';
import { writeBody } from '../../../src/docker/body/write.ts';
import { parseJson } from '../../../src/docker/strict-json.ts';
import { type EngineClient, engineClient } from '../facts/real-engine/engine-client.ts';
import { CONFIG_SAMPLES, DECLINED_SAMPLES, hostSamples, NEWER_FIELDS } from './container-samples.ts';

/**
 * What the real Engine makes of a body that was read and written anew: the names are those that Go reads, and the
 * values arrive. One container a field, for a field that is not read looks like one that has its default.
 */

const OTHER = 'body-models-other';
const NETWORK = 'body-models-network';
const SUBNET = { Driver: 'default', Config: [{ Subnet: '10.199.7.0/24' }] };

let engine: EngineClient;
beforeAll(async () => {
  engine = engineClient(inject('engine').socket);
  const other = await engine.call('POST', `/v1.41/containers/create?name=${OTHER}`, { Image: 'busybox' });
  expect(other.status).toBe(201);
  const network = await engine.call('POST', '/v1.41/networks/create', { Name: NETWORK, IPAM: SUBNET });
  expect(network.status).toBe(201);
});
afterAll(async () => {
  await engine.call('DELETE', `/v1.41/containers/${OTHER}?v=1&force=1`);
  await engine.call('DELETE', `/v1.41/networks/${NETWORK}`);
  await engine.call('DELETE', '/v1.41/volumes/body-models-volume');
  engine.close();
});

type Members = Readonly<Record<string, unknown>>;
interface Made {
  readonly Config: Members;
  readonly HostConfig: Members;
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, Members>> };
}

/** The Engine's answer to a body as the gateway would send it. */
async function create(body: Members): Promise<{ readonly status: number; readonly body: unknown }> {
  const { value, unknown } = readBodyAs(CONTAINER_CREATE, parseJson(JSON.stringify(body)), 41);
  expect(unknown).toEqual([]);
  return engine.call('POST', '/v1.41/containers/create', JSON.parse(writeBody(CONTAINER_CREATE, value)));
}

/** Makes a container, inspects and removes it. */
async function made(body: Members): Promise<Made> {
  const created = await create(body);
  expect(created).toMatchObject({ status: 201, body: { Id: expect.any(String) } });
  const { Id } = created.body as { readonly Id: string };
  const inspected = await engine.call('GET', `/v1.41/containers/${Id}/json`);
  await engine.call('DELETE', `/v1.41/containers/${Id}?v=1`);
  return inspected.body as Made;
}

describe('a field of the top level', () => {
  it.each(Object.entries(CONFIG_SAMPLES))('%s is what inspect shows', async (name, [value, besides = {}]) => {
    const { Config } = await made({ Image: 'busybox', ...besides, [name]: value });
    expect(Config[name]).toEqual(value);
  });

  it("Env comes before the image's", async () => {
    const { Config } = await made({ Image: 'busybox', Env: ['A=1', 'B'] });
    expect(Config['Env']).toEqual(expect.arrayContaining(['A=1', 'B']));
  });

  it('has a value here, each of them', () => {
    const others = ['Env', 'HostConfig', 'NetworkingConfig', 'name', 'platform'];
    expect([...Object.keys(CONFIG_SAMPLES), ...others].sort()).toEqual(
      Object.keys(CONTAINER_CREATE.fields).sort(),
    );
  });
});

describe('a field of HostConfig', () => {
  it.each(Object.entries(hostSamples(OTHER)))(
    '%s is what inspect shows',
    async (name, [value, besides = {}]) => {
      const { HostConfig } = await made({ Image: 'busybox', HostConfig: { ...besides, [name]: value } });
      expect(HostConfig[name]).toEqual(value);
    },
  );

  it.each(Object.entries(DECLINED_SAMPLES))(
    '%s is what the Engine speaks of',
    async (name, [value, says]) => {
      const { status, body } = await create({ Image: 'busybox', HostConfig: { [name]: value } });
      const { Id, Warnings, message } = body as {
        Id?: string;
        Warnings?: readonly string[];
        message?: string;
      };
      const shown = Id === undefined ? undefined : await engine.call('GET', `/v1.41/containers/${Id}/json`);
      if (Id !== undefined) await engine.call('DELETE', `/v1.41/containers/${Id}?v=1`);
      const kept = (shown?.body as Made | undefined)?.HostConfig[name];
      // A kernel that can do it gives no warning.
      if (status === 201 && Warnings?.length === 0) expect(kept).toEqual(value);
      else expect(message ?? Warnings?.join()).toMatch(says);
    },
  );

  it('has a value here, each of them', () => {
    const named = Object.keys({ ...hostSamples(OTHER), ...DECLINED_SAMPLES });
    expect([...named, ...NEWER_FIELDS].sort()).toEqual(Object.keys(HOST_CONFIG.fields).sort());
  });
});

describe('an endpoint', () => {
  it('is what inspect shows', async () => {
    const endpoint = {
      IPAMConfig: { IPv4Address: '10.199.7.9', LinkLocalIPs: ['169.254.7.7'] },
      Links: [`${OTHER}:alias`],
      DriverOpts: { 'com.example.option': 'a' },
    };
    const { NetworkSettings } = await made({
      Image: 'busybox',
      HostConfig: { NetworkMode: NETWORK },
      NetworkingConfig: { EndpointsConfig: { [NETWORK]: { ...endpoint, Aliases: ['a1'] } } },
    });
    expect(NetworkSettings.Networks[NETWORK]).toMatchObject(endpoint);
    expect(NetworkSettings.Networks[NETWORK]?.['Aliases']).toContain('a1');
  });

  it('that is null is made as one without settings', async () => {
    const { NetworkSettings } = await made({
      Image: 'busybox',
      HostConfig: { NetworkMode: NETWORK },
      NetworkingConfig: { EndpointsConfig: { [NETWORK]: null } },
    });
    expect(Object.keys(NetworkSettings.Networks)).toEqual([NETWORK]);
  });
});

describe('what is read and not forwarded', () => {
  it('of ports without a binding leaves the port as null leaves it', async () => {
    const shown = async (ports: unknown) =>
      (await made({ Image: 'busybox', HostConfig: { PortBindings: { '80/tcp': ports } } })).HostConfig;
    expect(await shown(null)).toEqual(await shown([]));
  });

  it('of fields of HostConfig at the top level would be honoured: the Engine takes them (A011)', async () => {
    const body = { Image: 'busybox', Privileged: true };
    const { unknown } = readBodyAs(CONTAINER_CREATE, parseJson(JSON.stringify(body)), 41);
    expect(unknown).toEqual(['Privileged']);
    const { body: answer } = await engine.call('POST', '/v1.41/containers/create', body);
    const { Id } = answer as { readonly Id: string };
    const { body: shown } = await engine.call('GET', `/v1.41/containers/${Id}/json`);
    await engine.call('DELETE', `/v1.41/containers/${Id}?v=1`);
    expect((shown as Made).HostConfig['Privileged']).toBe(true);
  });
});
