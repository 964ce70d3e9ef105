import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Facts } from '../../../../src/docker/facts/types.ts';
import { askHost } from '../ask.ts';
import { type EngineClient, engineClient, type Inspected } from './engine-client.ts';

let engine: EngineClient;
beforeAll(() => {
  engine = engineClient(inject('engine').socket);
});
afterAll(() => engine.close());

const Target = '/h';
const device = (Options: object) => ({
  Type: 'volume',
  Source: 'facts-driver-options',
  Target,
  VolumeOptions: { DriverConfig: { Options } },
});

/** Mounts that the Engine takes. */
const TAKEN: readonly object[] = [
  { Type: 'bind', Source: '/etc', Target },
  { Type: 'bind', Source: '//etc/../usr/.', Target },
  { Type: 'bind', Source: '/..', Target },
  { Type: 'bind', Source: '/etc', Target, ReadOnly: true },
  { Type: 'bind', Source: '/etc', Target, BindOptions: { Propagation: 'rshared' } },
  { Type: 'bind', Source: '/etc', Target, BindOptions: { Propagation: 'rslave' } },
  { Type: 'bind', Source: '/etc', Target, BindOptions: { NonRecursive: true } },
  { Type: 'volume', Target },
  { Type: 'volume', Source: 'facts-vol', Target },
  { Type: 'volume', Source: 'facts-vol', Target, ReadOnly: true },
  { Type: 'volume', Source: 'facts-vol', Target, VolumeOptions: { NoCopy: true, Labels: { a: 'b' } } },
  { Type: 'volume', Source: 'facts-vol', Target, VolumeOptions: { DriverConfig: { Name: 'local' } } },
  device({ type: 'none', o: 'bind', device: '/etc' }),
  device({ type: '', o: ' rbind,ro', device: 'etc' }),
  device({ type: 'tmpfs', device: 'tmpfs' }),
  { Type: 'tmpfs', Target },
  { Type: 'tmpfs', Target, TmpfsOptions: { SizeBytes: 4096 } },
];

/** Mounts that the Engine refuses, and that may be any path to another one. */
const REFUSED: readonly object[] = [
  { Type: 'bind', Source: 'etc', Target },
  { Type: 'bind', Source: '', Target },
  { Type: 'bind', Source: '\\etc', Target },
  { Type: 'Bind', Source: '/etc', Target },
  { Type: 'BIND', Source: '/etc', Target },
  { Type: ' bind', Source: '/etc', Target },
  { Type: '', Source: '/etc', Target },
  { Source: '/etc', Target },
  { Type: 'npipe', Source: '/etc', Target },
  { Type: 'rootfs', Source: '/etc', Target },
  { Type: 'volume', Source: '/etc', Target },
  { Type: 'volume', Source: './etc', Target },
  { Type: 'volume', Source: '../facts-vol', Target },
];

function told({ hostPaths, volumes, mountTypes }: Facts) {
  return {
    types: mountTypes.map(({ type }) => type),
    binds: hostPaths.filter(({ via }) => via === 'bind').map(({ path, mode }) => [path, mode]),
    volumes: volumes.map(({ name, driver, mode }) => [name, driver, mode]),
    shared: hostPaths.some(({ via }) => via === 'propagation'),
  };
}

function shown({ Mounts }: Inspected) {
  const mode = (writable: boolean) => (writable ? 'rw' : 'ro');
  return {
    types: Mounts.map(({ Type }) => Type),
    binds: Mounts.filter(({ Type }) => Type === 'bind').map(({ Source, RW }) => [Source, mode(RW)]),
    volumes: Mounts.filter(({ Type }) => Type === 'volume').map(({ Name = '', Driver, RW }) => [
      /^[0-9a-f]{64}$/.test(Name) ? '' : Name,
      Driver,
      mode(RW),
    ]),
    shared: Mounts.some(({ Propagation }) => Propagation.endsWith('shared')),
  };
}

const rows = (mounts: readonly object[]) => mounts.map((mount) => [JSON.stringify(mount), mount] as const);

describe('a mount', () => {
  it.each(rows(TAKEN))('is to the facts what it is to the Engine: %s', async (_, mount) => {
    const hostConfig = { Mounts: [mount] };
    const got = await engine.tried({ HostConfig: hostConfig });
    if (typeof got === 'string') throw new Error(got);
    expect(told(askHost(hostConfig))).toEqual(shown(got));
  });

  it.each(rows(REFUSED))('that the Engine refuses may be any path of the host: %s', async (_, mount) => {
    const hostConfig = { Mounts: [mount] };
    expect(await engine.tried({ HostConfig: hostConfig })).toBeTypeOf('string');
    expect(askHost(hostConfig).hostPaths).toContainEqual(
      expect.objectContaining({ path: null, via: 'bind' }),
    );
  });

  it('of a volume with driver options shows the files of the host, an empty type notwithstanding', async () => {
    const mount = device({ type: '', o: 'rbind,ro', device: '/etc' });
    expect(askHost({ Mounts: [mount] }).hostPaths).toEqual([
      {
        field: 'HostConfig.Mounts[0].VolumeOptions.DriverConfig.Options',
        path: null,
        mode: 'rw',
        via: 'driver-option',
      },
    ]);
    const output = await engine.run({ HostConfig: { Mounts: [mount] }, Cmd: ['cat', '/h/hostname'] });
    expect(output).toBe(
      await engine.run({ HostConfig: { Binds: ['/etc:/h'] }, Cmd: ['cat', '/h/hostname'] }),
    );
  });
});
