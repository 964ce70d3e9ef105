import { describe, expect, it } from 'vitest';
import { askHost } from '../ask.ts';

describe('Binds', () => {
  it('E003: a host path is cleaned, and named with its field', () => {
    expect(askHost({ Binds: ['data:/d', '/allowed/../etc:/h'] }).hostPaths).toEqual([
      { field: 'HostConfig.Binds[1]', path: '/etc', mode: 'rw', via: 'bind' },
    ]);
  });

  it.each([
    ['/etc:/h:ro', 'ro', undefined],
    ['/etc:/h:rw,z', 'rw', 'shared'],
    ['/etc:/h:Z', 'rw', 'private'],
    ['/etc:/h:', 'rw', undefined],
  ])('E007: %s is %s', (text, mode, relabel) => {
    expect(askHost({ Binds: [text] }).hostPaths).toEqual([
      { field: 'HostConfig.Binds[0]', path: '/etc', mode, via: 'bind', ...(relabel && { relabel }) },
    ]);
  });

  it.each(['shared', 'rshared'])('%s lets mounts reach the host', (propagation) => {
    expect(askHost({ Binds: [`/etc:/h:ro,${propagation}`] }).hostPaths).toEqual([
      { field: 'HostConfig.Binds[0]', path: '/etc', mode: 'ro', via: 'bind' },
      { field: 'HostConfig.Binds[0]', path: '/etc', mode: 'ro', via: 'propagation' },
    ]);
  });

  it.each(['private', 'rprivate', 'slave', 'rslave'])('%s does not', (propagation) => {
    expect(askHost({ Binds: [`/etc:/h:${propagation}`] }).hostPaths).toHaveLength(1);
  });

  it('that cannot be parsed may be any path, writable', () => {
    expect(askHost({ Binds: ['/etc:/h:ro:x'] })).toMatchObject({
      hostPaths: [{ field: 'HostConfig.Binds[0]', path: null, mode: 'rw', via: 'bind' }],
      mountTypes: [{ field: 'HostConfig.Binds[0]', type: 'bind' }],
      volumes: [],
    });
  });

  it('E009: another source is the name of a volume', () => {
    expect(askHost({ Binds: ['bobv:/h:ro'] })).toMatchObject({
      volumes: [{ field: 'HostConfig.Binds[0]', name: 'bobv', driver: 'local', options: [], mode: 'ro' }],
      mountTypes: [{ field: 'HostConfig.Binds[0]', type: 'volume' }],
      hostPaths: [],
    });
  });

  it('of one part is an anonymous volume', () => {
    expect(askHost({ Binds: ['/data'] }).volumes).toEqual([
      { field: 'HostConfig.Binds[0]', name: '', driver: 'local', options: [], mode: 'rw' },
    ]);
  });

  it.each(['.', '..', './etc', '../etc', '~', '~/x', 'a', '_x', 'x y', 'a/b', '\\etc', 'ab\n'])(
    'that name a volume %j may mean a path',
    (name) => {
      expect(askHost({ Binds: [`${name}:/h:ro`] })).toMatchObject({
        volumes: [{ name }],
        hostPaths: [{ path: null, mode: 'ro', via: 'bind' }],
      });
    },
  );

  it('take the driver of VolumeDriver for volumes', () => {
    const { volumes } = askHost({ Binds: ['ab:/h', '/data', '/etc:/e'], VolumeDriver: 'nfs' });
    expect(volumes.map(({ driver }) => driver)).toEqual(['nfs', 'nfs']);
  });
});
