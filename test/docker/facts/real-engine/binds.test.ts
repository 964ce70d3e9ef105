import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Facts } from '../../../../src/docker/facts/types.ts';
import { askHost } from '../ask.ts';
import { BIND_TABLE } from '../host-config/bind-table.ts';
import { type EngineClient, engineClient, type Inspected } from './engine-client.ts';

let engine: EngineClient;
beforeAll(() => {
  engine = engineClient(inject('engine').socket);
});
afterAll(() => engine.close());

/** What the facts say of one mount, in the words of inspect. */
function told({ hostPaths, volumes }: Facts) {
  const bind = hostPaths.filter(({ via }) => via === 'bind');
  return {
    binds: bind.map(({ path, mode, relabel }) => ({ source: path, rw: mode === 'rw', relabel })),
    volumes: volumes.map(({ name, driver, mode }) => ({ name, driver, rw: mode === 'rw' })),
    shared: hostPaths.some(({ via }) => via === 'propagation'),
  };
}

function shown({ Mounts }: Inspected) {
  return {
    binds: Mounts.filter(({ Type }) => Type === 'bind').map(({ Source, RW, Mode }) => ({
      source: Source,
      rw: RW,
      relabel: Mode.includes('z') ? 'shared' : Mode.includes('Z') ? 'private' : undefined,
    })),
    volumes: Mounts.filter(({ Type }) => Type === 'volume').map(({ Name = '', Driver, RW }) => ({
      // A name the Engine made up is that of an anonymous volume.
      name: /^[0-9a-f]{64}$/.test(Name) && !Name.startsWith('cafe') ? '' : Name,
      driver: Driver,
      rw: RW,
    })),
    shared: Mounts.some(({ Propagation }) => Propagation === 'shared' || Propagation === 'rshared'),
  };
}

describe('an entry of Binds is to the facts what it is to the Engine', () => {
  it.each(BIND_TABLE.map(([text]) => [JSON.stringify(text), text] as const))('%s', async (_, text) => {
    const hostConfig = { Binds: [text] };
    const facts = askHost(hostConfig);
    const got = await engine.tried({ HostConfig: hostConfig });
    if (typeof got === 'string') {
      // The Engine refuses it: to another one it may mean any path.
      expect(facts.hostPaths.some(({ path }) => path === null)).toBe(true);
    } else {
      expect(told(facts)).toEqual(shown(got));
    }
  });

  it('makes a volume of the driver that VolumeDriver names, and no other', async () => {
    const hostConfig = { Binds: ['facts-driver:/h', '/etc:/e'], VolumeDriver: 'local' };
    const got = await engine.tried({ HostConfig: hostConfig });
    if (typeof got === 'string') throw new Error(got);
    expect(told(askHost(hostConfig))).toEqual(shown(got));
    expect(await engine.tried({ HostConfig: { ...hostConfig, VolumeDriver: 'no-such-driver' } })).toMatch(
      /no-such-driver/,
    );
  });
});

describe('what the Engine does beside Binds', () => {
  it('takes a key of Volumes for a path in the container, colons and all: an anonymous volume', async () => {
    const config = { Volumes: { '/etc:/h': {}, '/etc:/h:ro': {}, data: {} } };
    const got = await engine.tried(config);
    if (typeof got === 'string') throw new Error(got);
    expect(shown(got)).toEqual({
      binds: [],
      volumes: Array(3).fill({ name: '', driver: 'local', rw: true }),
      shared: false,
    });
  });
});
